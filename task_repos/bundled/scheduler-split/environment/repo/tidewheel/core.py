"""The scheduler: clocks, triggers, jobs, tasks, stores and the loop that brings them together.

The module has grown with the project. Everything that users import comes from here.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import logging
import os
import pickle
import re
import traceback
from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

__all__ = [
    "AnyOf",
    "Cron",
    "CronField",
    "Daily",
    "Event",
    "EventBus",
    "Every",
    "Except",
    "Job",
    "JobAdded",
    "JobError",
    "JobMisfired",
    "JobRemoved",
    "JobState",
    "JsonStore",
    "Lease",
    "LeaseError",
    "ManualClock",
    "MemoryStore",
    "Monthly",
    "Once",
    "Outcome",
    "PickleStore",
    "REGISTRY",
    "Retry",
    "Run",
    "RunFinished",
    "RunStarted",
    "SCHEMA_VERSION",
    "SETTINGS",
    "Scheduler",
    "Settings",
    "Store",
    "StoreError",
    "TaskError",
    "TaskRegistry",
    "TidewheelError",
    "Trigger",
    "TriggerError",
    "Weekly",
    "as_utc",
    "configure",
    "decode",
    "default_scheduler",
    "dumps",
    "encode",
    "execute",
    "fail",
    "floor_minute",
    "format_span",
    "loads",
    "log_message",
    "noop",
    "now",
    "open_store",
    "parse_span",
    "prune_runs",
    "reset_default_scheduler",
    "set_clock",
    "task",
]

log = logging.getLogger(__name__)

SCHEMA_VERSION = 3

# --------------------------------------------------------------------------------------------------------------- errors


class TidewheelError(Exception):
    """Whatever goes wrong in this package by its own rules."""


class TriggerError(TidewheelError, ValueError):
    """A trigger that cannot be read or would never fire."""


class JobError(TidewheelError):
    """A job that is unknown, doubled, or in the wrong state for what is asked."""


class TaskError(TidewheelError, LookupError):
    """A reference to a task that leads nowhere."""


class StoreError(TidewheelError):
    """A store that cannot be read or written; names the file."""

    def __init__(self, path: os.PathLike[str] | str, reason: str) -> None:
        super().__init__(f"{os.fspath(path)}: {reason}")
        self.path = Path(path)
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.reason)


class LeaseError(TidewheelError):
    """Another process holds the lease."""


# ------------------------------------------------------------------------------------------------------------- settings


@dataclass
class Settings:
    """Knobs of the running process; `SETTINGS` is the only instance in use."""

    misfire_grace: timedelta = timedelta(minutes=2)
    history: int = 50
    lease_term: timedelta = timedelta(minutes=5)


SETTINGS = Settings()


def configure(**changes: Any) -> Settings:
    """Change settings by name and return them; raises TypeError for a name that is none."""
    known = {each.name for each in fields(Settings)}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise TypeError(f"unknown settings: {', '.join(unknown)}")
    for name, value in changes.items():
        setattr(SETTINGS, name, value)
    return SETTINGS


# ---------------------------------------------------------------------------------------------------------------- clock

Clock = Callable[[], datetime]


def _system_clock() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _system_clock


def now() -> datetime:
    """The present moment in UTC, as the clock in force tells it."""
    return as_utc(_clock())


def set_clock(clock: Clock | None) -> None:
    """Make `clock` tell the time for the whole package; None brings the system's clock back."""
    global _clock
    _clock = clock or _system_clock


def as_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def floor_minute(moment: datetime) -> datetime:
    """The moment with seconds cut off."""
    return moment.replace(second=0, microsecond=0)


class ManualClock:
    """A clock that stands still until it is moved, for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward and return the new moment; raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("a clock does not run backwards")
        self._now += by
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Jump to a later moment."""
        self.advance(as_utc(moment) - self._now)


# ---------------------------------------------------------------------------------------------------------------- spans

_SPAN_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?P<number>\d+)(?P<unit>[wdhms])")


def parse_span(text: str) -> timedelta:
    """Read "1h30m" or "45s"; raises TriggerError for anything else and for nothing at all."""
    compact = text.replace(" ", "")
    pieces = list(_SPAN.finditer(compact))
    if not pieces or "".join(piece[0] for piece in pieces) != compact:
        raise TriggerError(f"{text!r} is not a span such as 1h30m")
    seconds = sum(int(piece["number"]) * _SPAN_UNITS[piece["unit"]] for piece in pieces)
    if seconds == 0:
        raise TriggerError(f"{text!r} is no time at all")
    return timedelta(seconds=seconds)


def format_span(span: timedelta) -> str:
    """Write a span as `parse_span` reads it; fractions of a second are dropped."""
    rest = int(span.total_seconds())
    if rest <= 0:
        return "0s"
    words = []
    for unit, size in _SPAN_UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count}{unit}")
    return "".join(words)


