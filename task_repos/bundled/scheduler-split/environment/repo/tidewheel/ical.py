"""Coming runs as a calendar that other programs can show."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from tidewheel.core import Job, JobState, as_utc, now

_LINE_LIMIT = 75


def calendar(jobs: Iterable[Job], span: timedelta, start: datetime | None = None) -> str:
    """An iCalendar document with an event for each run within a span from `start` (default: now)."""
    begin = as_utc(start) if start else now()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tidewheel//EN"]
    for job in jobs:
        if job.state is JobState.ACTIVE:
            for moment in job.trigger.between(begin, begin + span):
                lines += _event(job, moment, begin)
    lines.append("END:VCALENDAR")
    return "".join(folded + "\r\n" for line in lines for folded in _fold(line))


def _event(job: Job, moment: datetime, stamp: datetime) -> list[str]:
    identity = hashlib.sha256(f"{job.name}@{moment.isoformat()}".encode()).hexdigest()[:16]
    return [
        "BEGIN:VEVENT",
        f"UID:{identity}@tidewheel",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{moment:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(job.name)}",
        f"DESCRIPTION:{_escaped(f'{job.task}, {job.trigger.notation()}')}",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    for mark in "\\;,":
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """Break a line as the format asks: at 75 characters, what follows begins with a blank."""
    yield line[:_LINE_LIMIT]
    rest = line[_LINE_LIMIT:]
    while rest:
        yield " " + rest[: _LINE_LIMIT - 1]
        rest = rest[_LINE_LIMIT - 1 :]
