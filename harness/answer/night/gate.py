"""The whole answer of a gate, of which terminal, JSON, JUnit and job summary are made, so that none of them can say another word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

import msgspec

from harness.answer.night.baseline import Baseline, digest
from harness.answer.night.departures import NAMES, Departure
from harness.answer.night.gating import CODES, Word
from harness.answer.night.judging import Judged, Pair, Terms, departed, judged, pairs, redrawn, word_of
from harness.answer.night.sheets import Sheet, sheet
from harness.answer.side import Who, sides
from harness.core.errors import PlanError
from harness.metrics.row import Row
from harness.report.summary import ASKS_NONE, counted, who

SCHEMA: Final = "longhaul.gate/1"
MOST: Final = 3
"""Departures told in one sentence."""


class Against(msgspec.Struct, frozen=True):
    """The baseline: its file, and what it says of itself."""

    path: str
    digest: str
    created: str
    runs: tuple[str, ...]
    accepted: tuple[str, ...] = ()


class Accepted(msgspec.Struct, frozen=True):
    """A departure that the user named."""

    who: Who
    name: str
    then: str
    now: str
    tasks: tuple[str, ...]


class Gate(msgspec.Struct, frozen=True):
    """`code`: the exit code. `told`: what a reader should know of the whole; `sides`: every side of the baseline, controls after what they control."""

    run: str
    name: str
    created: str
    word: Word
    code: int
    max_drop: float
    strict: bool
    baseline: Against
    sides: tuple[Judged, ...]
    accepted: tuple[Accepted, ...]
    told: tuple[str, ...]


class Tonight(msgspec.Struct, frozen=True):
    """The run that is judged; `seed`: the plan's; `plan`: the plan's own name, which --run may have replaced in `name`."""

    run: str
    name: str
    created: str
    seed: int
    rows: tuple[Row, ...]
    plan: str = ""


def gate(night: Tonight, baseline: Baseline, path: str, terms: Terms) -> Gate:
    """Raises PlanError for the first thing tonight was not run with and that nobody accepted."""
    terms = msgspec.structs.replace(terms, seeds=(baseline.seeds, (night.seed,)))
    held = _held(night, baseline)
    apart = departed(held, terms)
    _refuse([found for _, found in apart if found.name not in terms.accepted], path)
    held = tuple(_weighed(pair, apart, terms) for pair in held)
    found = tuple(sorted(judged(held, terms), key=lambda side: (side.who.model, side.who.agent, side.control, side.who.variant)))
    word = word_of(found)
    about = Against(path, baseline.digest, baseline.created, tuple(each.run for each in baseline.runs), baseline.accepted)
    accepted = tuple(Accepted(name, each.name, each.then, each.now, each.tasks) for name, each in apart)
    told = tuple(_told(night, baseline, held, accepted, waived="pending" in terms.accepted))
    return Gate(night.run, night.name, night.created, word, CODES[word], terms.max_drop, terms.strict, about, found, accepted, told)


def document(told: Gate) -> bytes:
    """One versioned JSON object; docs/json.md describes it."""
    return msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **msgspec.structs.asdict(told)}), indent=2)


def headline(told: Gate) -> str:
    """The word, and of what it is said, in one line."""
    judged_by = PurePath(told.baseline.path).name
    return f"{told.word}: {told.name or told.run} against {judged_by}, a drop of {100 * told.max_drop:g} points matters{', strict' if told.strict else ''}"


def _held(night: Tonight, baseline: Baseline) -> tuple[Pair, ...]:
    found = {side.who: side for side in sides((night.run, row) for row in night.rows)}
    now: dict[Who, tuple[Sheet, tuple[Row, ...]]] = {name: (sheet(side), side.rows) for name, side in found.items() if name.model != ASKS_NONE}
    return pairs(baseline.sides, now)


def _weighed(pair: Pair, apart: Sequence[tuple[Who, Departure]], terms: Terms) -> Pair:
    """As the accepted names ask. Another plan seed is told of one side and touches all."""
    names = [each.name for name, each in apart if name == pair.then.who or each.name == "seeds"]
    waived = tuple(kind for kind in pair.counted if kind != "pending" or kind not in terms.accepted)
    return msgspec.structs.replace(redrawn(pair, names), counted=waived)


def _refuse(apart: Sequence[Departure], path: str) -> None:
    if not apart:
        return
    first = apart[0]
    others = sorted({each.name for each in apart[1:]} - {first.name}, key=NAMES.index)
    more = f"; {', '.join(others)} {'differs' if len(others) == 1 else 'differ'}, too" if others else ""
    accept = " ".join(f"--accept {name}" for name in (first.name, *others))
    which = f"{first.sentence.partition(':')[0]}" if first.tasks else first.name
    raise PlanError(path, which, f"{first.now} tonight{more}", f"{first.then} as in the baseline, or {accept}")


def _told(night: Tonight, baseline: Baseline, held: Sequence[Pair], accepted: Sequence[Accepted], *, waived: bool) -> Iterator[str]:
    runs = [each.run for each in baseline.runs]
    if night.run in runs:
        yield "this run is part of the baseline: it is held against itself, and says nothing of any change"
    if accepted:
        names = dict.fromkeys(each.name for each in accepted)
        yield f"accepted although not as in the baseline: {', '.join(names)}"
    if any(pair.nights > 1 for pair in held):
        yield f"the baseline's {len(runs)} runs had the same fixed seeds: what changed draws anew, so they count as one night and not as {len(runs)}"
    if waived and any(pair.now and pair.now.counts.pending for pair in held):
        yield "accepted although trials are pending: the word is said of those that ran"
    if digest(baseline) != baseline.digest:
        yield "the baseline was edited by hand since it was made, which was accepted"
    if baseline.accepted:
        yield f"the baseline was accepted although {', '.join(baseline.accepted)}"
    known = {pair.then.who for pair in held}
    yield from _strangers({row_who for row in night.rows if (row_who := Who(row.model, row.agent, row.variant)).model != ASKS_NONE} - known)
    if not any(pair.then.control for pair in held):
        yield "the baseline has no control: `fresh` in a plan adds attempts with seeds drawn anew"


def _strangers(names: set[Who]) -> Iterator[str]:
    if names:
        told = ", ".join(who(each.agent, each.model, each.variant) for each in sorted(names))
        yield f"not in the baseline, so not judged: {counted(len(names), 'side')} ({told})"