def _legacy_span(value: Any) -> str:
    """The text of a span that schema 1 kept as a number of seconds."""
    return value if isinstance(value, str) else format_span(timedelta(seconds=int(value)))


# ------------------------------------------------------------------------------------------------------------- triggers

_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HORIZON = timedelta(days=366 * 8 + 2)


def _parse_time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise TriggerError(f"{text!r} is not a time of day such as 06:30") from None


def _parse_moment(text: str) -> datetime:
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError:
        raise TriggerError(f"{text!r} is not a moment such as 2026-03-01T06:30") from None


class Trigger(ABC):
    """When a job is due. Triggers are values: they compare by content and never change."""

    @abstractmethod
    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment strictly after `moment`; None when there is none left."""

    @abstractmethod
    def notation(self) -> str:
        """The text that `Trigger.parse` turns into an equal trigger."""

    @staticmethod
    def parse(text: str) -> Trigger:
        """Read a trigger from its notation; raises TriggerError."""
        head, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        if " | " in text:
            return AnyOf(tuple(Trigger.parse(part) for part in text.split(" | ")))
        if " except " in text:
            inner, _, days = text.partition(" except ")
            return Except.from_notation(Trigger.parse(inner), days)
        if head == "once":
            return Once(_parse_moment(rest))
        if head == "every":
            return Every.from_notation(rest)
        if head == "daily":
            return Daily(_parse_time(rest))
        if head == "weekly":
            return Weekly.from_notation(rest)
        if head == "monthly":
            return Monthly.from_notation(rest)
        if head == "cron" or head.startswith("@"):
            return Cron.from_notation(rest if head == "cron" else head)
        raise TriggerError(f"{text!r} is no trigger; it must begin with once, every, daily, weekly, monthly or cron")

    def occurrences(self, start: datetime) -> Iterator[datetime]:
        """Every moment after `start`, in order, as long as the trigger has one."""
        moment = self.next_after(as_utc(start))
        while moment is not None:
            yield moment
            moment = self.next_after(moment)

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The moments after `start` and not after `end`."""
        found = []
        for moment in self.occurrences(start):
            if moment > as_utc(end):
                break
            found.append(moment)
        return found

    def describe(self, count: int = 3) -> str:
        """The notation and the next few moments, for people."""
        coming = ", ".join(f"{moment:%Y-%m-%d %H:%M}" for moment in islice(self.occurrences(now()), count))
        return f"{self.notation()} (next: {coming or 'never'})"

    def __str__(self) -> str:
        return self.notation()


@dataclass(frozen=True)
class Once(Trigger):
    """One moment, then never again."""

    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", as_utc(self.at))

    def next_after(self, moment: datetime) -> datetime | None:
        return self.at if self.at > as_utc(moment) else None

    def notation(self) -> str:
        return f"once {self.at.isoformat()}"


