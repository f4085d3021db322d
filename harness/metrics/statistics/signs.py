"""Sign-flip permutation test: what a mean of differences per task would come to, had each difference got its sign by a coin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from harness.metrics.statistics.lattice import NEAR, shifted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_240_617
Side = Literal["two", "less", "greater"]

LONGEST = 1_000_000
"""Cells of the table of sums up to which every flip is counted: half a second at the most."""


def sign_flip(differences: Sequence[float], *, shift: float = 0.0, side: Side = "two") -> float:
    """The p value of the hypothesis that the differences (one per task, -1..1) are spread evenly around `shift`: P(flipped sum as far out as seen).

    Exact, every one of the 2^n flips counted, where the differences are counts of trials (fractions) or at most 16; else 10,000 seeded flips,
    p = (1 + hits) / (1 + flips), so never 0 (Phipson and Smyth 2010, SAGMB 9:39). The order of tasks has no effect; zeros stay in the sum,
    where their sign changes nothing. `greater`: p small where the mean is above `shift`. Assumes tasks independent, and under the hypothesis
    each difference as likely as its opposite: exactly so for shift 0 where the two sides are alike on every task; where they are merely equal
    on average, nearly (docs/statistics.md has the figures). Fisher 1935, The Design of Experiments, section 21; Good 2005, Permutation,
    Parametric and Bootstrap Tests of Hypotheses. Raises ValueError for no difference.
    """
    if not differences:
        raise ValueError("no difference")
    steps = shifted(differences, shift, LONGEST // len(differences) // 4)
    if steps is not None:
        return _counted(steps, side)
    values = sorted((each - shift for each in differences), key=abs)
    return _enumerated(values, side) if len(values) <= 16 else _drawn(values, side)


def _counted(steps: list[int], side: Side) -> float:
    """The exact share of flips: the table of P(sum) grows by one task at a time, each going up or down its steps."""
    import numpy as np

    reach, total = sum(map(abs, steps)), sum(steps)
    table = np.zeros(2 * reach + 1)
    table[reach] = 1.0
    for step, times in Counter(map(abs, steps)).items():
        for _ in range(times if step else 0):
            table = (np.roll(table, step) + np.roll(table, -step)) / 2
    sums = np.arange(-reach, reach + 1)
    out = {"two": np.abs(sums) >= abs(total), "less": sums <= total, "greater": sums >= total}[side]
    return min(1.0, float(table[out].sum()))


def _enumerated(values: Sequence[float], side: Side) -> float:
    import numpy as np

    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return float(_out(sums, sum(values), side).mean())


def _drawn(values: Sequence[float], side: Side) -> float:
    import numpy as np

    signs = np.random.default_rng(SEED).integers(0, 2, (RESAMPLES, len(values)), dtype=np.int8) * 2.0 - 1
    hits = int(_out(signs @ np.abs(np.asarray(values)), sum(values), side).sum())
    return (1 + hits) / (1 + RESAMPLES)


def _out(sums: NDArray[np.float64], total: float, side: Side) -> NDArray[np.bool_]:
    """Which sums are as far out as the one seen."""
    if side == "two":
        return abs(sums) >= abs(total) - NEAR
    return sums <= total + NEAR if side == "less" else sums >= total - NEAR
