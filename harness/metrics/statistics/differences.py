"""The mean difference between two sides over the tasks that both have, with its interval and its test."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.metrics.statistics import score
from harness.metrics.statistics.intervals import CONFIDENCE
from harness.metrics.statistics.signs import sign_flip

FARTHER = 1.25
"""A task not drawn may differ by a quarter more than any seen; chosen by simulation, as docs/statistics.md tells."""
HAIR = 1e-6
"""How far from 0 a bound is put that the test has moved off it."""


class Difference(msgspec.Struct, frozen=True):
    """`estimate`: mean over tasks of a - b, -1..1; `low`, `high`: 95 %; `p`: two-sided sign-flip test of no difference; `method` in words.

    0 lies within low..high exactly where p >= 0.05.
    """

    estimate: float
    low: float
    high: float
    p: float
    tasks: int
    method: str


def paired(differences: Sequence[float]) -> Difference:
    """From one difference of shares (a - b, -1..1) per task, each task weighing the same; attempts are averaged within their task before.

    The interval inverts the score test of `score.student`; the p is the sign-flip test's, exact where the sides are alike. Where the two
    disagree about 0 the test is right, and the bound is moved to its side of 0. Not the shifted sign-flip test inverted, nor Student's
    interval: where two sides differ on few tasks both hold the truth as seldom as 67 times in 100 (docs/statistics.md).
    Assumes tasks drawn independently from one population; their order has no effect. Raises ValueError for no task, or a figure outside -1..1.
    """
    _lawful(differences)
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    p = sign_flip(differences)
    held = score.sample(differences, lambda widest, _: FARTHER * widest)
    quantile = float(stdtrit(max(1, held.size - 1), 0.5 + CONFIDENCE / 2))
    low, high = _agreeing(held.mean, score.bounds(held, quantile), certain=p < 1 - CONFIDENCE)
    return Difference(held.mean, low, high, p, held.size, "score, empirical likelihood over tasks")


def _agreeing(estimate: float, found: tuple[float, float], *, certain: bool) -> tuple[float, float]:
    """The interval on the test's side of 0."""
    low, high = found
    if not certain:
        return min(low, 0.0), max(high, 0.0)
    return (max(low, HAIR), high) if estimate > 0 else (low, min(high, -HAIR))


def _lawful(differences: Sequence[float]) -> None:
    if not differences:
        raise ValueError("no difference")
    if not all(-1 <= each <= 1 for each in differences):
        raise ValueError("a difference of rates is expected from -1 to 1")