@dataclass(frozen=True)
class Every(Trigger):
    """At a steady pace, counted from an anchor so that a restart does not shift it."""

    span: timedelta
    anchor: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        if self.span <= timedelta(0):
            raise TriggerError("the span of `every` must be longer than nothing")
        object.__setattr__(self, "anchor", as_utc(self.anchor))

    @classmethod
    def from_notation(cls, text: str) -> Every:
        """Read "5m" or "5m from 2026-03-01T00:02"."""
        span, _, anchor = text.partition(" from ")
        return cls(parse_span(span), _parse_moment(anchor)) if anchor else cls(parse_span(span))

    def next_after(self, moment: datetime) -> datetime | None:
        moment = as_utc(moment)
        if moment < self.anchor:
            return self.anchor
        return self.anchor + ((moment - self.anchor) // self.span + 1) * self.span

    def notation(self) -> str:
        text = f"every {format_span(self.span)}"
        return text if self.anchor == Every.anchor else f"{text} from {self.anchor.isoformat()}"


@dataclass(frozen=True)
class Daily(Trigger):
    """Every day at one time (UTC)."""

    at: time

    def next_after(self, moment: datetime) -> datetime | None:
        moment = as_utc(moment)
        today = datetime.combine(moment.date(), self.at, UTC)
        return today if today > moment else today + timedelta(days=1)

    def notation(self) -> str:
        return f"daily {self.at:%H:%M}"


@dataclass(frozen=True)
class Weekly(Trigger):
    """On some days of the week (0 is Monday) at one time."""

    days: tuple[int, ...]
    at: time

    def __post_init__(self) -> None:
        if not self.days or not set(self.days) <= set(range(7)):
            raise TriggerError(f"{self.days} are not days of a week")
        object.__setattr__(self, "days", tuple(sorted(set(self.days))))

    @classmethod
    def from_notation(cls, text: str) -> Weekly:
        """Read "mon,fri 06:30"."""
        names, _, at = text.partition(" ")
        unknown = [name for name in names.split(",") if name not in _DAY_NAMES]
        if unknown:
            raise TriggerError(f"{unknown[0]!r} is not one of {', '.join(_DAY_NAMES)}")
        return cls(tuple(_DAY_NAMES.index(name) for name in names.split(",")), _parse_time(at))

    def next_after(self, moment: datetime) -> datetime | None:
        moment = as_utc(moment)
        for ahead in range(8):
            day = moment.date() + timedelta(days=ahead)
            found = datetime.combine(day, self.at, UTC)
            if day.weekday() in self.days and found > moment:
                return found
        return None

    def notation(self) -> str:
        return f"weekly {','.join(_DAY_NAMES[day] for day in self.days)} {self.at:%H:%M}"


@dataclass(frozen=True)
class Monthly(Trigger):
    """On one day of each month; a day that a month lacks falls on its last one, and 0 always means the last."""

    day: int
    at: time

    def __post_init__(self) -> None:
        if not 0 <= self.day <= 31:
            raise TriggerError(f"{self.day} is not a day of a month")

    @classmethod
    def from_notation(cls, text: str) -> Monthly:
        """Read "15 06:30" or "last 06:30"."""
        day, _, at = text.partition(" ")
        if day != "last" and not day.isdecimal():
            raise TriggerError(f"{day!r} is not a day of a month")
        return cls(0 if day == "last" else int(day), _parse_time(at))

    def _in_month(self, year: int, month: int) -> datetime:
        length = monthrange(year, month)[1]
        return datetime.combine(date(year, month, min(self.day or length, length)), self.at, UTC)

    def next_after(self, moment: datetime) -> datetime | None:
        moment = as_utc(moment)
        found = self._in_month(moment.year, moment.month)
        if found > moment:
            return found
        later = moment.replace(day=1) + timedelta(days=32)
        return self._in_month(later.year, later.month)

    def notation(self) -> str:
        return f"monthly {self.day or 'last'} {self.at:%H:%M}"


@dataclass(frozen=True)
class AnyOf(Trigger):
    """Whenever one of several triggers is due."""

    triggers: tuple[Trigger, ...]

    def __post_init__(self) -> None:
        if not self.triggers:
            raise TriggerError("an empty choice of triggers would never fire")

    def next_after(self, moment: datetime) -> datetime | None:
        return min((found for each in self.triggers if (found := each.next_after(moment))), default=None)

    def notation(self) -> str:
        return " | ".join(each.notation() for each in self.triggers)


@dataclass(frozen=True)
class Except(Trigger):
    """Another trigger, but never on certain dates."""

    inner: Trigger
    days: frozenset[date]

    @classmethod
    def from_notation(cls, inner: Trigger, days: str) -> Except:
        """Read the dates of "daily 06:00 except 2026-12-25,2026-12-26"."""
        try:
            return cls(inner, frozenset(date.fromisoformat(day.strip()) for day in days.split(",")))
        except ValueError as error:
            raise TriggerError(str(error)) from None

    def next_after(self, moment: datetime) -> datetime | None:
        end = as_utc(moment) + HORIZON
        for found in self.inner.occurrences(moment):
            if found > end:
                return None
            if found.date() not in self.days:
                return found
        return None

    def notation(self) -> str:
        return f"{self.inner.notation()} except {','.join(sorted(day.isoformat() for day in self.days))}"


# ----------------------------------------------------------------------------------------------------------------- cron

_CRON_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * sun",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}


@dataclass(frozen=True)
class CronField:
    """One column of a cron line: its text and the numbers it stands for."""

    text: str
    values: frozenset[int]

    @classmethod
    def parse(cls, text: str, low: int, high: int, names: tuple[str, ...] = ()) -> CronField:
        """Read "*/5", "1-5", "mon-fri" or "0,30"; `names` stand for `low` and up. Raises TriggerError."""
        values: set[int] = set()
        for part in text.lower().split(","):
            body, _, step = part.partition("/")
            if step and not (step.isdecimal() and int(step)):
                raise TriggerError(f"{step!r} is not a step in {text!r}")
            first, last = cls._ends(body, low, high, names, open_ended=bool(step))
            values.update(range(first, last + 1, int(step or 1)))
        return cls(text, frozenset(values))

    @staticmethod
    def _ends(body: str, low: int, high: int, names: tuple[str, ...], *, open_ended: bool) -> tuple[int, int]:
        if body == "*":
            return low, high
        start, dash, end = body.partition("-")
        first = CronField._number(start, low, high, names)
        if dash:
            last = CronField._number(end, low, high, names)
        else:
            last = high if open_ended else first
        if last < first:
            raise TriggerError(f"{body!r} runs backwards")
        return first, last

    @staticmethod
    def _number(word: str, low: int, high: int, names: tuple[str, ...]) -> int:
        number = names.index(word) + low if word in names else int(word) if word.isdecimal() else -1
        if not low <= number <= high:
            raise TriggerError(f"{word!r} is not between {low} and {high}")
        return number

    @property
    def is_any(self) -> bool:
        """Whether the column leaves the choice open."""
        return self.text.startswith("*")


@dataclass(frozen=True)
class Cron(Trigger):
    """A line of cron: minute, hour, day of month, month, day of week (0 and 7 are Sunday)."""

    minute: CronField
    hour: CronField
    day: CronField
    month: CronField
    weekday: CronField

    @classmethod
    def from_notation(cls, text: str) -> Cron:
        """Read five columns or a macro such as @daily."""
        if text.startswith("@") and text not in _CRON_MACROS:
            raise TriggerError(f"{text!r} is not one of {', '.join(_CRON_MACROS)}")
        columns = _CRON_MACROS.get(text, text).split()
        if len(columns) != 5:
            raise TriggerError(f"{text!r} has {len(columns)} columns, cron has 5")
        sunday_first = ("sun", *_DAY_NAMES[:6])
        return cls(
            CronField.parse(columns[0], 0, 59),
            CronField.parse(columns[1], 0, 23),
            CronField.parse(columns[2], 1, 31),
            CronField.parse(columns[3], 1, 12, _MONTH_NAMES),
            CronField.parse(columns[4], 0, 7, sunday_first),
        )

    def _day_matches(self, day: date) -> bool:
        in_month = day.day in self.day.values
        in_week = bool({day.isoweekday(), day.isoweekday() % 7} & self.weekday.values)
        if self.day.is_any or self.weekday.is_any:
            return in_month and in_week
        return in_month or in_week

    def next_after(self, moment: datetime) -> datetime | None:
        found = floor_minute(as_utc(moment)) + timedelta(minutes=1)
        end = found + HORIZON
        while found < end:
            if found.month not in self.month.values or not self._day_matches(found.date()):
                found = found.replace(hour=0, minute=0) + timedelta(days=1)
            elif found.hour not in self.hour.values:
                found = found.replace(minute=0) + timedelta(hours=1)
            elif found.minute not in self.minute.values:
                found += timedelta(minutes=1)
            else:
                return found
        return None

    def notation(self) -> str:
        return f"cron {' '.join(each.text for each in (self.minute, self.hour, self.day, self.month, self.weekday))}"


# ---------------------------------------------------------------------------------------------------------------- retry


@dataclass(frozen=True)
class Retry:
    """How often a failed run is tried again, and how long to wait before."""

    attempts: int = 1
    delay: timedelta = timedelta(seconds=10)
    factor: float = 2.0
    ceiling: timedelta = timedelta(hours=1)

    _NOTATION: ClassVar[re.Pattern[str]] = re.compile(r"(?P<attempts>\d+)x( (?P<delay>\w+)( \*(?P<factor>[\d.]+))?)?")

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.factor < 1.0:
            raise JobError("a job is tried at least once, and its delays do not shrink")

    @classmethod
    def parse(cls, text: str) -> Retry:
        """Read "3x", "3x 10s" or "3x 10s *1.5"; raises JobError."""
        match = cls._NOTATION.fullmatch(text.strip())
        if match is None:
            raise JobError(f"{text!r} is not a retry such as 3x 10s *2")
        given: dict[str, Any] = {"attempts": int(match["attempts"])}
        if match["delay"]:
            given["delay"] = parse_span(match["delay"])
        if match["factor"]:
            given["factor"] = float(match["factor"])
        return cls(**given)

    def delay_before(self, attempt: int) -> timedelta | None:
        """How long to wait before try number `attempt` (from 2); None when it is one too many."""
        if not 2 <= attempt <= self.attempts:
            return None
        return min(self.delay * self.factor ** (attempt - 2), self.ceiling)

    def __str__(self) -> str:
        return f"{self.attempts}x {format_span(self.delay)} *{self.factor:g}"


# ----------------------------------------------------------------------------------------------------------------- jobs


class _ByValue(Enum):
    """Pickled as a class and a value; some releases of Python go through `getattr`, which a state file must not name."""

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.value,)


