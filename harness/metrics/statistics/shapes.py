"""Libraries of forgetting curves: for each shape every curve on a fine grid of its parameters, so that a fit is a look-up and not a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

SHAPES: Final = ("flat", "linear", "exponential", "logistic", "threshold", "plateau")
"""From the simplest; of two with as many votes the first is taken."""
PARAMETERS: Final = {"flat": 1, "linear": 2, "exponential": 2, "logistic": 3, "threshold": 3, "plateau": 3}
LEVELS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88, 0.91, 0.94, 0.96, 0.98, 0.995)
"""Shares kept at no distance. None is 0 or 1: a single lapse would rule such a curve out for ever."""
FLOORS: Final = (0.005, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""What a threshold falls to: any share below its level."""
DEEPEST: Final = 0.8
"""A threshold loses a fifth of its level at least."""
SETTLED: Final = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
"""What a plateau settles at, as a share of its level. Below 15 % it can't be told from a curve that falls to nothing."""
SLOPES: Final = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Of the logistic, in natural logits per factor e of distance; steeper is a threshold."""
SETTLING: Final = 2.0
"""A plateau falls by half of its way at its `half` and by nine tenths at three times that."""
PER_OCTAVE: Final = {1: 1_000, 2: 24, 3: 8}
"""Places for the half in an octave, by the number of parameters: finer than any study tells apart."""
OUTSIDE: Final = 2
"""Octaves beyond the measured distances in which a curve may still have its half."""


class Library(msgspec.Struct, frozen=True):
    """Curves of one shape by their parameters: `level`, `half` (tokens) and `bend` (slope, settled share, or a threshold's floor).

    `gap`: of a threshold, between which two measured distances it lies (index of the one below); -1 for other shapes.
    """

    shape: str
    level: Floats
    half: Floats
    bend: Floats
    gap: np.ndarray

    def at(self, distances: Floats) -> Floats:
        """Shares kept: curves x distances, never quite 0."""
        import numpy as np

        found: Floats = np.maximum(self._fallen(np.asarray(distances)[None] / self.half[:, None]) * self.level[:, None], 0.002)
        return found

    @property
    def between(self) -> float:
        """By which factor a half may differ from the nearest one here."""
        return float(2 ** (1 / 2 / PER_OCTAVE[PARAMETERS[self.shape]]))

    def only(self, chosen: np.ndarray) -> Library:
        """These curves, by their places."""
        return Library(self.shape, self.level[chosen], self.half[chosen], self.bend[chosen], self.gap[chosen])

    def _fallen(self, x: Floats) -> Floats:
        """The share of its level that each curve keeps at `x` of its half."""
        import numpy as np

        bend = self.bend[:, None]
        if self.shape == "flat":
            return np.ones_like(x)
        if self.shape == "linear":
            return np.maximum(1 - x / 2, 0.0)
        if self.shape == "exponential":
            return 2**-x
        if self.shape == "logistic":
            return 1 / (1 + x**bend)
        if self.shape == "plateau":
            return bend + (1 - bend) / (1 + x**SETTLING)
        return np.where(x < 1, 1.0, bend / self.level[:, None])


def libraries(distances: Floats) -> tuple[Library, ...]:
    """One for each of SHAPES, for probes at these distances (tokens, rising)."""
    return tuple(_thresholds(distances) if shape == "threshold" else _library(shape, distances) for shape in SHAPES)


def _library(shape: str, distances: Floats) -> Library:
    import numpy as np

    shortest, longest = np.log2([distances[0], distances[-1]])
    halves = 2 ** np.arange(shortest - OUTSIDE, longest + OUTSIDE, 1 / PER_OCTAVE[PARAMETERS[shape]])
    bends = {"logistic": SLOPES, "plateau": SETTLED}.get(shape, (1.0,))
    level, bend, half = (each.ravel() for each in np.meshgrid(LEVELS, bends, [longest] if shape == "flat" else halves, indexing="ij"))
    return Library(shape, level, half, bend, np.full(len(level), -1))


def _thresholds(distances: Floats) -> Library:
    """One step in each gap between measured distances; where in the gap it lies nobody can tell, so it is drawn in the middle."""
    import numpy as np

    steps = np.sqrt(distances[:-1] * distances[1:])
    level, floor, gap = (each.ravel() for each in np.meshgrid(LEVELS, FLOORS, np.arange(len(steps)), indexing="ij"))
    falls = floor < DEEPEST * level
    return Library("threshold", level[falls], steps[gap[falls]], floor[falls], gap[falls])
