"""The registry of published figures: a dated TOML file, checked table by table, so that a wrong line is one sentence and never a wrong word."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib import resources
from typing import Final, TypeVar

import msgspec

from harness.answer.claim.claims import UNKNOWN, Benchmark, Claim, Entry, Model, Protocol, Source
from harness.answer.claim.members import rolls
from harness.core.errors import PlanError, unread

OWN: Final = "claims.toml"
FORMAT: Final = 1
LARGEST: Final = {"tasks": 100_000, "trials": 1_000}
"""What is counted one by one must come to an end."""
Rule = tuple[bool, str, object, str]
"""What must hold, of which field, what was found, what was expected."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claims file as it is written."""

    format: int
    date: str
    source: tuple[Source, ...] = ()
    protocol: tuple[Protocol, ...] = ()
    model: tuple[Model, ...] = ()
    benchmark: tuple[Benchmark, ...] = ()
    claim: tuple[Entry, ...] = ()


class Registry(msgspec.Struct, frozen=True):
    """`date`: of the file; `claims` in its order."""

    date: str
    claims: tuple[Claim, ...]


def own() -> Registry:
    """The registry of this package."""
    return resolved(_own(), _own(), OWN)


def read(data: bytes, name: str) -> Registry:
    """A user's file, called `name`; it may name models, benchmarks, sources and protocols of the package's own. Raises PlanError."""
    return resolved(decoded(data, name), _own(), name)


def _own() -> File:
    return decoded(resources.files("harness.answer.claim").joinpath(OWN).read_bytes(), OWN)


def decoded(data: bytes, name: str) -> File:
    """Of the right shape. Raises PlanError naming file, field, found and expected."""
    try:
        tables = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as fault:  # a number of thousands of digits is a plain ValueError
        raise PlanError(name, "", unread(fault), "TOML in UTF-8") from fault
    try:
        return msgspec.convert(tables, File)
    except msgspec.ValidationError as fault:
        what, _, place = str(fault).partition(" - at ")
        field = place.strip("`").removeprefix("$").removeprefix(".")
        wanted = re.fullmatch(r"Expected `(.*)`, got `(.*)`", what)
        raise PlanError(name, field, *((wanted[2], wanted[1]) if wanted else (what, "the keys and values of docs/claims.md"))) from fault


def resolved(file: File, beside: File, name: str) -> Registry:
    """Every value lawful and every name known, those of `beside` too. Raises PlanError for the first that is not."""
    for holds, field, found, expected in (*_head(file), *_tables(file), *_entries(file.claim)):
        if not holds:
            raise PlanError(name, field, found, expected)
    known = _Known(*({**_by(getattr(beside, room)), **_by(getattr(file, room))} for room in ("model", "benchmark", "source", "protocol")))
    return Registry(file.date, tuple(known.claim(entry, name) for entry in file.claim))


class _Known(msgspec.Struct, frozen=True):
    model: Mapping[str, Model]
    benchmark: Mapping[str, Benchmark]
    source: Mapping[str, Source]
    protocol: Mapping[str, Protocol]

    def claim(self, entry: Entry, name: str) -> Claim:
        rooms = {room: getattr(self, room) for room in self.__struct_fields__}
        for room, tables in rooms.items():
            if (word := getattr(entry, room)) not in tables:
                raise PlanError(name, f"claim {entry.id!r}: {room}", repr(word), f"the name of a [[{room}]] table")
        claim = Claim(entry, *(rooms[room][getattr(entry, room)] for room in ("model", "benchmark", "source", "protocol")))
        told, tasks = entry.tasks, claim.benchmark.tasks
        if isinstance(told, int) and isinstance(tasks, int) and told > tasks:
            raise PlanError(name, f"claim {entry.id!r}: tasks", told, f"at most the {tasks} tasks of {claim.benchmark.name}")
        return claim


Named = TypeVar("Named", Model, Benchmark, Source, Protocol)


def _by(tables: Iterable[Named]) -> dict[str, Named]:
    return {_name(table): table for table in tables}


def _name(table: Model | Benchmark | Source | Protocol | Entry) -> str:
    return table.name if isinstance(table, Model) else table.id