class JobState(_ByValue):
    """What the scheduler does with a job."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class Outcome(_ByValue):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISFIRED = "misfired"


@dataclass(frozen=True)
class Run:
    """One try of one job: when it was due, when it ran, what came of it."""

    job: str
    due: datetime
    started: datetime
    finished: datetime
    outcome: Outcome
    attempt: int = 1
    message: str = ""

    @property
    def lateness(self) -> timedelta:
        """How long after its due moment the run began."""
        return self.started - self.due

    @property
    def duration(self) -> timedelta:
        """How long the run took."""
        return self.finished - self.started


@dataclass
class Job:
    """A task, when to run it, and what became of it so far."""

    name: str
    task: str
    trigger: Trigger
    arguments: dict[str, Any] = field(default_factory=dict)
    retry: Retry = field(default_factory=Retry)
    tags: tuple[str, ...] = ()
    state: JobState = JobState.ACTIVE
    next_due: datetime | None = None
    attempt: int = 1
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.-]+", self.name):
            raise JobError(f"{self.name!r} is not a name: letters, digits, dot, dash and underscore only")
        self.tags = tuple(self.tags)

    def schedule(self, moment: datetime) -> datetime | None:
        """Set the next due moment after `moment`; a job without one is finished."""
        self.attempt = 1
        self.next_due = self.trigger.next_after(moment)
        if self.next_due is None:
            self.state = JobState.FINISHED
        return self.next_due

    def is_due(self, moment: datetime) -> bool:
        """Whether the job should run at `moment`."""
        return self.state is JobState.ACTIVE and self.next_due is not None and self.next_due <= moment

    def record(self, run: Run) -> None:
        """Keep a run, and only as many as the settings say."""
        self.runs.append(run)
        del self.runs[: -SETTINGS.history or None]

    def reschedule(self, run: Run) -> None:
        """Set the next due moment after a run: a retry if one is left, else the next of the trigger."""
        delay = self.retry.delay_before(run.attempt + 1) if run.outcome is Outcome.FAILED else None
        if delay is None:
            self.schedule(run.finished)
        else:
            self.attempt = run.attempt + 1
            self.next_due = run.finished + delay

    @property
    def last_run(self) -> Run | None:
        """The newest run."""
        return self.runs[-1] if self.runs else None

    def clone(self, **changes: Any) -> Job:
        """An independent copy, with other fields on demand."""
        return replace(copy.deepcopy(self), **changes)

    def to_dict(self) -> dict[str, Any]:
        """The job as plain data, as stores keep it."""
        return encode(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Job:
        """The opposite of `to_dict`; raises JobError when the data is of something else."""
        found = decode(data)
        if not isinstance(found, Job):
            raise JobError(f"{type(found).__name__} is not a job")
        return found

    def submit(self) -> Job:
        """Hand the job to the default scheduler."""
        return default_scheduler().add(self)


# ---------------------------------------------------------------------------------------------------------------- codec


def encode(value: Any) -> Any:
    """A value of this package as data for JSON; raises TypeError for what has no plain form.

    Objects become {"!": "<module>.<class>", ...fields}.
    """
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [encode(each) for each in items]
    if isinstance(value, dict):
        if not all(isinstance(key, str) and key != "!" for key in value):
            raise TypeError("keys must be texts other than '!'")
        return {key: encode(each) for key, each in value.items()}
    if isinstance(value, timedelta):
        return {"!": "span", "seconds": value.total_seconds()}
    for kind, tag in ((datetime, "moment"), (date, "date"), (time, "time")):
        if isinstance(value, kind):
            return {"!": tag, "iso": value.isoformat()}
    tag = f"{type(value).__module__}.{type(value).__qualname__}"
    if tag not in _types():
        raise TypeError(f"{tag} has no plain form")
    if isinstance(value, Enum):
        return {"!": tag, "value": value.value}
    return {"!": tag, **{each.name: encode(getattr(value, each.name)) for each in fields(value)}}


def decode(data: Any) -> Any:
    """The opposite of `encode`; lists stay lists unless a field asks for more. Raises ValueError."""
    if isinstance(data, list):
        return [decode(each) for each in data]
    if not isinstance(data, dict):
        return data
    if "!" not in data:
        return {key: decode(each) for key, each in data.items()}
    rest = {key: decode(each) for key, each in data.items() if key != "!"}
    return _decode_tagged(data["!"], rest)


def _decode_tagged(tag: str, rest: dict[str, Any]) -> Any:
    if tag == "span":
        return timedelta(seconds=rest["seconds"])
    for kind, name in ((datetime, "moment"), (date, "date"), (time, "time")):
        if tag == name:
            return kind.fromisoformat(rest["iso"])
    cls = _types().get(tag)
    if cls is None:
        raise ValueError(f"unknown type {tag!r}")
    if issubclass(cls, Enum):
        return cls(rest["value"])
    containers = {each.name: str(each.type) for each in fields(cls)}
    for name, value in rest.items():
        if isinstance(value, list) and containers.get(name, "").startswith(("tuple", "frozenset")):
            rest[name] = (tuple if containers[name].startswith("tuple") else frozenset)(value)
    return cls(**rest)


def _types() -> dict[str, type]:
    classes = (Once, Every, Daily, Weekly, Monthly, AnyOf, Except, CronField, Cron, Retry, JobState, Outcome, Run, Job)
    return {f"{cls.__module__}.{cls.__qualname__}": cls for cls in classes}


def dumps(jobs: Iterable[Job]) -> str:
    """Jobs as the text of a state file of the present schema."""
    return json.dumps({"schema": SCHEMA_VERSION, "jobs": [encode(job) for job in jobs]}, indent=1) + "\n"


def loads(text: str) -> list[Job]:
    """Jobs from the text of a state file of any schema; raises ValueError."""
    state = json.loads(text)
    if not isinstance(state, dict) or not isinstance(state.get("schema"), int):
        raise ValueError("this is no state file")
    return [Job.from_dict(each) for each in _migrated(state)["jobs"]]


def _migrated(state: dict[str, Any]) -> dict[str, Any]:
    """The state lifted to the present schema, one migration at a time."""
    if state["schema"] > SCHEMA_VERSION:
        raise ValueError(f"schema {state['schema']} is newer than this program ({SCHEMA_VERSION})")
    while state["schema"] < SCHEMA_VERSION:
        step = importlib.import_module(f"tidewheel.migrations.m{state['schema']:04d}")
        log.info("migrating state from schema %d", state["schema"])
        state = {**step.migrate(state), "schema": state["schema"] + 1}
    return state


# ---------------------------------------------------------------------------------------------------------------- tasks

Task = Callable[..., Any]


class TaskRegistry:
    """Tasks by reference, "package.module:name"."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def register(self, function: Task) -> Task:
        """Make a function a task under its own module and name; a second one of the same name is refused."""
        reference = self.reference(function)
        if self._tasks.setdefault(reference, function) is not function:
            raise TaskError(f"{reference} is registered already")
        return function

    @staticmethod
    def reference(function: Task) -> str:
        """The text by which jobs name a function."""
        return f"{function.__module__}:{function.__qualname__}"

    def resolve(self, reference: str) -> Task:
        """The task of a reference, its module imported if need be; raises TaskError."""
        if reference not in self._tasks:
            self._import(reference)
        try:
            return self._tasks[reference]
        except KeyError:
            raise TaskError(f"{reference!r} is not a registered task") from None

    @staticmethod
    def _import(reference: str) -> None:
        module, colon, name = reference.partition(":")
        if not (module and colon and name):
            raise TaskError(f"{reference!r} is not of the form package.module:name")
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise TaskError(f"{reference!r}: {error}") from error

    def names(self) -> list[str]:
        """All references, sorted."""
        return sorted(self._tasks)


