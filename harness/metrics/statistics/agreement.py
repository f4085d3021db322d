"""Two labellers, and a detector against labels: kappa, precision and recall with their bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from harness.metrics.statistics.clusters import Estimate

NORMAL: Final = 1.959964
ACCEPTED: Final = 0.8
"""Kappa from which two labellers are taken to mean the same (Landis and Koch 1977, Biometrics 33:159-174: almost perfect)."""


class Kappa(msgspec.Struct, frozen=True):
    """`kappa`: -1..1 with 95 % bounds, None where both used one label only, the same: nothing is told of telling. `agreed`: share of items."""

    kappa: Estimate | None
    agreed: float
    items: int

    @property
    def accepted(self) -> bool:
        return self.kappa is not None and self.kappa.value >= ACCEPTED


class Scored(msgspec.Struct, frozen=True):
    """Of a detector: `precision` of its findings, `recall` of planted faults; None without any to score."""

    precision: Estimate | None
    recall: Estimate | None
    found: int
    planted: int

    def holds(self, precision: float, recall: float) -> bool:
        """Whether both lower bounds reach these targets."""
        return all(each is not None and each.low >= target for each, target in ((self.precision, precision), (self.recall, recall)))


def kappa(one: Sequence[str], two: Sequence[str]) -> Kappa:
    """Cohen 1960 (Educational and Psychological Measurement 20:37-46): (agreed - by chance) / (1 - by chance) over items labelled by both.

    Interval: Wilson's for the agreed share, carried to kappa with the labellers' own frequencies as given. The usual standard error (Fleiss, Cohen
    and Everitt 1969) is 0 at full agreement, which is where an audit should end up. Assumes items labelled apart and blind. Raises ValueError for
    none, or lists of different length.
    """
    if not one or len(one) != len(two):
        raise ValueError(f"{len(one)} and {len(two)} labels: expected as many, at least one")
    count, same = len(one), sum(a == b for a, b in zip(one, two, strict=True))
    first, second = Counter(one), Counter(two)
    chance = sum(first[label] * second[label] for label in first) / count**2
    if chance >= 1:
        return Kappa(None, same / count, count)
    low, high = _bounds(same / count, count)
    value, low, high = ((share - chance) / (1 - chance) for share in (same / count, low, high))
    return Kappa(Estimate(value, max(-1.0, low), min(1.0, high), count, "Wilson of the agreed share"), same / count, count)


def scored(true: int, false: int, missed: int) -> Scored:
    """From counts of true findings, false ones, and planted faults not found. Wilson bounds: 200 of 200 have a lower one of 0.981.

    With the normal quantile, as the published targets were set. Raises ValueError for a count below 0.
    """
    if min(true, false, missed) < 0:
        raise ValueError(f"{true} true, {false} false, {missed} missed")
    return Scored(_share(true, true + false), _share(true, true + missed), true + false, true + missed)


def _share(hits: int, of: int) -> Estimate | None:
    if not of:
        return None
    low, high = _bounds(hits / of, of)
    return Estimate(hits / of, low, high, of, "Wilson")


def _bounds(share: float, count: int) -> tuple[float, float]:
    """Wilson 1927 with the normal quantile."""
    square = NORMAL**2 / count
    middle = (share + square / 2) / (1 + square)
    half = NORMAL / (1 + square) * (share * (1 - share) / count + square / (4 * count)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
