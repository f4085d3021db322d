"""The shipped tests of equality and of a difference over many samples at once, each told by how often every figure occurs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.metrics.statistics import batches
from harness.metrics.statistics.equivalence import FARTHER, LEVEL
from harness.metrics.statistics.score import FEW, HAIR, HALVINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.metrics.statistics.batches import Counts, Floats


def flipped(sizes: Counts, counts: Counts) -> Floats:
    """Two-sided sign-flip p of each row: `counts` (samples x sizes) tasks differ by each of `sizes` (whole steps, signed). As signs.sign_flip."""
    import numpy as np
    from scipy.special import ndtr  # type: ignore[import-untyped]

    samples, tasks = counts.shape[0], int(counts[0].sum())
    if int(np.abs(sizes).max(initial=0)) * tasks <= batches.LONGEST:
        return batches.signs(np.repeat(np.tile(sizes, samples), counts.ravel()).reshape(samples, tasks))
    totals, squares = np.abs(counts @ sizes), counts @ sizes**2
    # A sum of flips moves in steps of 2; half of one is the correction for a curve in place of them.
    found: Floats = np.minimum(1.0, 2 * ndtr(-np.maximum(0.0, totals - 1.0) / np.sqrt(np.maximum(1, squares))))
    return found


def equal(values: Floats, counts: Counts, margin: float) -> NDArray[np.bool_]:
    """Whether the mean lies within `margin`: `counts` (samples x values) tasks differ by each of `values` (-1..1). As equivalence.equivalent."""
    import numpy as np
    from scipy.special import stdtrit

    size = int(counts[0].sum())
    shares, reach = counts / size, _reach(values, counts, size)
    found: NDArray[np.bool_] = np.abs(shares @ values) < margin
    needed = float(stdtrit(max(1, size - 1), 1 - LEVEL))
    for side in (-1, 1):
        beyond = margin >= reach
        found &= beyond | (_away(values, shares, side * reach, side * margin, size) >= needed)
    return found


def _reach(values: Floats, counts: Counts, size: int) -> Floats:
    """How far from 0 a further figure may lie, as score.sample takes it for a test of equality."""
    import numpy as np

    if size < FEW:
        return np.ones(len(counts))
    there, sizes = (counts > 0) & (values != 0), np.abs(values)
    widest = np.where(there, sizes, 0.0).max(axis=1)
    narrowest = np.where(there, sizes, 1.0).min(axis=1)
    found: Floats = np.minimum(1.0, np.where(there.any(axis=1), widest, 1.0) + FARTHER * narrowest)
    return found


def _away(values: Floats, shares: Floats, end: Floats, mean: float, size: int) -> Floats:
    """How far the hypothesis `mean` lies from each row's own, without sign: score.student, row by row."""
    import numpy as np

    held = shares @ values
    near, far = np.zeros(len(held)), np.full(len(held), 2.0)
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        short = np.abs(_likeliest(values, shares, end, middle)[0] - held) < np.abs(mean - held)
        near, far = np.where(short, middle, near), np.where(short, far, middle)
    off, spread = np.abs(held - mean), _likeliest(values, shares, end, far)[1]
    square = size * off**2 / np.maximum(1e-300, spread)
    certain = square >= size
    inner = np.sqrt((size - 1) * square / np.where(certain, 1.0, size - square))
    found: Floats = np.where(off < HAIR, 0.0, np.where(certain, np.inf, inner))
    return found


def _likeliest(values: Floats, shares: Floats, end: Floats, way: Floats) -> tuple[Floats, Floats]:
    """As score's, for each row."""
    import numpy as np

    pull, beyond = np.minimum(1.0, way) / end, np.maximum(0.0, way - 1)
    weights = shares / np.maximum(1e-300, 1 - pull[:, None] * values)
    total = weights.sum(axis=1)
    seen, second = weights @ values / total, weights @ values**2 / total
    mean = (1 - beyond) * seen + beyond * end
    spread = np.maximum(0.0, second - seen * seen) + (seen - mean) ** 2
    return mean, (1 - beyond) * spread + beyond * (end - mean) ** 2