REGISTRY = TaskRegistry()


def task(function: Task) -> Task:
    """Decorator: register a function as a task."""
    return REGISTRY.register(function)


@task
def noop() -> None:
    """Do nothing, successfully."""


@task
def log_message(text: str, level: str = "info") -> str:
    """Write a line to the log."""
    log.log(logging.getLevelNamesMapping()[level.upper()], "%s", text)
    return text


@task
def fail(reason: str = "asked to fail") -> None:
    """Fail, for trying out retries and alarms."""
    raise JobError(reason)


@task
def prune_runs(keep: int = 10) -> int:
    """Forget all but the newest runs of each job of the default scheduler; returns how many went."""
    gone = 0
    for job in default_scheduler().jobs():
        surplus = max(0, len(job.runs) - keep)
        del job.runs[:surplus]
        gone += surplus
    return gone


# --------------------------------------------------------------------------------------------------------------- events


@dataclass(frozen=True)
class Event:
    """Something that happened to a job."""

    job: str
    at: datetime

    @property
    def kind(self) -> str:
        """The name of the event in words, e.g. "run finished"."""
        return re.sub(r"(?<!^)([A-Z])", r" \1", type(self).__name__).lower()


@dataclass(frozen=True)
class JobAdded(Event):
    """A job came in."""

    next_due: datetime | None = None


