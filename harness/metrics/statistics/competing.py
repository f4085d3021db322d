"""Cumulative incidence of each way that a spell can end, where one end forestalls the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.spells import CENSORED, Counts, Spell, counted, ratio

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats


class Incidence(msgspec.Struct, frozen=True):
    """Steps: by `times[i]` a share `ended[i]` of spells has ended by `cause`, 95 % band `low`..`high`. `ends`: spells that did."""

    cause: str
    times: tuple[float, ...]
    ended: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    ends: int


def incidence(spells: Sequence[Spell]) -> tuple[Incidence, ...]:
    """Aalen and Johansen 1978 (Scandinavian Journal of Statistics 5:141-150): one curve for each cause there is, by name.

    A share of 0..1 of all spells; with what has not ended the curves add to 1 at every time. Only spells without a cause are censored, so a
    finish or a crash is an end of its own: 1 - Kaplan-Meier of drift alone would count those who finished as still able to drift and say too
    much. The bands are pointwise over tasks (bootstrap, 2,000 seeded resamples). Raises ValueError as `spells.counted`.
    """
    causes = tuple(sorted({spell.cause for spell in spells} - {CENSORED}))
    found = counted(spells, causes)
    whole = _incidence(found, 1.0 + 0.0 * clusters.draws(len(found.tasks))[:1])
    copies = _incidence(found, clusters.draws(len(found.tasks)))
    times = tuple(map(float, found.times))
    curves = []
    for place, cause in enumerate(causes):
        low, high = clusters.band(copies[:, place])
        ends = sum(spell.cause == cause for spell in spells)
        curves.append(Incidence(cause, times, tuple(map(float, whole[0, place])), tuple(map(float, low)), tuple(map(float, high)), ends))
    return tuple(curves)


def steps(spells: Sequence[Spell], cause: str) -> tuple[tuple[float, float], ...]:
    """(time, share) of `incidence` for one cause where it rises, without the bands, which take a hundred times as long. Raises ValueError as that."""
    causes = tuple(sorted({spell.cause for spell in spells} - {CENSORED}))
    if cause not in causes:
        return ()
    found = counted(spells, causes)
    shares = _incidence(found, 1.0 + 0.0 * clusters.draws(len(found.tasks))[:1])[0, causes.index(cause)]
    rises = found.ends[causes.index(cause)].sum(axis=0) > 0
    return tuple((float(time), float(share)) for time, share in zip(found.times[rises], shares[rises], strict=True))


def _incidence(found: Counts, weights: Floats) -> Floats:
    """Rows of weights x causes x times: what was left just before each time, times the share that ended there."""
    import numpy as np

    watched = weights @ found.watched
    left = np.cumprod(1 - ratio(weights @ found.ends.sum(axis=0), watched), axis=1)
    before = np.hstack([np.ones((len(weights), 1)), left[:, :-1]])
    steps = np.stack([before * ratio(weights @ ends, watched) for ends in found.ends], axis=1)
    return np.cumsum(steps, axis=2)
