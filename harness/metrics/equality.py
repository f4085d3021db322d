"""When two runs are equal: the same rows and events once clock values, durations, readings of the machine, and ids of containers, runs and tries are removed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from harness.core.blob import Blob
from harness.core.events import Event, GradeRan, SandboxOpened, SlotWaited, Trace
from harness.metrics.row import Row
from harness.metrics.tries import latest, of

ROW = ("seconds", "clock_s", "tries", "origin", "parent")
"""What a row may have its own of. A trial that was cut has one try more; the row says so, and the work is the same."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "TrialStarted": ("key.run", "number", "parent"),
    "SandboxOpened": ("facts.container",),
    "ModelFailed": ("wait_s",),
    "ModelReplied": ("timing",),
    "ToolReturned": ("seconds",),
    "GradeRan": ("seconds", "results.*.seconds"),
    "ResourcesSeen": tuple(f"resources.{name}" for name in ("memory_peak", "throttled_s", "host_load", "gpu")),
}
"""Kind of event -> the fields removed, as dotted paths; `*` is every element of a list. That a place at a model was waited for is no event here."""

WORDS: tuple[tuple[str, str], ...] = (
    (r"\bin \d+(\.\d+)?s( \(\d+:\d\d:\d\d\))?", "in <duration>"),
    (r"\b(time|duration)=\"\d+(\.\d+)?\"", r'\1="<duration>"'),
    (r"\b(timestamp|hostname)=\"[^\"]*\"", r'\1="<when or where>"'),
    (r"\bat 0x[0-9a-f]+", "at <address>"),
)
"""What test runners write of clocks, hosts and memory into their output: patterns, and what stands there instead. Only in output and logs, never in a patch."""

_OUTPUTS = ("ToolReturned", "GradeRan", "ModelReplied", "ModelFailed")
_BLOBS = ("blob", "log", "body", "bytes")


class Side(msgspec.Struct, frozen=True):
    """One run: rows in plan order, each trial's trace by short id, and how its blobs are read."""

    rows: tuple[Row, ...]
    traces: Mapping[str, Trace]
    read: Callable[[Blob], bytes]


def differences(left: Side, right: Side) -> tuple[str, ...]:
    """One sentence for each place where the runs part, both values in it; () for equal runs.

    Compared is each trial's latest try: what was cut off before it stands in the record and in `tries`. Raises what `read` raises.
    """
    found = list(_parted("rows", [row.trial for row in left.rows], [row.trial for row in right.rows]))
    others = {row.trial: row for row in right.rows}
    for row in left.rows:
        if row.trial in others:
            found += _parted(f"{row.trial} row", plain_row(row), plain_row(others[row.trial]))
            found += _lives(row.trial, plain_events(left.traces[row.trial], left.read), plain_events(right.traces[row.trial], right.read))
    return tuple(found)


def plain_row(row: Row) -> dict[str, Any]:
    """The row as plain values, without what two equal runs may have their own of."""
    plain: dict[str, Any] = _without(msgspec.to_builtins(row), ROW)
    return plain


def plain_events(trace: Trace, read: Callable[[Blob], bytes]) -> tuple[dict[str, Any], ...]:
    """The latest try's events as plain values, in order and without numbers. Blobs become digests of their words without clocks."""
    now = latest(trace)
    ids = tuple(event.facts.container for event in of(now, SandboxOpened))
    drawn = frozenset((event.mode, event.step) for event in of(now, GradeRan) if event.canary)
    return tuple(_without_draw(_plain(entry.event, ids, read), drawn) for entry in now if not isinstance(entry.event, SlotWaited))


def _without_draw(said: dict[str, Any], drawn: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """A must-pass and a must-fail test are drawn anew for each grading, and so are the values of a twin run.

    What became of the pair is compared, not its names; the runner's words, in which both stand all over, are left out.
    """
    if said["type"] != "GradeRan" or (said["mode"], said.get("step", "")) not in drawn:
        return said
    pair = said.get("canary") or ()
    became = {each["id"]: each["status"] for each in said["results"]}
    results = [each for each in said["results"] if each["id"] not in pair]
    return _without(said, ("log",)) | {"canary": [became.get(name) for name in pair], "results": results}  # type: ignore[no-any-return]


def _plain(event: Event, ids: tuple[str, ...], read: Callable[[Blob], bytes]) -> dict[str, Any]:
    kind = type(event).__name__
    said: dict[str, Any] = _without(msgspec.to_builtins(event), EVENTS.get(kind, ()))
    if kind in _OUTPUTS or (kind == "PartAdded" and said["origin"] == "tool"):
        for name in _BLOBS:
            blob = getattr(event, name, None)
            if isinstance(blob, Blob):
                said[name] = hashlib.sha256(timeless(read(blob), ids)).hexdigest()
        if said.get("blob"):  # the words themselves are compared; their number follows from them but for the clocks in them
            said = _without(said, ("shown", "total"))
        for part in (said, said.get("content")):
            _soften(part, ids)
    return said


def _soften(part: object, ids: tuple[str, ...]) -> None:
    for name in ("text", "detail"):
        if isinstance(part, dict) and isinstance(part.get(name), str):
            part[name] = timeless(part[name].encode("utf-8", "surrogatepass"), ids).decode("utf-8", "surrogatepass")


def timeless(output: bytes, containers: tuple[str, ...] = ()) -> bytes:
    """Output without the words of WORDS and without the ids (long and short) of these containers."""
    for ident in containers:
        for name in (ident, ident[:12]):
            output = output.replace(name.encode(), b"<container>") if name else output
    for pattern, instead in WORDS:
        output = re.sub(pattern.encode(), instead.encode(), output)
    return output


def _without(value: Any, paths: tuple[str, ...]) -> Any:
    for path in paths:
        _drop(value, path.split("."))
    return value


def _drop(value: Any, path: list[str]) -> None:
    first, rest = path[0], path[1:]
    if first == "*":
        for each in value:
            _drop(each, rest)
    elif isinstance(value, dict) and not rest:
        value.pop(first, None)
    elif isinstance(value, dict) and value.get(first) is not None:
        _drop(value[first], rest)


def _lives(trial: str, left: tuple[dict[str, Any], ...], right: tuple[dict[str, Any], ...]) -> Iterator[str]:
    yield from _parted(f"{trial} events", [event["type"] for event in left], [event["type"] for event in right])
    for number, (one, other) in enumerate(zip(left, right, strict=False), 1):
        if one["type"] == other["type"]:
            yield from _parted(f"{trial} event {number} {one['type']}", one, other)


def _parted(place: str, left: Any, right: Any) -> Iterator[str]:
    """Where two plain values part, as deep as they have the same shape."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from _parted(f"{place}.{name}", left.get(name), right.get(name))
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple) and left and right and list(left) != list(right):
        first = next((index for index, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right)))
        yield from _parted(f"{place}[{first}]", *(side[first] if first < len(side) else "nothing" for side in (left, right)))
    elif left != right:
        yield f"{place}: {_short(left)} | {_short(right)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:197]}..."
