"""What today's judge says of a settled trial beside what was said of it first: pure, from two rows to the fields that differ."""

from __future__ import annotations

from typing import Literal

import msgspec

from harness.metrics.row import Row

FIELDS = ("outcome", "reason", "f2p", "p2p", "score", "flags", "evidence")
"""Of a row, what a judge says; the rest is counted."""


class Change(msgspec.Struct, frozen=True):
    """One field of the verdict, as its JSON value was and is."""

    field: str
    before: object
    now: object


class Judgement(msgspec.Struct, frozen=True):
    """`said`: same, changed, or first where no earlier row is kept (`note` says why). `before` and `now`: the judges, by version and digest."""

    trial: str
    task: str
    agent: str
    model: str
    said: Literal["same", "changed", "first"]
    before: str
    now: str
    outcome: str
    changes: tuple[Change, ...] = ()
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    """Sentences of evidence that were said then and not now, and the other way round: why the verdict is another."""
    note: str = ""


class _Kept(msgspec.Struct, frozen=True):
    """An old row, of which only the verdict is read: its other fields may be another version's."""

    outcome: object = None
    reason: object = None
    f2p: object = None
    p2p: object = None
    score: object = None
    flags: object = None
    evidence: object = None


def judged(row: Row, kept: tuple[str, bytes] | None, judge: str) -> Judgement:
    """`kept`: who said what first, as a row in JSON; `judge`: who says it now."""
    if kept is None:
        return _first(row, judge, "no earlier row is kept")
    try:
        before = msgspec.json.decode(kept[1], type=_Kept)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _first(row, judge, f"the row that {kept[0]} kept can't be read")
    now = msgspec.to_builtins(row)
    changes = tuple(
        Change(field, old, now[field]) for field in FIELDS if _plain(old := getattr(before, field)) != _plain(now[field])
    )  # fmt: skip
    gone, come = _evidence(before.evidence, row.evidence)
    note = "the same judge said it: the kept row or the trace is not what it was" if changes and kept[0] == judge else ""
    return Judgement(
        row.trial, row.task, row.agent, row.model, "changed" if changes else "same", kept[0], judge, row.outcome, changes, gone, come, note
    )


def _first(row: Row, judge: str, note: str) -> Judgement:
    return Judgement(row.trial, row.task, row.agent, row.model, "first", "", judge, row.outcome, note=note)


def _plain(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


def _evidence(before: object, now: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    said = tuple(str(one) for one in before) if isinstance(before, (list, tuple)) else ()
    return tuple(one for one in said if one not in now), tuple(one for one in now if one not in said)
