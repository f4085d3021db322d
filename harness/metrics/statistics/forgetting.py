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

    `votes`: share of resamples that choose each shape. `halves`, `effectives`: for each resample the lowest and the highest place it may be: half way to the next curve of the library, or the ends
    of the gap that a threshold lies in.
    """

    shape: str
    votes: tuple[tuple[str, float], ...]
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
    tasks = clusters.numbered(task for task, _, _, _ in told)
    near = [round(float(np.log2(distance)) * ROUNDED) for _, distance, _, _ in told]
    ticks = {tick: place for place, tick in enumerate(sorted(set(near)))}
    columns = {each: place for place, each in enumerate(sorted({(tick, guess) for tick, (_, _, _, guess) in zip(near, told, strict=True)}))}
    if len(ticks) < 2:
        raise ValueError("probes at one distance only: expected at least two")
    counts = np.zeros((2, len(tasks), len(columns)))
    for tick, (task, _, kept, guess) in zip(near, told, strict=True):
        counts[int(not kept), tasks[task], columns[tick, guess]] += 1
    logs, owner = np.log([distance for _, distance, _, _ in told]), np.array([ticks[tick] for tick in near])
    distances = np.exp(np.bincount(owner, logs) / np.bincount(owner))
    along = np.geomspace(distances[0], distances[-1], FINE)
    places = np.array([ticks[tick] for tick, _ in columns])
    return Table(tuple(tasks), distances, along, places, np.array([guess for _, guess in columns]), counts[0], counts[1])


def fitted(table: Table) -> Fit:
    """Maximum likelihood within each shape, for all tasks and for each of 2,000 resamples of them; the shape is the one that most resamples choose.

    A resample chooses by AIC (Akaike 1974, IEEE Transactions on Automatic Control 19:716-723). Such a vote errs less than a single choice, which
    a few tasks more or less turn (Breiman 1996, Machine Learning 24:123-140). Refused: the least deviance on tasks left out one by one, with and
    without a margin for the simpler shape; it named 66 of 100 forgetters rightly where the vote names 84 (docs/context-statistics.md).
    """
    import numpy as np

    held = [_likely(table, library) for library in libraries(table.distances)]
    copies = [_copied(table, held, block) for block in np.array_split(clusters.draws(len(table.tasks)), max(1, clusters.RESAMPLES // BLOCK))]
    curves, winners, *marks = (np.concatenate(each) for each in zip(*copies, strict=True))
    votes = np.bincount(winners.astype(int), minlength=len(SHAPES)) / len(winners)
    # Of as many votes the simpler one.
    library, told = held[int(votes.argmax())]
    best = int(told.sum(axis=0).argmax())
    half, effective = (float(np.sqrt(np.prod(_fallen(table, library, np.array([best]), share)))) for share in (HALF, EFFECTIVE))
    return Fit(
        library.shape, tuple(zip(SHAPES, map(float, votes), strict=True)), _left_out(table, held), library.only(np.array([best])).at(table.along)[0],
        half, effective, curves, (marks[0], marks[1]), (marks[2], marks[3]),
    )  # fmt: skip


def _likely(table: Table, library: Library) -> tuple[Library, Floats]:
    """The curves that may be the likeliest of some resample, with their log-likelihoods, tasks x curves."""
    import numpy as np

    chances = table.guesses + (1 - table.guesses) * library.at(table.distances)[:, table.places]
    told = table.kept @ np.log(chances).T + table.lost @ np.log1p(-chances).T
    behind = told - told[:, [int(told.sum(axis=0).argmax())]]
    # Every resample has as many tasks, so only how they differ moves a curve ahead of the likeliest.
    kept = np.flatnonzero(behind.sum(axis=0) + FAR * np.sqrt(len(told)) * behind.std(axis=0) >= 0)
    return library.only(kept), told[:, kept]


def _left_out(table: Table, held: Sequence[tuple[Library, Floats]]) -> tuple[tuple[str, float], ...]:
    """Deviance of each shape per probe on tasks left out one by one."""
    import numpy as np

    probes = float(table.kept.sum() + table.lost.sum())
    losses = []
    for library, told in held:
        others = (told.sum(axis=0) - told).argmax(axis=1)
        losses.append((library.shape, float(-2 * told[np.arange(len(told)), others].sum()) / probes))
    return tuple(losses)


def _copied(table: Table, held: Sequence[tuple[Library, Floats]], weights: Floats) -> tuple[Floats, ...]:
    """The curve of each resample, which shape it is, and the lowest and highest place of its half and of its 85 %."""
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
    return curves, winner.astype(float), *marks


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
