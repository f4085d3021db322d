"""Whether a difference is small enough not to matter: two one-sided tests at 5 % each."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.metrics.statistics import score

LEVEL = 0.05
FARTHER = 2
"""A task not drawn may differ by two of the smallest steps more than any seen: what has not been seen is what a claim of equality rests on."""


class Equivalence(msgspec.Struct, frozen=True):
    """`margin`: the difference that matters, above 0 and below 1; `p`: the larger of the two tests'; `holds`: p <= 0.05."""

    margin: float
    p: float
    holds: bool


def equivalent(differences: Sequence[float], margin: float) -> Equivalence:
    """Whether the mean of the differences (one per task, -1..1) lies within -margin..margin: two one-sided tests, 5 % each, both must reject.

    Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15:657-680, with the score test of `score.student` for each bound: its
    spread is the hypothesis', so twenty tasks without any difference do not prove what one further task could overturn. Shifted sign-flips
    and Student's test were tried and call unequal sides equal up to 33 times in 100 where the difference sits on few tasks.
    Assumes tasks drawn independently. Raises ValueError for no difference, one outside -1..1, or a margin that is no rate.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin {margin}: expected a rate above 0 and below 1")
    if not differences or not all(-1 <= each <= 1 for each in differences):
        raise ValueError("differences of rates are expected, at least one, from -1 to 1")
    from scipy.special import stdtr  # type: ignore[import-untyped]

    held = score.sample(differences, lambda widest, narrowest: widest + FARTHER * narrowest)
    nearer = min(-score.student(held, margin), score.student(held, -margin))
    p = float(stdtr(max(1, held.size - 1), -nearer))
    return Equivalence(margin, p, p <= LEVEL)
