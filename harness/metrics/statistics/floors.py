"""What may be printed: a rate needs opportunities and tasks enough, and shows how many it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics.clusters import Estimate, estimate
from harness.metrics.statistics.intervals import wilson, wilson_effective
from harness.metrics.statistics.spells import ratio

if TYPE_CHECKING:
    import numpy as np

OPPORTUNITIES: Final = 30
"""Below this a rate of 0 does not even rule out one in ten (rule of three: 3 / 30)."""
TASKS: Final = 10
"""Below this a bootstrap over tasks is wrong twice as often as it says, and one odd task is the figure."""
VARIED: Final = 10
"""Tasks that differ from the commonest rate; with fewer the resamples know too little, as in `rates`."""


class Rate(msgspec.Struct, frozen=True):
    """`rate`: per opportunity, 0..1; None where it stands below a floor, and `lacking` says which."""

    rate: Estimate | None
    hits: int
    opportunities: int
    tasks: int
    lacking: str


def lacking(opportunities: int, tasks: int) -> str:
    """Why a rate may not be shown, in words; "" where it may."""
    told = [
        f"{count} {word}, {floor} needed"
        for count, floor, word in ((opportunities, OPPORTUNITIES, "opportunities"), (tasks, TASKS, "task" if tasks == 1 else "tasks"))
        if count < floor
    ]
    return "; ".join(told)


def rate(counts: Sequence[tuple[str, int, int]]) -> Rate:
    """(task, hits, opportunities) -> hits per opportunity with its 95 % interval over tasks; rows of one task are added, empty ones left out.

    Every opportunity weighs the same. BCa over tasks where ten or more differ from the commonest rate, else Wilson with the effective number of
    trials. Below 30 opportunities or 10 tasks there is no rate. Raises ValueError for hits beyond opportunities.
    """
    import numpy as np

    sums: dict[str, list[int]] = {}
    for task, hits, of in counts:
        if not 0 <= hits <= of:
            raise ValueError(f"{task}: {hits} of {of} opportunities")
        held = sums.setdefault(task, [0, 0])
        held[0], held[1] = held[0] + hits, held[1] + of
    told = np.array([sums[task] for task in sorted(sums) if sums[task][1]], dtype=float).reshape(-1, 2)
    hits, of = (int(each) for each in told.sum(axis=0))
    why = lacking(of, len(told))
    return Rate(None if why else _rate(told), hits, of, len(told), why)


def _rate(told: np.ndarray) -> Estimate:
    import numpy as np

    shares, (hits, of) = told[:, 0] / told[:, 1], told.sum(axis=0)
    if len(told) - max(np.unique(shares, return_counts=True)[1]) >= VARIED:
        return estimate(lambda weights: ratio(weights @ told[:, 0], weights @ told[:, 1]), len(told))
    # Linearised shares spread about the ratio as the ratio itself does, whatever each task's number of opportunities.
    value = hits / of
    even = value + (told[:, 0] - value * told[:, 1]) * len(told) / of
    found = wilson_effective([float(each) for each in even], float(of))
    return Estimate(float(value), found.low, found.high, len(told), found.method)


def single(hits: int, of: int) -> Estimate:
    """The rate of independent trials, such as one detector over a labelled corpus: Wilson. Raises ValueError for none."""
    if not 0 <= hits <= of or not of:
        raise ValueError(f"{hits} of {of}")
    found = wilson(hits, of)
    return Estimate(hits / of, found.low, found.high, of, found.method)
