"""How much of what fails under the whole view would also fail under a fresh one: the attributable fraction, and the test that allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.spells import ratio

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

FULL, FRESH = "full", "fresh"
VOID: Final = 0.05
FLIPS: Final = 10_000
TIED: Final = 1e-9


class Point(msgspec.Struct, frozen=True):
    """A place (trial, turn, item) that was replayed. `rolls`: arm -> whether each re-roll failed, in the order rolled.

    `visible`: whether the item was in the view there (None: not known). `weight`: opportunities that it stands for, where points were chosen
    with unequal chances. `selected_on_failure`: it was replayed because it had failed; it is in no attributable fraction.
    """

    task: str
    rolls: Mapping[str, tuple[bool, ...]]
    name: str = ""
    visible: bool | None = None
    weight: float = 1.0
    selected_on_failure: bool = False

    def share(self, arm: str) -> float:
        """Failures among the re-rolls of an arm. Raises ValueError for an arm without any."""
        rolls = self.rolls.get(arm, ())
        if not rolls:
            raise ValueError(f"point {self.name or self.task}: no re-roll under {arm}")
        return sum(rolls) / len(rolls)


class Attribution(msgspec.Struct, frozen=True):
    """`fraction`: of failures under FULL, how many would not come under the other arm (0..1); None where FULL never failed.

    `raw`: the same before it is cut at 0 (below 0: history helps). `per_hundred`: attributable failures per 100 opportunities, uncut.
    `full`, `other`: mean failure rates of both arms.
    """

    fraction: Estimate | None
    raw: Estimate | None
    per_hundred: Estimate
    full: float
    other: float
    points: int
    tasks: int


class Split(msgspec.Struct, frozen=True):
    """FULL against itself: mean failure rate of each point's first half of re-rolls less that of its second, and the p of no difference."""

    difference: float
    p: float
    points: int
    tasks: int

    @property
    def void(self) -> bool:
        """Replays that differ from themselves (a world not restored, a server that warms up) say nothing of context."""
        return self.p < VOID


def attributed(points: Sequence[Point], other: str = FRESH) -> Attribution:
    """AF = sum(p_F - p_B) / sum(p_F) over points chosen before outcomes, each weighing its `weight`; 95 % BCa over tasks, 2,000 resamples.

    Cut at 0 only after averaging: cut point by point, chance alone would attribute a large part of failures. Both arms are re-rolled; the
    outcome of the trial itself is in neither, so a point that failed by bad luck counts with its true rate. Where nothing failed that
    could be resampled, the interval of the rate is Wilson's over tasks. Raises ValueError for no point that was chosen before outcomes, or one
    without re-rolls under both arms.
    """
    import numpy as np

    chosen = [point for point in points if not point.selected_on_failure]
    if not chosen:
        raise ValueError("no point that was chosen before outcomes")
    tasks = clusters.numbered(point.task for point in chosen)
    sums = np.zeros((3, len(tasks)))
    for point in sorted(chosen, key=lambda each: (each.task, each.name)):
        sums[:, tasks[point.task]] += point.weight * np.array([point.share(FULL), point.share(other), 1.0])
    full, rest, weight = (float(each) for each in sums.sum(axis=1))
    raw = clusters.estimate(lambda weights: _fraction(weights @ sums[0], weights @ sums[1]), len(tasks)) if full else None
    per = clusters.estimate(lambda weights: 100 * ratio(weights @ (sums[0] - sums[1]), weights @ sums[2]), len(tasks))
    return Attribution(raw and _cut(raw), raw, per, full / weight, rest / weight, len(chosen), len(tasks))


def split(points: Sequence[Point], arm: str = FULL) -> Split:
    """The A/A test: first against second half of each point's re-rolls under one arm, sign-flip over tasks (two-sided, 10,000 seeded flips).

    Mid-p (Lancaster 1961, JASA 56:223-234): sums of few re-rolls tie often, and a test that counts ties whole would let through more replays
    that differ from themselves than it says.
    The halves are taken by order and not by turns, so that what one re-roll leaves behind for the next shows. An odd last re-roll is left out.
    Raises ValueError for no point with two re-rolls.
    """
    halves: dict[str, list[float]] = {}
    for point in sorted(points, key=lambda each: (each.task, each.name)):
        rolls = point.rolls.get(arm, ())
        half = len(rolls) // 2
        if half:
            halves.setdefault(point.task, []).append((sum(rolls[:half]) - sum(rolls[half : 2 * half])) / half)
    if not halves:
        raise ValueError(f"no point with two re-rolls under {arm}")
    count = sum(map(len, halves.values()))
    # Sums and not means per task: a task with more points says more.
    sums = [sum(each) for _, each in sorted(halves.items())]
    return Split(sum(sums) / count, _mid_p(sums), count, len(halves))


def _mid_p(sums: Sequence[float]) -> float:
    import numpy as np

    signs = np.random.default_rng(clusters.SEED).integers(0, 2, (FLIPS, len(sums))) * 2.0 - 1
    off = np.abs(signs @ np.sort(np.abs(sums))) - abs(sum(sums))
    return float((np.sum(off > TIED) + np.sum(np.abs(off) <= TIED) / 2) / FLIPS)


def _fraction(full: Floats, other: Floats) -> Floats:
    import numpy as np

    found: Floats = np.divide(full - other, full, out=np.full(len(full), np.nan), where=full > 0)
    return found


def _cut(raw: Estimate) -> Estimate:
    return Estimate(max(0.0, raw.value), max(0.0, raw.low), min(1.0, max(0.0, raw.high)), raw.tasks, raw.method)
