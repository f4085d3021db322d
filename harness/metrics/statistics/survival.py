"""Survival of an item until its first drift: Kaplan-Meier with a band over tasks, mean time kept, median, hazard, and two models compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.differences import Difference
from harness.metrics.statistics.intervals import wilson
from harness.metrics.statistics.signs import sign_flip
from harness.metrics.statistics.spells import DRIFT, Counts, Spell, counted, longest, ratio

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

HAIR: Final = 1e-6
FEW_PAIRS: Final = 6
"""Fewer common tasks cannot show a difference by flips of signs: 2 / 2^5 is more than 5 %."""


class Curve(msgspec.Struct, frozen=True):
    """Steps: from `times[i]` on, a share `kept[i]` of items has not drifted, 95 % band `low`..`high`; `watched[i]` just before that time.

    `drifts`, `censored`: spells that ended so; `until`: the last time watched, beyond which the curve says nothing.
    """

    times: tuple[float, ...]
    kept: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    watched: tuple[int, ...]
    spells: int
    drifts: int
    censored: int
    tasks: int
    until: float


class Hazard(msgspec.Struct, frozen=True):
    """Between two times: drifts, time watched (spells x clock), and drifts per so much of the clock, None where nothing was watched."""

    start: float
    end: float
    drifts: int
    watched: float
    rate: Estimate | None


def survival(spells: Sequence[Spell], cause: str = DRIFT) -> Curve:
    """Kaplan and Meier 1958 (JASA 53:457-481) of the first `cause`; every other end censors.

    The band is pointwise over tasks (bootstrap, 2,000 seeded resamples; where nobody or all of a task alike leaves no spread, Wilson's bound
    for as many trials as there are tasks). Assumes that what ends the watching tells nothing of the drift that would have come: where it
    may (finish, refusal), read `competing.incidence` beside it. On the clock of distance a spell is the greatest distance at which the item was
    honoured, or that of the first violation. Raises ValueError for no spell, or a time that is not positive.
    """
    found = counted(spells, (cause,))
    whole = _kept(found, _ones(found))[0]
    low, high = clusters.band(_kept(found, clusters.draws(len(found.tasks))))
    tight = [wilson(round(each * len(found.tasks)), len(found.tasks)) for each in whole]
    drifts = sum(spell.cause == cause for spell in spells)
    return Curve(
        tuple(map(float, found.times)),
        tuple(map(float, whole)),
        tuple(min(float(one), two.low, float(kept)) if one == up else float(one) for one, up, two, kept in zip(low, high, tight, whole, strict=True)),
        tuple(max(float(one), two.high, float(kept)) if one == down else float(one) for one, down, two, kept in zip(high, low, tight, whole, strict=True)),
        tuple(int(each) for each in found.watched.sum(axis=0)),
        len(spells), drifts, len(spells) - drifts, len(found.tasks), longest(spells),
    )  # fmt: skip


def watched(spells: Sequence[Spell], at: Sequence[float]) -> tuple[int, ...]:
    """The risk table: how many spells were still watched just before each time."""
    return tuple(sum(spell.time >= time for spell in spells) for time in at)


def rmst(spells: Sequence[Spell], horizon: float, cause: str = DRIFT) -> Estimate:
    """Restricted mean survival time: the area under `survival` up to `horizon`, in units of the clock, with its interval over tasks.

    How long an item is kept on average by somebody who stops at the horizon (Royston and Parmar 2013, BMC Medical Research Methodology
    13:152). Raises ValueError for a horizon that nobody was watched to, unless all had drifted
    before: the curve says nothing there.
    """
    found = counted(spells, (cause,))
    _reached(spells, horizon, cause)
    if not len(found.times) or found.times[0] >= horizon:
        kept = wilson(len(found.tasks), len(found.tasks)).low
        return Estimate(float(horizon), kept * horizon, float(horizon), len(found.tasks), "no drift seen; Wilson over tasks")
    return clusters.estimate(lambda weights: _area(found, weights, horizon), len(found.tasks))


def median(spells: Sequence[Spell], cause: str = DRIFT) -> Estimate:
    """The time by which half have drifted; infinite where the curve never falls so far, and so is the upper bound where it may not."""
    found = counted(spells, (cause,))
    return clusters.estimate(lambda weights: _half(found, weights), len(found.tasks))


def hazards(spells: Sequence[Spell], width: float = 10, cause: str = DRIFT) -> tuple[Hazard, ...]:
    """Drifts per `width` of the clock, in windows as wide as that: events / time watched x width (0 and up), with intervals over tasks."""
    import numpy as np

    tasks, found = clusters.numbered(spell.task for spell in spells), []
    for start in np.arange(0, longest(spells), width):
        drifts, exposure = np.zeros(len(tasks)), np.zeros(len(tasks))
        for spell in spells:
            exposure[tasks[spell.task]] += min(max(spell.time - start, 0), width)
            drifts[tasks[spell.task]] += spell.cause == cause and start < spell.time <= start + width
        found.append(_hazard((float(start), float(start + width)), drifts, exposure))
    return tuple(found)


def _hazard(window: tuple[float, float], drifts: Floats, exposure: Floats) -> Hazard:
    wide, total = window[1] - window[0], float(exposure.sum())
    if not drifts.sum():
        # None seen in so much time: three are not ruled out (Hanley and Lippman-Hand 1983, JAMA 249:1743).
        rate = Estimate(0.0, 0.0, 3 * wide / total, len(drifts), "rule of three") if total else None
    else:
        rate = clusters.estimate(lambda weights: ratio(weights @ drifts, weights @ exposure) * wide, len(drifts))
    return Hazard(*window, int(drifts.sum()), total, rate)


def compared(a: Sequence[Spell], b: Sequence[Spell], horizon: float, cause: str = DRIFT) -> Difference:
    """RMST of a less that of b, in units of the clock, over the tasks that both have.

    p: two-sided sign-flip over tasks of the differences of pseudo-values, theta_i = n theta - (n - 1) theta without task i, which carry the
    censoring as the curve does (Andersen, Hansen and Klein 2004, Lifetime Data Analysis 10:335-350); exact where a and b are alike on every
    task. Interval: BCa over tasks, resampled in pairs; where it and the test disagree about 0 its bound is moved to the test's side. The
    log-rank test is refused: it takes the trials of one task for independent. Raises ValueError for fewer than 6 common tasks, which no
    flips of signs could show a difference in, and as `rmst`.
    """
    common = {spell.task for spell in a} & {spell.task for spell in b}
    if len(common) < FEW_PAIRS:
        raise ValueError(f"{len(common)} common tasks: expected at least {FEW_PAIRS}")
    one, two = (counted([spell for spell in side if spell.task in common], (cause,)) for side in (a, b))
    for side in (a, b):
        _reached([spell for spell in side if spell.task in common], horizon, cause)

    def figure(weights: Floats) -> Floats:
        return _area(one, weights, horizon) - _area(two, weights, horizon)

    found = clusters.estimate(figure, len(common))
    p = sign_flip(_pseudo(figure, found.value, len(common)))
    low, high = agreeing((found.low, found.high), found.value, p)
    return Difference(found.value, low, high, p, len(common), "RMST, BCa over tasks; sign-flip of pseudo-values")


def agreeing(bounds: tuple[float, float], value: float, p: float) -> tuple[float, float]:
    """The interval on the side of 0 that a test at 5 % is on."""
    low, high = bounds
    if p >= 0.05:
        return min(low, 0.0), max(high, 0.0)
    return (max(low, HAIR), max(high, HAIR)) if value > 0 else (min(low, -HAIR), min(high, -HAIR))


def _pseudo(figure: clusters.Figure, value: float, tasks: int) -> list[float]:
    import numpy as np

    return [float(tasks * value - (tasks - 1) * each) for each in figure(1 - np.eye(tasks))]


def _reached(spells: Sequence[Spell], horizon: float, cause: str) -> None:
    """A curve that fell to nothing is known at every later time; else it is known as far as somebody was watched."""
    last = longest(spells)
    fell = all(spell.cause == cause for spell in spells if spell.time == last)
    if not horizon > 0 or (horizon > last and not fell):
        raise ValueError(f"horizon {horizon:g}: the longest spell was watched to {last:g}")


def _ones(found: Counts) -> Floats:
    import numpy as np

    return np.ones((1, len(found.tasks)))


def _kept(found: Counts, weights: Floats) -> Floats:
    """The curve after each time: rows of weights x times."""
    import numpy as np

    return np.cumprod(1 - ratio(weights @ found.ends[0], weights @ found.watched), axis=1)


def _area(found: Counts, weights: Floats, horizon: float) -> Floats:
    import numpy as np

    times = np.append(found.times[found.times < horizon], horizon)
    kept = np.hstack([np.ones((len(weights), 1)), _kept(found, weights)[:, : len(times) - 1]])
    area: Floats = kept @ np.diff(times, prepend=0.0)
    return area


def _half(found: Counts, weights: Floats) -> Floats:
    import numpy as np

    fallen = _kept(found, weights) <= 0.5
    times = np.append(found.times, np.inf)
    return times[np.where(fallen.any(axis=1), fallen.argmax(axis=1) if len(found.times) else 0, len(found.times))] if len(found.times) else np.full(len(weights), np.inf)
