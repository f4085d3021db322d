"""A side of a night as figures alone: who, what it was run with, and how often each task ended in which way; what a baseline keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Final

import msgspec

from harness.answer.side import Case, Identity, Side, Who, identity
from harness.metrics.row import Row
from harness.metrics.statistics.tally import Tally
from harness.report.summary import ASKS_NONE, Counts

FRESH: Final = "fresh seeds"
"""As `plan.FRESH`: the variant whose seeds were drawn when the run began. A plan is not this room's to read."""
LOST: Final = ("broken", "invalid", "pending")
"""Trials that tell nothing of the model, as fields of `Ends`."""
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Ends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trials of one task, each in one of these. Disputed and suspicious ones were judged failed."""

    passed: Count = 0
    failed: Count = 0
    broken: Count = 0
    disputed: Count = 0
    suspicious: Count = 0
    invalid: Count = 0
    pending: Count = 0

    @property
    def decided(self) -> int:
        return self.passed + self.failed + self.disputed + self.suspicious

    @property
    def mixed(self) -> bool:
        """Both outcomes: the task is flaky under this model."""
        return 0 < self.passed < self.decided

    @property
    def planned(self) -> int:
        return sum(getattr(self, name) for name in self.__struct_fields__)

    @property
    def outcomes(self) -> Counts:
        return Counts(self.planned, self.passed, self.decided - self.passed, self.broken, self.invalid, self.pending)

    def tally(self, case: Case = "seen", lost: Sequence[str] = LOST) -> Tally | None:
        """Passed of those that count; None where none does. `lost`: what counts as passed at best and as failed at worst beside doubted trials."""
        more = sum(getattr(self, name) for name in lost) if case != "seen" else 0
        passed = self.passed + (more + self.disputed + self.suspicious if case == "best" else 0)
        return Tally(passed, self.decided + more) if self.decided + more else None

    def __add__(self, other: Ends) -> Ends:
        return Ends(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tasks`: every planned task, in plan order, drafts left out; `nights`: runs that decided anything of it."""

    who: Who
    identity: Identity
    tasks: dict[str, Ends]
    nights: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1

    @property
    def control(self) -> bool:
        """Seeds were drawn anew for it."""
        return self.who.variant == FRESH

    @property
    def counts(self) -> Ends:
        """Of all tasks."""
        return sum(self.tasks.values(), start=Ends())

    @property
    def begun(self) -> bool:
        return bool(self.identity.harness)

    @property
    def broken(self) -> float:
        """Share of broken trials among those that ended, 0..1; 0 where none did."""
        told = self.counts
        ended = told.broken + told.decided
        return told.broken / ended if ended else 0.0

    def missing(self, tasks: Iterable[str], kinds: Sequence[str] = LOST[1:]) -> float:
        """Share of the trials planned for these tasks that never came to an end, 0..1; 0 where none was planned."""
        told = [self.tasks[task] for task in tasks if task in self.tasks]
        planned = sum(ends.planned for ends in told)
        return sum(getattr(ends, kind) for ends in told for kind in kinds) / planned if planned else 0.0

    def tallies(self, case: Case = "seen", lost: Sequence[str] = LOST) -> dict[str, Tally]:
        """Task -> tally, for the tasks that have a trial to count; `lost` as above."""
        found = {task: ends.tally(case, lost) for task, ends in self.tasks.items()}
        return {task: tally for task, tally in found.items() if tally is not None}


def sheet(side: Side) -> Sheet:
    """Of one side, as its rows are judged today. A task that became a draft is none of the side's any more, in its identity neither."""
    rows = [row for row in side.rows if not row.outside]
    return Sheet(side.who, identity(rows), ended(rows))


def sheets(held: Iterable[Side]) -> tuple[Sheet, ...]:
    """Of the sides that ask a model; an oracle is no candidate."""
    return tuple(sheet(side) for side in held if side.who.model != ASKS_NONE)


def ended(rows: Sequence[Row]) -> dict[str, Ends]:
    """Task -> how its trials ended, in the order of the rows."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(row.task, {})
        kind = row.reason if row.reason in ("disputed", "suspicious") and row.outcome == "failed" else row.outcome
        counts[kind] = counts.get(kind, 0) + 1
    return {task: Ends(**counts) for task, counts in found.items()}


def joined(parts: Sequence[Sheet]) -> Sheet:
    """Sheets of one `Who` and one identity as one. Raises ValueError for none, or for several."""
    (who,), (its,) = {part.who for part in parts}, _distinct(parts)
    tasks: dict[str, Ends] = {}
    for part in parts:
        tasks |= {task: tasks.get(task, Ends()) + ends for task, ends in part.tasks.items()}
    return Sheet(who, its, tasks, max(1, sum(part.nights for part in parts if part.counts.decided)))


def _distinct(parts: Iterable[Sheet]) -> list[Identity]:
    found: list[Identity] = []
    for part in parts:
        if part.identity not in found:
            found.append(part.identity)
    return found
