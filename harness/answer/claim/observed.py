"""What the trials of one side say of a benchmark's rate: which of them count, how many passed, and how doubtful ones bound it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from harness.answer.claim.claims import Claim
from harness.answer.claim.members import belongs
from harness.answer.side import ENDED, Case, Side, Who, ended
from harness.metrics.row import Row
from harness.metrics.statistics.tally import Tally

CASES: tuple[Case, ...] = ("seen", "best", "worst")


class Observed(msgspec.Struct, frozen=True):
    """Trials of one run's model, agent and variant on tasks of a claim's benchmark.

    `tasks` of `all_tasks` (None: unknown) have a trial that counts. `pooled`: every trial counts, which is cautious for the very tasks of the
    benchmark; else the first of each task, because several attempts of a few tasks are not independent. `tallies`: one for each of CASES,
    None where no trial counts.
    """

    side: Side
    tasks: int
    all_tasks: int | None
    attempts: int
    pooled: bool
    tallies: tuple[Tally | None, ...]

    @property
    def who(self) -> Who:
        return self.side.who

    @property
    def runs(self) -> tuple[str, ...]:
        return self.side.runs

    @property
    def seen(self) -> Tally | None:
        return self.tallies[0]

    @property
    def whole(self) -> bool:
        """Whether every task of the benchmark has a trial that counts."""
        return self.all_tasks is not None and self.tasks >= self.all_tasks


def observed(claim: Claim, sides: Iterable[Side]) -> tuple[Observed, ...]:
    """Of each side whose model is the claim's, where it has trials of the benchmark's tasks; those with the most tasks, then trials, first."""
    found = [_of(claim, side) for side in sides if claim.model.runs_as(side.who.model)]
    return tuple(sorted((each for each in found if each is not None), key=_weight))


def _weight(each: Observed) -> tuple[int, int, tuple[int, ...]]:
    """Blind to how the trials ended; of equals the newest run."""
    trials = each.seen.decided if each.seen else 0
    return -each.tasks, -trials, tuple(-ord(letter) for letter in each.runs[0])


def _of(claim: Claim, side: Side) -> Observed | None:
    begun = tuple(row for row in side.rows if row.outcome in ENDED and _own(row, side.runs) and belongs(claim.benchmark, row.task, row.task_source))
    if not begun:
        return None
    attempts = _attempts(begun)
    tasks = len({row.task for row in begun if ended(row, "seen") is not None})
    every = claim.benchmark.tasks if isinstance(claim.benchmark.tasks, int) else None
    pooled = every is not None and len(attempts) == every and len(set(attempts.values())) == 1
    counted = tuple(_tally(begun if pooled else _firsts(begun, case), case) for case in CASES)
    return Observed(Side(side.who, side.runs, begun), tasks, every, max(attempts.values()), pooled, counted)


def _own(row: Row, runs: Sequence[str]) -> bool:
    """Neither a draft nor a fork: what lives through another run's past has not done the task."""
    return not row.outside and (row.parent is None or row.parent.run in runs)


def _attempts(rows: Sequence[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row.task] = found.get(row.task, 0) + 1
    return found


def _firsts(rows: Sequence[Row], case: Case) -> tuple[Row, ...]:
    """Of each task the earliest attempt that counts."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.attempt):
        if ended(row, case) is not None:
            found.setdefault(row.task, row)
    return tuple(found.values())


def _tally(rows: Iterable[Row], case: Case) -> Tally | None:
    ends = [end for row in rows if (end := ended(row, case)) is not None]
    return Tally(sum(ends), len(ends)) if ends else None