@dataclass(frozen=True)
class JobRemoved(Event):
    """A job went."""


@dataclass(frozen=True)
class RunStarted(Event):
    """A task is about to be called."""

    attempt: int = 1


@dataclass(frozen=True)
class RunFinished(Event):
    """A task returned or raised."""

    run: Run | None = None


@dataclass(frozen=True)
class JobMisfired(Event):
    """A job was found so late that its run was left out."""

    late: timedelta = timedelta(0)


Listener = Callable[[Event], None]


class EventBus:
    """Hands events to listeners, in the order in which they came. A listener that raises does not stop the others."""

    def __init__(self) -> None:
        self._listeners: list[tuple[type[Event], Listener]] = []

    def subscribe(self, listener: Listener, kind: type[Event] = Event) -> Callable[[], None]:
        """Call `listener` for events of `kind` and its subclasses; returns a function that ends it."""
        entry = (kind, listener)
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry) if entry in self._listeners else None

    def publish(self, event: Event) -> None:
        """Tell everybody who asked."""
        for kind, listener in tuple(self._listeners):
            if isinstance(event, kind):
                self._tell(listener, event)

    @staticmethod
    def _tell(listener: Listener, event: Event) -> None:
        try:
            listener(event)
        except Exception:
            log.exception("a listener failed on %s of %s", event.kind, event.job)


