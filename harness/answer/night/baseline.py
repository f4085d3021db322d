"""What tonight is judged against: one or more runs of the same things as one file, which tells when somebody edited it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from harness.answer.night.departures import departures, mixed
from harness.answer.night.sheets import Sheet, joined
from harness.core.errors import PlanError
from harness.report.cells import BROKEN_BOUND
from harness.report.summary import counted, percent, who

SCHEMA: Final = "longhaul.baseline/1"
LARGEST: Final = 256 << 20
"""Bytes. Ten thousand tasks take about 8 MB; more is another file, and would fill the memory before it could be refused."""
ACCEPTABLE: Final = ("broken", "pending")
"""What may be wrong with a run and its baseline be made all the same."""
_ENCODE = msgspec.json.Encoder(order="deterministic")


class BaselineRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seed`: the plan's, from which the fixed seeds come."""

    run: str
    name: str = ""
    created: str = ""
    seed: int = 0


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"format": "schema"}):
    """`created`: ISO text; `sides`: by model, agent and variant; `digest`: of all the rest, so that an edit is told."""

    format: str
    digest: str
    created: str
    runs: tuple[BaselineRun, ...]
    accepted: tuple[str, ...]
    sides: tuple[Sheet, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(sorted({each.seed for each in self.runs}))


def made(runs: Sequence[BaselineRun], sides: Iterable[Sheet], created: str, accepted: Sequence[str] = ()) -> Baseline:
    """Of settled runs. Raises PlanError, naming the field, for what no night can be judged against.

    `accepted`: "broken" and "pending" let such runs in. Runs that were not made with one and the same are no baseline at all.
    """
    found = _pooled(list(sides))
    if not found:
        raise PlanError("", "RUN", "no trial of a model", "a run with a model in it")
    if len({each.seed for each in runs}) > 1:
        raise PlanError("", "seeds", " and ".join(str(each.seed) for each in runs), "runs of one plan seed")
    for sheet in found:
        _sound(sheet, accepted)
    bare = Baseline(SCHEMA, "", created, tuple(sorted(runs, key=lambda each: (each.created, each.run))), tuple(sorted(accepted)), found)
    return msgspec.structs.replace(bare, digest=digest(bare))


def digest(told: Baseline) -> str:
    """Of everything but itself, however it is laid out in the file."""
    return f"sha256:{hashlib.sha256(_ENCODE.encode(msgspec.structs.replace(told, digest=''))).hexdigest()}"


def encoded(told: Baseline) -> bytes:
    """One JSON object, with a line for each task, so that a version control system can show what changed."""
    return msgspec.json.format(_ENCODE.encode(told), indent=1) + b"\n"


def read(path: Path, *, edited: bool = False) -> Baseline:
    """A baseline's file. Raises PlanError, in one sentence, for what is none, of another format, damaged or (unless `edited`) edited."""
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no plain file" if path.exists() else "no such file"
            raise PlanError(str(path), "--baseline", found, "a file that `longhaul baseline` wrote")
        if path.stat().st_size > LARGEST:
            raise PlanError(str(path), "--baseline", f"{path.stat().st_size:,} bytes", f"a baseline, which has at most {LARGEST:,}")
        data = path.read_bytes()
    except OSError as fault:
        raise PlanError(str(path), "--baseline", fault.strerror or str(fault), "a readable file") from fault
    return decoded(data, str(path), edited=edited)


def decoded(data: bytes, place: str, *, edited: bool = False) -> Baseline:
    """As `read`, of bytes."""
    _of_this_format(data, place)
    try:
        told = msgspec.json.decode(data, type=Baseline)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        what, _, field = str(fault).partition(" - at ")
        raise PlanError(place, field.strip("`").removeprefix("$."), what, f"what {SCHEMA} has there") from fault
    _lawful(told, place)
    if told.digest != digest(told) and not edited:
        raise PlanError(place, "digest", "another content than the digest in it tells", "a file as `longhaul baseline` wrote it, or --accept edited")
    return told


class _Head(msgspec.Struct):
    schema: str = ""


def _of_this_format(data: bytes, place: str) -> None:
    """First, because a file of another format has other fields, and nobody is helped by being told the first of them."""
    if not data.strip():
        raise PlanError(place, "--baseline", "an empty file", "a file that `longhaul baseline` wrote")
    try:
        found = msgspec.json.decode(data, type=_Head).schema
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise PlanError(place, "--baseline", str(fault), f"one JSON object with the schema {SCHEMA}") from fault
    if found != SCHEMA:
        older = found.startswith(SCHEMA.rpartition("/")[0])
        expected = f"{SCHEMA}; make the baseline anew with this longhaul" if older else SCHEMA
        raise PlanError(place, "schema", repr(found) if found else "none", expected)


def _lawful(told: Baseline, place: str) -> None:
    """What types alone don't say; an edited file may have anything."""
    names = [sheet.who for sheet in told.sides]
    rows = (
        (bool(told.runs), "runs", "none", "at least one run"),
        (bool(names), "sides", "none", "at least one side"),
        (set(told.accepted) <= set(ACCEPTABLE), "accepted", repr(told.accepted), f"names among {', '.join(ACCEPTABLE)}"),
        (len(set(names)) == len(names), "sides", "one side twice", "each model, agent and variant once"),
        (all(any(ends.decided for ends in sheet.tasks.values()) for sheet in told.sides), "sides", "a side without a decided trial", "one at least"),
    )
    for holds, field, found, expected in rows:
        if not holds:
            raise PlanError(place, field, found, expected)
    for sheet in told.sides:
        for field, words in (("sampling", [sheet.identity.sampling]), ("limits", sheet.identity.limits.values())):
            _objects([word for each in words for word in each if word], place, f"sides.identity.{field}")


def _objects(texts: Iterable[str], place: str, field: str) -> None:
    """Raises PlanError for a text that is no JSON object, which it must be to be told in words."""
    for text in set(texts):
        try:
            msgspec.json.decode(text, type=dict[str, object])
        except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
            raise PlanError(place, field, repr(text[:60]), "the text of a JSON object") from fault


def _pooled(sides: list[Sheet]) -> tuple[Sheet, ...]:
    """One sheet for each side; runs that were not made with the same things are refused by the first thing that differs."""
    return tuple(_one([each for each in sides if each.who == name]) for name in sorted({each.who for each in sides}))


def _one(parts: list[Sheet]) -> Sheet:
    """The run that tells most comes first: what one that broke or waits does not tell, another does."""
    parts = sorted(parts, key=lambda part: -part.counts.decided)
    whole = parts[0].identity
    for found in mixed(whole):
        raise PlanError("", found.name, f"{found.then} and {found.now} in one run", "a run of one and the same")
    for other in parts[1:]:
        apart = departures(whole, other.identity, other.tasks) or departures(other.identity, whole, parts[0].tasks)
        for found in (*mixed(other.identity), *apart):
            raise PlanError("", found.name, f"{found.then} and {found.now}", "runs of one and the same, or a baseline for each")
        whole = msgspec.structs.replace(whole, tasks=other.identity.tasks | whole.tasks, limits=other.identity.limits | whole.limits)
    return joined([msgspec.structs.replace(part, identity=whole) for part in parts])


def _sound(sheet: Sheet, accepted: Sequence[str]) -> None:
    name = who(sheet.who.agent, sheet.who.model, sheet.who.variant)
    counts = sheet.counts
    rows = (
        (bool(counts.decided), "", f"no trial of {name} was decided", "trials that passed or failed"),
        ("pending" in accepted or not counts.pending, "pending", f"{counted(counts.pending, 'trial')} of {name} pending", "a run that is done, or --accept pending"),
        ("broken" in accepted or sheet.broken <= BROKEN_BOUND, "broken", f"{percent(sheet.broken)} of {name} broken",
         f"at most {percent(BROKEN_BOUND)}, or --accept broken"),
    )  # fmt: skip
    for holds, field, found, expected in rows:
        if not holds:
            raise PlanError("", field or "RUN", found, expected)
