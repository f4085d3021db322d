"""How many trials a claimed pass rate takes: to be refuted if it is too high, or to be confirmed as nearly as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL: Final = 0.05
"""One-sided: who checks a claim asks whether it is too high."""
POWER: Final = 0.8
MOST: Final = 20_000
"""Trials looked at; what takes more than half of them is nothing that nights can show."""


def to_refute(claimed: float, true: float) -> int | None:
    """The trials from which on the exact one-sided test (`exact.binomial`) rejects `claimed`, taken as exact, at 5 % with 80 % power if the rate is `true`.

    Both in 0..1. From which on: the power of a test of counts goes up and down, and a smaller number is not enough for a larger one. None
    where `true` is no lower, or where more than half of `MOST` trials would be needed.
    """
    return None if true >= claimed else _from_which_on(lambda trials: _power(trials, claimed, true) >= POWER)


def to_confirm(claimed: float, tolerance: float) -> int | None:
    """The trials from which on the exact 95 % interval around the claimed rate itself reaches no further than `tolerance` (0..1) each way."""
    return _from_which_on(lambda trials: _half_width(trials, claimed) <= tolerance)


def _power(trials: NDArray[np.int64], claimed: float, true: float) -> NDArray[np.float64]:
    """The chance that so few pass that the test rejects."""
    import numpy as np
    from scipy.stats import binom  # type: ignore[import-untyped]

    most = binom.ppf(LEVEL, trials, claimed)
    most = np.where(binom.cdf(most, trials, claimed) > LEVEL, most - 1, most)
    return np.where(most < 0, 0.0, binom.cdf(most, trials, true))


def _half_width(trials: NDArray[np.int64], claimed: float) -> NDArray[np.float64]:
    """Of Clopper and Pearson's interval, where as many pass as the claim says."""
    import numpy as np
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    passed = np.rint(claimed * trials)
    low = np.where(passed > 0, betaincinv(np.maximum(passed, 1), trials - passed + 1, 0.025), 0.0)
    high = np.where(passed < trials, betaincinv(passed + 1, np.maximum(trials - passed, 1), 0.975), 1.0)
    return (high - low) / 2


def _from_which_on(holds: Callable[[NDArray[np.int64]], NDArray[np.bool_]]) -> int | None:
    import numpy as np

    for most in (MOST // 20, MOST):
        failing = np.flatnonzero(~holds(np.arange(1, most + 1)))
        first = int(failing[-1]) + 2 if len(failing) else 1
        # Only where the second half holds throughout: what goes up and down near the end of a range may fail beyond it.
        if first <= most // 2:
            return first
    return None
