"""Malformed calls over depth: whether they come more often late, and whether one in view brings on the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters, mixed
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.hazard import Effect, effects

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

STRATA: Final = 5
"""Depths that count as the same: fifths of all calls."""
FEW: Final = 10
"""Malformed calls below which no slope is told."""


class Call(msgspec.Struct, frozen=True):
    """One tool call. `depth`: tokens before it (> 0). `seen`: a malformed call of the trial's own was in the view."""

    task: str
    trial: str
    depth: float
    bad: bool
    seen: bool = False


class Slope(msgspec.Struct, frozen=True):
    """`effect`: log odds per doubling of depth; `rates`: (mean depth, share malformed, calls) in fifths of all calls."""

    effect: Effect
    rates: tuple[tuple[float, float, int], ...]
    calls: int
    bad: int
    trials: int


class Contagion(msgspec.Struct, frozen=True):
    """`excess`: P(bad | one seen) - P(bad | none seen) at the same depth, -1..1; None where no depth has both.

    `odds`: the same as log odds, with depth and each trial's own level held; None for too few malformed calls. This one is the verdict.
    `deeper`: log odds per doubling of depth that is left when contagion is held: the slope of `slope` is both together, since more is in view late.
    """

    excess: Estimate | None
    odds: Effect | None
    deeper: Effect | None
    exposed: int
    calls: int


def slope(calls: Sequence[Call]) -> Slope | None:
    """Pooled logistic of malformed on log2 depth, a normal level for each trial, errors robust over tasks; None for fewer than 10 malformed or
    sound calls.

    Pooled because a single trial has too few malformed calls to show a trend (a test in each trial found 74 of 100 planted ones). It is a
    slope of the calls that were made: trials that end early are not deep. Raises ValueError for no call or a depth not above 0.
    """
    import numpy as np

    _lawful(calls)
    if not _told(calls):
        return None
    ordered = _ordered(calls)
    depth = np.log2([call.depth for call in ordered])
    found = mixed.fit(_rows(ordered, np.array([np.ones(len(ordered)), depth]).T), "logit")
    rates = tuple(
        (float(2 ** depth[rows].mean()), float(np.mean([ordered[row].bad for row in rows])), len(rows)) for rows in _strata(depth) if len(rows)
    )
    trials = len({(call.task, call.trial) for call in calls})
    return Slope(effects(["constant", "log2 depth"], found)[0], rates, len(calls), sum(call.bad for call in calls), trials)


def contagion(calls: Sequence[Call]) -> Contagion:
    """Whether a malformed call in view brings on the next.

    `excess` compares calls within fifths of depth, weighted as the exposed calls lie, BCa over tasks. It is above 0 also where some trials merely
    have more malformed calls than others, since these have more in view; `odds` holds each trial's own level, from the first call on, which sees
    none (Skrondal and Rabe-Hesketh 2014, JRSS C 63:211-237), and is what may be called contagion. Raises ValueError as `slope`.
    """
    import numpy as np

    _lawful(calls)
    ordered = _ordered(calls)
    depth = np.log2([call.depth for call in ordered])
    seen = np.array([float(call.seen) for call in ordered])
    odds = deeper = None
    if _told(calls) and 0 < seen.sum() < len(seen):
        found = mixed.fit(_rows(ordered, np.array([np.ones(len(ordered)), depth, seen]).T), "logit")
        deeper, odds = effects(["constant", "log2 depth", "malformed call seen"], found)
    return Contagion(_excess(ordered, depth), odds, deeper, int(seen.sum()), len(calls))


def _excess(calls: Sequence[Call], depth: Floats) -> Estimate | None:
    import numpy as np

    tasks = clusters.numbered(call.task for call in calls)
    # seen or not, bad or all, task, stratum
    counts = np.zeros((2, 2, len(tasks), STRATA))
    for stratum, rows in enumerate(_strata(depth)):
        for row in rows:
            call = calls[row]
            counts[int(call.seen), :, tasks[call.task], stratum] += (float(call.bad), 1.0)
    if not np.any(counts[:, 1].sum(axis=1).min(axis=0)):
        return None
    return clusters.estimate(lambda weights: _standardised(np.einsum("rt,abts->abrs", weights, counts)), len(tasks))


def _standardised(counts: Floats) -> Floats:
    """From (seen, bad or all, rows, strata): differences of rates over strata that have both, weighted by the exposed."""
    import numpy as np

    both = counts[:, 1].min(axis=0) > 0
    rates = np.divide(counts[:, 0], counts[:, 1], out=np.zeros_like(counts[:, 0]), where=counts[:, 1] > 0)
    weight = counts[1, 1] * both
    total = weight.sum(axis=1)
    found: Floats = np.divide(((rates[1] - rates[0]) * weight).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return found


def _strata(depth: Floats) -> list[np.ndarray]:
    import numpy as np

    edges = np.quantile(depth, np.arange(1, STRATA) / STRATA)
    place = np.searchsorted(edges, depth, "left")
    return [np.flatnonzero(place == stratum) for stratum in range(STRATA)]


def _rows(calls: Sequence[Call], x: Floats) -> mixed.Rows:
    import numpy as np

    tasks = clusters.numbered(call.task for call in calls)
    trials = clusters.numbered((call.task, call.trial) for call in calls)
    group = np.array([trials[call.task, call.trial] for call in calls])
    return mixed.Rows(x, np.array([float(call.bad) for call in calls]), group, np.array([tasks[call.task] for call in calls]))


def _ordered(calls: Sequence[Call]) -> list[Call]:
    return sorted(calls, key=lambda call: (call.task, call.trial, call.depth, call.bad, call.seen))


def _told(calls: Sequence[Call]) -> bool:
    bad = sum(call.bad for call in calls)
    return min(bad, len(calls) - bad) >= FEW and len({call.depth for call in calls}) > 1


def _lawful(calls: Sequence[Call]) -> None:
    if not calls:
        raise ValueError("no call")
    if not all(0 < call.depth < float("inf") for call in calls):
        raise ValueError("expected depths above 0")
