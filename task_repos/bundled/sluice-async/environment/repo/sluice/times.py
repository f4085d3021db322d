"""Points in time and spans: all times are aware and in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sluice.errors import ConfigError

_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_time(text: str) -> datetime:
    """Read ``2026-03-01T06:00:00Z``, with or without seconds; a day alone is its midnight."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"not a time: {text!r}") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """``2026-03-01T06:00:00Z``; microseconds only where there are some."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="auto")
    return f"{text}Z"


def from_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def parse_span(text: str) -> timedelta:
    """Read ``1d2h``, ``15m`` or ``2.5s``; nothing else."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ConfigError(f"not a span of time: {text!r}")
    days, hours, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_span(span: timedelta) -> str:
    """The shortest text that :func:`parse_span` reads back, to the second."""
    left = round(span.total_seconds())
    if left < 0:
        raise ConfigError("a span of time is not negative")
    parts = []
    for letter, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def floor_to(moment: datetime, span: timedelta) -> datetime:
    """The last multiple of a span since midnight that is not after ``moment``."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((moment - midnight) // span) * span


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and the first one after it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start + timedelta(days=1)


def steps(start: datetime, end: datetime, span: timedelta) -> list[datetime]:
    """Moments from ``start`` (included) to ``end`` (not included), a span apart."""
    if span <= timedelta(0):
        raise ConfigError("steps need a span above zero")
    found, moment = [], start
    while moment < end:
        found.append(moment)
        moment += span
    return found
