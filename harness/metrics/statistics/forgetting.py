"""Fits of forgetting curves to probes: one for each shape, the choice among them, and the same for every resample of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.shapes import PARAMETERS, SHAPES, Library, libraries

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

ROUNDED: Final = 16
"""Distances within a sixteenth of an octave are one: what a token more or less does is not measured."""
GAIN: Final = 2.0
"""Deviance that a shape with more parameters must save on tasks left out: less is chance, and the simpler one is named."""
HALF, EFFECTIVE = 0.5, 0.85
BLOCK: Final = 250
"""Resamples looked up at once: bounded memory."""
FINE: Final = 257
"""Distances at which a curve is read."""
FAR: Final = 6.0
"""A curve so many standard errors less likely than the likeliest wins in no resample and is not looked up."""


class Table(msgspec.Struct, frozen=True):
    """Probes counted per task and column (tasks x columns); a column is a distance (index into `distances`) and a rate of guesses."""

    tasks: tuple[str, ...]
    distances: Floats
    along: Floats
    places: np.ndarray
    guesses: Floats
    kept: Floats
    lost: Floats


class Fit(msgspec.Struct, frozen=True):
    """The chosen curve along `Table.along`, where it falls to half and to 85 %, and the same of every resample (rows).

    `halves`, `effectives`: for each resample the lowest and the highest place it may be: half way to the next curve of the library, or the ends
    of the gap that a threshold lies in.
    """

    shape: str
    deviances: tuple[tuple[str, float], ...]
    curve: Floats
    half: float
    effective: float
    copies: Floats
    halves: tuple[Floats, Floats]
    effectives: tuple[Floats, Floats]


def tabled(told: Sequence[tuple[str, float, bool, float]]) -> Table:
    """(task, distance, kept, guess) of every probe. Raises ValueError for none, a distance not above 0, or fewer than two distances."""
    import numpy as np

    if not told or not all(0 < distance < float("inf") for _, distance, _, _ in told):
        raise ValueError("expected probes at distances above 0")
    tasks = tuple(sorted({task for task, _, _, _ in told}))
    near = [round(float(np.log2(distance)) * ROUNDED) for _, distance, _, _ in told]
    columns = sorted(set(zip(near, (guess for _, _, _, guess in told), strict=True)))
    ticks = sorted(set(near))
    if len(ticks) < 2:
        raise ValueError("probes at one distance only: expected at least two")
    counts = np.zeros((2, len(tasks), len(columns)))
    for tick, (task, _, kept, guess) in zip(near, told, strict=True):
        counts[int(not kept), tasks.index(task), columns.index((tick, guess))] += 1
    logs = np.log([distance for _, distance, _, _ in told])
    distances = np.array([float(np.exp(logs[np.array(near) == tick].mean())) for tick in ticks])
    along = np.geomspace(distances[0], distances[-1], FINE)
    places = np.array([ticks.index(tick) for tick, _ in columns])
    return Table(tasks, distances, along, places, np.array([guess for _, guess in columns]), counts[0], counts[1])


def fitted(table: Table) -> Fit:
    """Maximum likelihood within each shape, the shape by tasks left out one by one, and for each of 2,000 resamples both anew (shape by AIC)."""
    import numpy as np

    held = [_likely(table, library) for library in libraries(table.distances)]
    shape, deviances = _chosen(table, held)
    library, told = held[SHAPES.index(shape)]
    best = int(told.sum(axis=0).argmax())
    copies = [_copied(table, held, block) for block in np.array_split(clusters.draws(len(table.tasks)), max(1, clusters.RESAMPLES // BLOCK))]
    curves, *marks = (np.concatenate(each) for each in zip(*copies, strict=True))
    half, effective = (float(np.sqrt(np.prod(_fallen(table, library, np.array([best]), share)))) for share in (HALF, EFFECTIVE))
    return Fit(shape, deviances, library.only(np.array([best])).at(table.along)[0], half, effective, curves, (marks[0], marks[1]), (marks[2], marks[3]))


def _likely(table: Table, library: Library) -> tuple[Library, Floats]:
    """The curves that may be the likeliest of some resample, with their log-likelihoods, tasks x curves."""
    import numpy as np

    chances = table.guesses + (1 - table.guesses) * library.at(table.distances[table.places])
    told = table.kept @ np.log(chances).T + table.lost @ np.log1p(-chances).T
    behind = told - told[:, [int(told.sum(axis=0).argmax())]]
    # Every resample has as many tasks, so only how they differ moves a curve ahead of the likeliest.
    kept = np.flatnonzero(behind.sum(axis=0) + FAR * np.sqrt(len(told)) * behind.std(axis=0) >= 0)
    return library.only(kept), told[:, kept]


def _chosen(table: Table, held: Sequence[tuple[Library, Floats]]) -> tuple[str, tuple[tuple[str, float], ...]]:
    """Least deviance on tasks left out one by one; a shape with fewer parameters that is no more than GAIN behind goes first."""
    import numpy as np

    probes = float(table.kept.sum() + table.lost.sum())
    losses = []
    for _, told in held:
        others = (told.sum(axis=0) - told).argmax(axis=1)
        losses.append(-2 * told[np.arange(len(told)), others])
    totals = [float(each.sum()) for each in losses]
    near = [place for place, total in enumerate(totals) if total <= min(totals) + GAIN]
    fewest = min(PARAMETERS[SHAPES[place]] for place in near)
    chosen = min((place for place in near if PARAMETERS[SHAPES[place]] == fewest), key=lambda place: totals[place])
    return SHAPES[chosen], tuple((shape, total / probes) for shape, total in zip(SHAPES, totals, strict=True))


def _copied(table: Table, held: Sequence[tuple[Library, Floats]], weights: Floats) -> tuple[Floats, ...]:
    """The curve of each resample, and the lowest and highest place of its half and of its 85 %."""
    import numpy as np

    heights, places = [], []
    for library, told in held:
        every = weights @ told
        best = every.argmax(axis=1)
        places.append(best)
        heights.append(every[np.arange(len(best)), best] - PARAMETERS[library.shape])
    winner = np.array(heights).argmax(axis=0)
    curves = np.empty((len(weights), FINE))
    marks = np.empty((4, len(weights)))
    for index, (library, _) in enumerate(held):
        rows = np.flatnonzero(winner == index)
        if rows.size:
            chosen = places[index][rows]
            curves[rows] = library.only(chosen).at(table.along)
            marks[:2, rows] = _fallen(table, library, chosen, HALF)
            marks[2:, rows] = _fallen(table, library, chosen, EFFECTIVE)
    return curves, *marks


def _fallen(table: Table, library: Library, chosen: np.ndarray, share: float) -> Floats:
    """(2 x curves): where each falls below `share` of its start; infinite where it does not within what was measured."""
    import numpy as np

    curves = library.only(chosen).at(table.along)
    below = curves < share * curves[:, :1]
    place = np.where(below.any(axis=1), below.argmax(axis=1), FINE)
    met = np.append(table.along, np.inf)[place]
    gap = library.gap[chosen]
    if gap[0] < 0:
        return np.array([met / library.between, met * library.between])
    return np.array([np.where(np.isinf(met), np.inf, table.distances[gap + end]) for end in (0, 1)])