# --------------------------------------------------------------------------------------------------------------- stores


class Store(ABC):
    """Where jobs live between two runs of the program."""

    @abstractmethod
    def load(self) -> list[Job]:
        """All jobs; an empty list when nothing was saved yet. Raises StoreError."""

    @abstractmethod
    def save(self, jobs: Iterable[Job]) -> None:
        """Replace what is stored. Raises StoreError."""


class MemoryStore(Store):
    """A store that forgets with the process; keeps copies, as a file would."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self._jobs = [job.clone() for job in jobs]

    def load(self) -> list[Job]:
        return [job.clone() for job in self._jobs]

    def save(self, jobs: Iterable[Job]) -> None:
        self._jobs = [job.clone() for job in jobs]


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise StoreError(path, str(error)) from error


class JsonStore(Store):
    """A text file that people can read and older schemas can be lifted from."""

    def __init__(self, path: os.PathLike[str] | str) -> None:
        self.path = Path(path)

    def load(self) -> list[Job]:
        if not self.path.exists():
            return []
        try:
            return loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError, TidewheelError) as error:
            raise StoreError(self.path, str(error)) from error

    def save(self, jobs: Iterable[Job]) -> None:
        _write_whole(self.path, dumps(jobs).encode())


class _StateUnpickler(pickle.Unpickler):
    """Loads classes of this module and of the standard library's dates, and nothing that could run code."""

    _DATES = ("datetime", "date", "time", "timedelta", "timezone")

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and isinstance(globals().get(name), type):
            return globals()[name]
        if module == "datetime" and name in self._DATES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a state file")


class PickleStore(Store):
    """A binary file: quicker than JSON, and able to hold arguments that JSON cannot."""

    def __init__(self, path: os.PathLike[str] | str) -> None:
        self.path = Path(path)

    def load(self) -> list[Job]:
        if not self.path.exists():
            return []
        try:
            return list(_StateUnpickler(io.BytesIO(self.path.read_bytes())).load())
        except (OSError, pickle.UnpicklingError, AttributeError, EOFError, TypeError) as error:
            raise StoreError(self.path, str(error)) from error

    def save(self, jobs: Iterable[Job]) -> None:
        _write_whole(self.path, pickle.dumps(list(jobs), protocol=4))


def open_store(location: str) -> Store:
    """A store by its location: "memory:", "json:PATH", "pickle:PATH", or a path that ends in .json or .pickle."""
    kind, colon, path = location.partition(":")
    if not colon:
        kind, path = Path(location).suffix.lstrip("."), location
    if kind == "memory":
        return MemoryStore()
    if kind in ("json", "pickle") and path:
        return JsonStore(path) if kind == "json" else PickleStore(path)
    raise StoreError(location, "is neither memory:, json:PATH nor pickle:PATH")


# --------------------------------------------------------------------------------------------------------------- leases


