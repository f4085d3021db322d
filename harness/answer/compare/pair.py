"""Two sides on the tasks that both met: the pairs that every figure of a comparison is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from harness.answer.compare.figures import TaskPair, TrialMark
from harness.answer.side import Case, Identity, Side, doubtful, ended, pooled
from harness.metrics.row import Row
from harness.metrics.statistics.tally import Tally

Doubt = Literal["seen", "best", "worst"]
CASES: Mapping[Doubt, tuple[Case, Case]] = {"seen": ("seen", "seen"), "best": ("best", "worst"), "worst": ("worst", "best")}
"""How doubtful trials of A and of B count: the two ends of what the difference may have been, not of what each rate may have been."""


class Pair(msgspec.Struct, frozen=True):
    """Both sides cut down to the `common` tasks, in the order of the plan of the earlier run; drafts are outside.

    `alone_a`, `alone_b`: tasks that only one side was given. `drafts`: common tasks that nobody has accepted.
    `marks_a`, `marks_b`: the trials of each task, in the order of runs and plan. `made_a`, `made_b`: what these were run with.
    """

    a: Side
    b: Side
    common: tuple[str, ...]
    alone_a: tuple[str, ...]
    alone_b: tuple[str, ...]
    drafts: tuple[str, ...]
    marks_a: dict[str, tuple[TrialMark, ...]]
    marks_b: dict[str, tuple[TrialMark, ...]]
    made_a: Identity
    made_b: Identity

    def differences(self, doubt: Doubt = "seen") -> tuple[float, ...]:
        """A's share minus B's for each task that is decided on both sides."""
        one, other = self._tallies(doubt)
        return tuple(one[task].share - other[task].share for task in self.common if task in one and task in other)

    def _tallies(self, doubt: Doubt) -> tuple[dict[str, Tally], dict[str, Tally]]:
        first, second = CASES[doubt]
        return self.a.tallies(first), self.b.tallies(second)

    def tasks(self) -> tuple[TaskPair, ...]:
        """Those that are decided on both sides, with all their trials."""
        one, other = self._tallies("seen")
        both = [task for task in self.common if task in one and task in other]
        return tuple(TaskPair(task, one[task], other[task], self.marks_a[task], self.marks_b[task]) for task in both)

    @property
    def met(self) -> frozenset[str]:
        """Common tasks with an end on both sides, a broken one too: what a side spent elsewhere is beside nothing of the other's."""
        one, other = (side.tallies("best") for side in (self.a, self.b))
        return frozenset(one) & frozenset(other)

    @property
    def doubtful(self) -> tuple[int, int]:
        """Trials of A and of B that are broken, disputed or suspicious."""
        return sum(map(doubtful, self.a.rows)), sum(map(doubtful, self.b.rows))

    def first_attempts(self, doubt: Doubt = "seen") -> tuple[tuple[bool, bool], ...]:
        """Whether A's and B's first attempt at each task passed, in the order of the plan, up to the first that has not ended on both sides.

        No further: what ends early is not like what takes long, so that tasks taken as they end would not be a fair sample at every look.
        A first attempt that broke, or whose task is invalid, counts as `doubt` says, and where that says nothing the task is passed over.
        """
        one, other = _firsts(self.a), _firsts(self.b)
        case_a, case_b = CASES[doubt]
        found: list[tuple[bool, bool]] = []
        for task in self.common:
            if "pending" in (one[task].outcome, other[task].outcome):
                break
            first, second = ended(one[task], case_a), ended(other[task], case_b)
            if first is not None and second is not None:
                found.append((first, second))
        return tuple(found)


def pair(a: Sequence[Side], b: Sequence[Side]) -> Pair:
    """Of one side in each of its runs and another one in its own; runs are taken in the order of their ids, which is that of time."""
    first, second = _by_run(a), _by_run(b)
    one, other = pooled(first), pooled(second)
    places, others = _places(one), _places(other)
    drafts = {row.task for side in (one, other) for row in side.rows if row.draft}
    order = places if one.runs <= other.runs else others
    shared = [task for task in order if task in places and task in others]
    kept = frozenset(shared) - drafts
    a_side, b_side = _only(one, kept), _only(other, kept)
    return Pair(
        a_side, b_side, tuple(task for task in shared if task in kept),
        tuple(task for task in places if task not in others), tuple(task for task in others if task not in places),
        tuple(task for task in shared if task in drafts), _marks(first), _marks(second),
        a_side.identity, b_side.identity,
    )  # fmt: skip


def _by_run(sides: Sequence[Side]) -> list[Side]:
    return sorted(sides, key=lambda side: side.runs)


def _places(side: Side) -> dict[str, None]:
    """Its tasks in plan order."""
    return dict.fromkeys(row.task for row in side.rows)


def _only(side: Side, tasks: frozenset[str]) -> Side:
    return msgspec.structs.replace(side, rows=tuple(row for row in side.rows if row.task in tasks))


def _firsts(side: Side) -> dict[str, Row]:
    """Each task's first trial: what a later run repeats is no new task."""
    found: dict[str, Row] = {}
    for row in side.rows:
        found.setdefault(row.task, row)
    return found


def _marks(sides: Sequence[Side]) -> dict[str, tuple[TrialMark, ...]]:
    found: dict[str, list[TrialMark]] = {}
    for side in sides:
        for row in side.rows:
            found.setdefault(row.task, []).append(TrialMark(side.runs[0], row.trial, row.outcome, row.reason))
    return {task: tuple(marks) for task, marks in found.items()}
