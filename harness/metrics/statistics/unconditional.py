"""Two counts of failures against each other without holding their sum fixed: how often chance alone gives an outcome so far out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

RATES: Final = 199
"""Common failure rates that are tried, evenly between 0 and 1."""
TIED: Final = 1e-9


def beyond(order: Floats) -> Floats:
    """`order[f, g]`: how far out it is that f of n and g of m fail, n + 1 by m + 1; gives p of each: the most often, over all rates that both may
    have in common, that chance gives an outcome as far out or farther.

    Barnard 1947 (Biometrika 34:123-138), with an order of the caller's. Exact whatever the rate, but for the rates between those tried. Fisher's
    test holds the sum of failures fixed; from a handful of re-rolls it then errs far less often than it says and finds little
    (4 of 4 against 1 of 4: Fisher 0.071, here 0.035).
    """
    import numpy as np

    rates = (np.arange(RATES) + 1.0) / (RATES + 1)
    one, two = (_chances(count - 1, rates) for count in order.shape)
    chances = (one[:, :, None] * two[:, None, :]).reshape(RATES, -1)
    flat = order.ravel()
    falling = np.argsort(-flat, kind="stable")
    sums = chances[:, falling].cumsum(axis=1).max(axis=0)
    # Of outcomes equally far out each counts all.
    last = np.searchsorted(-flat[falling], -flat + TIED, "right") - 1
    found: Floats = np.minimum(1.0, sums[last]).reshape(order.shape)
    return found


def _chances(count: int, rates: np.ndarray) -> Floats:
    """Of each number of failures, rates x numbers."""
    import numpy as np
    from scipy.special import comb  # type: ignore[import-untyped]

    fails = np.arange(count + 1)
    found: Floats = comb(count, fails) * rates[:, None] ** fails * (1 - rates[:, None]) ** (count - fails)
    return found
