"""The shipped tests over thousands of simulated nights at once: exact p's by characteristic functions, where one by one they would take minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from harness.metrics.statistics.stratified import chances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts: TypeAlias = NDArray[np.int64]
    Floats: TypeAlias = NDArray[np.float64]

LONGEST = 512
"""Steps that a sum can reach, up to which it is taken exactly. A longer one, from 100 tasks x 6 attempts on, is so nearly normal that p errs by 0.002
at most."""


def signs(steps: Counts) -> Floats:
    """Two-sided sign-flip p of each row: `steps` (nights x tasks) are differences in whole steps, such as 1 / attempts. As signs.sign_flip."""
    import numpy as np

    sizes, totals = np.abs(steps), np.abs(steps.sum(axis=1))
    reach = int(sizes.max(initial=0)) * steps.shape[1]
    if reach > LONGEST:
        return np.minimum(1.0, 2 * _normal(totals, (sizes**2).sum(axis=1)))
    waves = np.cos(np.outer(np.arange(int(sizes.max(initial=0)) + 1), _angles(reach)))
    return np.minimum(1.0, 2 * _tails(sizes, waves, totals, reach))


def drops(before: Counts, now: Counts, attempts: int) -> Floats:
    """One-sided p (worse) of each row: passes (nights x tasks) of the same number of attempts on both nights. As stratified.changed."""
    import numpy as np

    passed, totals = before + now, (before - now).sum(axis=1)
    reach = attempts * before.shape[1]
    if reach > LONGEST:
        return _normal(totals, (passed * (2 * attempts - passed) / (2 * attempts - 1)).sum(axis=1))
    waves = np.array([_hypergeometric(each, attempts, _angles(reach)) for each in range(2 * attempts + 1)])
    below = 1 - _tails(passed, waves, 2 - totals, reach)
    return np.where(totals > 0, _tails(passed, waves, totals, reach), below)


def _hypergeometric(passed: int, attempts: int, angles: Floats) -> Floats:
    """Of (passes now) - (passes before): as likely as its opposite, so the characteristic function is real."""
    import numpy as np

    least = max(0, passed - attempts)
    waves = [chance * np.cos((2 * (least + y) - passed) * angles) for y, chance in enumerate(chances(passed, attempts, attempts))]
    found: Floats = np.sum(waves, axis=0)
    return found


def _angles(reach: int) -> Floats:
    """Those at which a sum from -reach to reach, in steps of 2, must be known. The other half of the circle says the same."""
    import numpy as np

    return np.pi * np.arange(reach // 2 + 1) / (2 * (reach // 2) + 1)


def _tails(kinds: Counts, waves: Floats, totals: Counts, reach: int) -> Floats:
    """P(sum >= total) of each row for totals above 0: a task of kind k has the characteristic function waves[k], and a row their product.

    Inverted at the total (Davies 1973, Biometrika 60:415-417, for a sum on a grid). Needs only how often each kind occurs.
    """
    import numpy as np

    rows, many = kinds.shape[0], waves.shape[0]
    often = np.bincount((np.arange(rows)[:, None] * many + kinds).ravel(), minlength=rows * many).reshape(rows, many).astype(float)
    # A wave of 0 has no logarithm; one of 1e-300 is as good as 0 in any sum.
    product = np.exp(often @ np.log(np.maximum(np.abs(waves), 1e-300)))
    product *= 1 - 2 * (often @ (waves < 0) % 2)
    found: Floats = np.clip(np.einsum("ij,ij->i", product, _inverse(reach)[np.clip(totals, 0, reach + 1)]), 0.0, 1.0)
    return found


def _inverse(reach: int) -> Floats:
    """Row t: what each angle adds to P(sum = t) + P(sum = t + 2) + ..."""
    import numpy as np

    angles = _angles(reach)
    single = np.cos(np.outer(np.arange(reach + 3), angles)) * 2 / (2 * (reach // 2) + 1)
    single[:, 0] /= 2
    single[reach + 1 :] = 0.0
    for start in (reach, reach - 1):
        if start >= 0:
            single[start::-2] = np.cumsum(single[start::-2], axis=0)
    found: Floats = single
    return found


def _normal(totals: Counts, squares: Floats) -> Floats:
    """P(sum >= total) by the normal curve, for sums in steps of 2."""
    import numpy as np
    from scipy.special import ndtr  # type: ignore[import-untyped]

    found: Floats = ndtr(-np.divide(totals - 1.0, np.sqrt(squares), out=np.full(len(squares), -40.0), where=squares > 0))
    return found