def _head(file: File) -> Iterator[Rule]:
    yield file.format == FORMAT, "format", file.format, str(FORMAT)
    yield _day(file.date), "date", repr(file.date), "a day such as 2026-11-21"
    for room in ("source", "protocol", "model", "benchmark", "claim"):
        names = Counter(map(_name, getattr(file, room)))
        for word, times in names.items():
            yield times == 1, room, f"{word!r} {times} times", "each name once"
            yield bool(word.strip()) and word.isprintable(), room, repr(word), "a name"


def _tables(file: File) -> Iterator[Rule]:
    for each in file.source:
        place = f"source {each.id!r}: "
        yield bool(re.match(r"https?://\S+$", each.url)), place + "url", repr(each.url), "an address that begins with http:// or https://"
        yield _day(each.date) or each.date == UNKNOWN, place + "date", repr(each.date), 'a day such as 2026-11-21, or "unknown"'
        yield _day(each.seen.date), place + "seen.date", repr(each.seen.date), "a day such as 2026-11-21"
    for model in file.model:
        yield _pattern(model.match), f"model {model.name!r}: match", repr(model.match), "a regular expression"
    for suite in file.benchmark:
        yield from _suite(suite)
    for protocol in file.protocol:
        yield from _protocol(protocol)


def _suite(suite: Benchmark) -> Iterator[Rule]:
    place = f"benchmark {suite.id!r}: "
    yield _count(suite.tasks, "tasks"), place + "tasks", suite.tasks, _counts("tasks")
    yield not suite.pattern or _pattern(suite.pattern), place + "pattern", repr(suite.pattern), "a regular expression"
    known = sum(map(bool, (suite.members, suite.named, suite.pattern)))
    yield not suite.sources or known == 1, place + "members", f"{known} of members, named and pattern", "one of them, for a benchmark whose tasks can be brought here"
    yield not suite.members or suite.members in rolls(), place + "members", repr(suite.members), " or ".join(rolls())
    yield bool(suite.sources) != bool(suite.lacking), place + "lacking", repr(suite.lacking), "words exactly where `sources` is empty"


def _protocol(protocol: Protocol) -> Iterator[Rule]:
    place = f"protocol {protocol.id!r}: "
    for name in ("agent", "grader", "user", "thinking", "quantisation"):
        yield bool(getattr(protocol, name).strip()), place + name, "nothing", f'words, or "{UNKNOWN}"'
    yield bool(protocol.window) and (isinstance(protocol.window, str) or protocol.window > 0), place + "window", protocol.window, "tokens above 0, or words"
    values = protocol.sampling.values() if isinstance(protocol.sampling, dict) else ()
    yield bool(protocol.sampling) and all(map(math.isfinite, values)), place + "sampling", protocol.sampling, f'finite numbers, or "{UNKNOWN}"'


def _entries(entries: Iterable[Entry]) -> Iterator[Rule]:
    for entry in entries:
        place = f"claim {entry.id!r}: "
        yield bool(re.fullmatch(r"[a-z0-9][a-z0-9.^@-]*", entry.id)), place + "id", repr(entry.id), "small letters, digits, dots and hyphens"
        lawful = re.fullmatch(r"\d{1,3}(\.\d{1,20})?", entry.value, re.ASCII) is not None and float(entry.value) <= 100
        yield lawful, place + "value", repr(entry.value), 'a percentage from 0 to 100 as it was published, such as "86.4"'
        yield 1 <= entry.k <= LARGEST["trials"], place + "k", entry.k, f"1 to {LARGEST['trials']:,}"
        for name in ("tasks", "trials"):
            yield _count(getattr(entry, name), name), place + name, getattr(entry, name), _counts(name)
        enough = entry.trials == UNKNOWN or entry.k <= entry.trials
        yield enough, place + "k", f"{entry.k} of {entry.trials} trials", "at most the trials of a task"
        for name in ("line", "domain"):
            yield bool(getattr(entry, name).strip()), place + name, "nothing", f'words, or "{UNKNOWN}"'


def _count(value: int | str, what: str) -> bool:
    return value == UNKNOWN if isinstance(value, str) else 1 <= value <= LARGEST[what]


def _counts(what: str) -> str:
    return f'1 to {LARGEST[what]:,}, or "{UNKNOWN}"'


def _day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _pattern(text: str) -> bool:
    try:
        return bool(text) and re.compile(text) is not None
    except (re.error, RecursionError, OverflowError):
        return False