class Lease:
    """A file that says who may run the jobs of a store; an old lease can be taken over."""

    def __init__(self, path: os.PathLike[str] | str, owner: str) -> None:
        self.path = Path(path)
        self.owner = owner

    def holder(self) -> tuple[str, datetime] | None:
        """Who holds the lease and until when; None when it is free or cannot be read."""
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            return state["owner"], as_utc(datetime.fromisoformat(state["until"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def acquire(self) -> datetime:
        """Take or renew the lease and return when it ends; raises LeaseError while another one's holds."""
        held = self.holder()
        if held is not None and held[0] != self.owner and held[1] > now():
            raise LeaseError(f"{held[0]} holds {self.path} until {held[1]:%H:%M:%S}")
        until = now() + SETTINGS.lease_term
        _write_whole(self.path, json.dumps({"owner": self.owner, "until": until.isoformat()}).encode())
        return until

    def release(self) -> None:
        """Give the lease back, if it is ours."""
        held = self.holder()
        if held is not None and held[0] == self.owner:
            self.path.unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Hold the lease for the length of a block."""
        self.acquire()
        try:
            yield self
        finally:
            self.release()


# ------------------------------------------------------------------------------------------------------------ execution


def execute(job: Job, registry: TaskRegistry | None = None) -> Run:
    """Call the job's task now and tell what came of it; never raises for what the task does."""
    due = job.next_due or now()
    started = now()
    try:
        result = (registry or REGISTRY).resolve(job.task)(**job.arguments)
    except Exception as error:
        log.warning("job %s failed: %s", job.name, error)
        log.debug("%s", traceback.format_exc())
        outcome, message = Outcome.FAILED, f"{type(error).__name__}: {error}"
    else:
        outcome, message = Outcome.SUCCEEDED, "" if result is None else str(result)
    return Run(job.name, due, started, now(), outcome, job.attempt, message)


# ------------------------------------------------------------------------------------------------------------ scheduler


class Scheduler:
    """Holds jobs, runs those that are due, and saves after each change."""

    def __init__(self, store: Store | None = None, registry: TaskRegistry | None = None) -> None:
        self.store = store or MemoryStore()
        self.registry = registry or REGISTRY
        self.events = EventBus()
        self._jobs = {job.name: job for job in self.store.load()}

    def jobs(self, tag: str | None = None) -> list[Job]:
        """The jobs by name, all or those with a tag."""
        return [job for _, job in sorted(self._jobs.items()) if tag is None or tag in job.tags]

    def get(self, name: str) -> Job:
        """One job; raises JobError when there is none of that name."""
        try:
            return self._jobs[name]
        except KeyError:
            raise JobError(f"there is no job {name!r}") from None

    def add(self, job: Job, *, replace_existing: bool = False) -> Job:
        """Take a job in and schedule it; raises JobError for a name in use."""
        if job.name in self._jobs and not replace_existing:
            raise JobError(f"there is a job {job.name!r} already")
        if job.next_due is None and job.state is JobState.ACTIVE:
            job.schedule(now())
        self._jobs[job.name] = job
        self._changed(JobAdded(job.name, now(), job.next_due))
        return job

    def remove(self, name: str) -> Job:
        """Take a job out."""
        job = self.get(name)
        del self._jobs[name]
        self._changed(JobRemoved(name, now()))
        return job

    def pause(self, name: str) -> None:
        """Keep a job from running until it is resumed."""
        job = self.get(name)
        if job.state is JobState.FINISHED:
            raise JobError(f"{name!r} has finished")
        job.state = JobState.PAUSED
        self.store.save(self._jobs.values())

    def resume(self, name: str) -> None:
        """Let a paused job run again, from the next moment of its trigger."""
        job = self.get(name)
        if job.state is not JobState.PAUSED:
            raise JobError(f"{name!r} is not paused")
        job.state = JobState.ACTIVE
        job.schedule(now())
        self.store.save(self._jobs.values())

    def due(self) -> list[Job]:
        """The jobs to run now, the longest overdue first."""
        moment = now()
        return sorted((job for job in self._jobs.values() if job.is_due(moment)), key=lambda job: (job.next_due, job.name))

    def next_due(self) -> datetime | None:
        """When the next job is due; None when none is."""
        moments = (job.next_due for job in self._jobs.values() if job.state is JobState.ACTIVE)
        return min((each for each in moments if each is not None), default=None)

    def run_due(self) -> list[Run]:
        """Run every job that is due, once, and return what came of it."""
        return [self._misfire(job) if self._is_too_late(job) else self.run(job.name) for job in self.due()]

    def run(self, name: str) -> Run:
        """Run one job now, due or not."""
        job = self.get(name)
        self.events.publish(RunStarted(name, now(), job.attempt))
        run = execute(job, self.registry)
        self._settle(job, run)
        self._changed(RunFinished(name, run.finished, run))
        return run

    def run_until(self, end: datetime, clock: ManualClock) -> list[Run]:
        """Drive a manual clock from one due moment to the next, up to `end`."""
        runs: list[Run] = []
        while (moment := self.next_due()) is not None and moment <= as_utc(end):
            clock.move_to(max(moment, clock()))
            runs.extend(self.run_due())
        clock.move_to(max(as_utc(end), clock()))
        return runs

    def _is_too_late(self, job: Job) -> bool:
        return job.next_due is not None and now() - job.next_due > SETTINGS.misfire_grace

    def _misfire(self, job: Job) -> Run:
        moment = now()
        due = job.next_due or moment
        run = Run(job.name, due, moment, moment, Outcome.MISFIRED, job.attempt, f"{format_span(moment - due)} late")
        self._settle(job, run)
        self._changed(JobMisfired(job.name, moment, moment - due))
        return run

    @staticmethod
    def _settle(job: Job, run: Run) -> None:
        job.record(run)
        job.reschedule(run)

    def _changed(self, event: Event) -> None:
        self.store.save(self._jobs.values())
        log.debug("%s: %s", event.kind, event.job)
        self.events.publish(event)


_default: Scheduler | None = None


def default_scheduler() -> Scheduler:
    """The scheduler of this process, made when first asked for."""
    global _default
    if _default is None:
        _default = Scheduler()
    return _default


def reset_default_scheduler(scheduler: Scheduler | None = None) -> None:
    """Put another scheduler in the default's place; None makes a fresh one when next asked for."""
    global _default
    _default = scheduler
