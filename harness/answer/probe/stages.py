"""Whether stages are as hard late as early where nothing is far back: what fails under a fresh view, by the stage that a point is in; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from harness.metrics.statistics.differences import paired
from harness.metrics.statistics.floors import TASKS

Row: TypeAlias = tuple[str, int, float]
"""Of a point: its task, its stage from 1, and the share of its re-rolls under fresh that failed."""


class Even(msgspec.Struct, frozen=True):
    """Failures under a fresh view in late stages less those in early ones, -1..1, with the 95 % interval over tasks. `points`: of those tasks."""

    estimate: float
    low: float
    high: float
    points: int
    tasks: int

    @property
    def holds(self) -> bool:
        """Nothing speaks against it: the interval covers 0."""
        return self.low <= 0 <= self.high

    @property
    def words(self) -> str:
        told = f"{100 * self.estimate:+.0f} points, {100 * self.low:+.0f} to {100 * self.high:+.0f}"
        if self.holds:
            return f"late less early stages: {told}"
        return f"stages are not exchangeable: late stages are {'harder' if self.estimate > 0 else 'easier'} under a fresh view ({told})"


def even(rows: Iterable[Row]) -> Even | None:
    """By task, points in the later half of its stages and in the earlier; one in the middle is in neither. None under ten tasks that have both."""
    by_task: dict[str, list[tuple[int, float]]] = {}
    for task, stage, share in rows:
        by_task.setdefault(task, []).append((stage, share))
    halves = {task: pair for task, each in by_task.items() if (pair := _halves(each))}
    if len(halves) < TASKS:
        return None
    found = paired([late - early for early, late in halves.values()])
    return Even(found.estimate, found.low, found.high, sum(len(by_task[task]) for task in halves), len(halves))


def _halves(points: Sequence[tuple[int, float]]) -> tuple[float, float] | None:
    middle = (min(stage for stage, _ in points) + max(stage for stage, _ in points)) / 2
    early = [share for stage, share in points if stage < middle]
    late = [share for stage, share in points if stage > middle]
    return (sum(early) / len(early), sum(late) / len(late)) if early and late else None
