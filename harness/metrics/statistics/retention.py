"""Retention over distance: how much of what was said so many tokens ago is still honoured, its shape, D50 and effective length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.forgetting import Fit, Table, fitted, tabled
from harness.metrics.statistics.intervals import expanded_tails

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

GUESSABLE: Final = 0.5
"""A rule that half of those who never heard it honour says nothing of memory."""
SETTLED: Final = 0.7
"""Votes from which a shape may be named. Of ten simulated forgetters named so with 40 probes at each depth nine of ten were what they were called,
of the two hardest half or fewer; docs/context-statistics.md has the table."""
OCTAVE: Final = 0.5
"""Width of the cells of the isotonic curve, in octaves of distance."""


class Probe(msgspec.Struct, frozen=True):
    """One opportunity: `distance` in tokens since the last visible exposure (> 0), whether the item was `kept`, how often it is guessed."""

    task: str
    distance: float
    kept: bool
    guess: float = 0.0
    rule: str = ""


class Mark(msgspec.Struct, frozen=True):
    """A distance in tokens with its 95 % interval; None: beyond the longest distance measured."""

    distance: float | None
    low: float | None
    high: float | None


class Cell(msgspec.Struct, frozen=True):
    """Probes of similar distance (geometric mean, tokens): share kept corrected for guesses (0 where fewer are kept than guessed), and the isotonic
    curve there with its band.
    """

    distance: float
    kept: float
    curve: float
    low: float
    high: float
    probes: int
    tasks: int


class Retention(msgspec.Struct, frozen=True):
    """`shape`: the one that most resamples of tasks choose, `votes` of each; `settled`: whether it may be named, else others fit nearly as well.
    `deviances`: of each on tasks left out, per probe. `start`: share kept at the shortest distance.

    `half`: where the share is half of `start` (D50). `effective`: the longest distance that keeps 85 % of it (D85). `area`: mean over log
    distance of share / start (AURC, 0..1). `curve`: (distance, share, low, high) of the chosen shape. `since`, `until`: distances measured.
    `dropped`: rules that are guessed more than half of the time.
    """

    shape: str
    settled: bool
    votes: tuple[tuple[str, float], ...]
    deviances: tuple[tuple[str, float], ...]
    start: Estimate
    half: Mark
    effective: Mark
    area: Estimate
    curve: tuple[tuple[float, float, float, float], ...]
    cells: tuple[Cell, ...]
    since: float
    until: float
    probes: int
    tasks: int
    dropped: tuple[str, ...]


def retention(probes: Sequence[Probe]) -> Retention:
    """The curve of R' = (R - b) / (1 - b), b the rate of guesses, by likelihood: P(kept) = b + (1 - b) R'(distance).

    D50 and D85 are relative to what is kept at the shortest distance (85 %: Modarressi et al. 2025, NoLiMa, arXiv 2502.05167), because a
    rule that is ignored at once was never remembered. Six shapes (`shapes.SHAPES`). Tasks are resampled 2,000 times and each resample chooses one; the shape is the one chosen most
    often (`forgetting.fitted`), and is settled where 70 of 100 choose it. Intervals are over the same resamples with the shape that each chose (Buckland, Burnham and Augustin 1997, Biometrics 53:603-618), percentiles expanded as in `clusters`. Nothing is said of
    distances that were not measured: a curve that has not fallen to half at the longest has its D50 "beyond". Assumes tasks independent and
    distance assigned, not chosen by the model. Rates of guesses are taken as exact. Raises ValueError for no probe of a rule not guessed, for fewer
    than two distances, and where even the shortest distance may keep no more than guesses do: of nothing there is no half.
    """
    sound = [probe for probe in probes if probe.guess <= GUESSABLE]
    table = tabled([(probe.task, probe.distance, probe.kept, probe.guess) for probe in sound])
    fit = fitted(table)
    tails = expanded_tails(len(table.tasks), 0.5, 0.0) or (0.025, 0.975)
    start = _estimate(fit.curve[0], fit.copies[:, 0], tails, len(table.tasks))
    if round(start.low, 2) == 0:  # half of nothing is at any distance: such a curve would have its D50 beyond all that was measured
        bounds = f"{100 * start.value:.0f} % ({100 * start.low:.0f} to {100 * start.high:.0f})"
        raise ValueError(f"at the shortest distance {bounds} are kept beyond guesses: nothing that could be forgotten")
    return Retention(
        fit.shape,
        max(share for _, share in fit.votes) >= SETTLED,
        fit.votes,
        fit.deviances,
        start,
        _mark(table, fit.half, fit.halves, tails),
        _mark(table, fit.effective, fit.effectives, tails),
        _estimate(_area(fit.curve[None])[0], _area(fit.copies), tails, len(table.tasks)),
        _curve(table, fit, tails),
        _cells(sound, table.tasks),
        float(table.distances[0]),
        float(table.distances[-1]),
        len(sound),
        len(table.tasks),
        tuple(sorted({probe.rule for probe in probes if probe.guess > GUESSABLE})),
    )


def _estimate(value: float, copies: Floats, tails: tuple[float, float], tasks: int) -> Estimate:
    import numpy as np

    low, high = np.quantile(copies, tails)
    return Estimate(float(value), min(float(low), float(value)), max(float(high), float(value)), tasks, "bootstrap over tasks, shape chosen anew")


def _area(curves: Floats) -> Floats:
    import numpy as np

    found: Floats = np.minimum(1.0, np.trapezoid(curves / curves[:, :1], axis=1) / (curves.shape[1] - 1))
    return found


def _mark(table: Table, value: float, copies: tuple[Floats, Floats], tails: tuple[float, float]) -> Mark:
    """A resample's threshold lies somewhere in its gap: the lower bound takes the gap's beginning, the upper its end."""
    import numpy as np

    low = np.quantile(copies[0], tails[0], method="lower")
    high = np.quantile(copies[1], tails[1], method="higher")
    return Mark(*(float(each) if each <= table.distances[-1] else None for each in (value, min(low, value), max(high, value))))


def _curve(table: Table, fit: Fit, tails: tuple[float, float]) -> tuple[tuple[float, float, float, float], ...]:
    import numpy as np

    low, high = np.quantile(fit.copies, tails, axis=0)
    return tuple(
        (float(at), float(share), min(float(down), float(share)), max(float(up), float(share)))
        for at, share, down, up in list(zip(table.along, fit.curve, low, high, strict=True))[::8]
    )


def _cells(probes: Sequence[Probe], tasks: Sequence[str]) -> tuple[Cell, ...]:
    """The isotonic curve needs no shape: the falling steps nearest to the shares (Robertson, Wright and Dykstra 1988)."""
    import numpy as np

    rows = clusters.numbered(tasks)
    bins = np.array([round(float(np.log2(probe.distance)) / OCTAVE) for probe in probes])
    places = np.array([rows[probe.task] for probe in probes])
    names = np.unique(bins)
    corrected = np.array([(probe.kept - probe.guess) / (1 - probe.guess) for probe in probes])
    sums, counts = np.zeros((2, len(tasks), len(names)))
    np.add.at(sums, (places, np.searchsorted(names, bins)), corrected)
    np.add.at(counts, (places, np.searchsorted(names, bins)), 1.0)
    curve = _isotonic(sums.sum(axis=0)[None], counts.sum(axis=0)[None])[0]
    weights = clusters.draws(len(tasks))
    low, high = clusters.band(_isotonic(weights @ sums, weights @ counts))
    logs = np.log2([probe.distance for probe in probes])
    return tuple(
        Cell(
            float(2 ** logs[bins == name].mean()), max(0.0, float(corrected[bins == name].mean())), float(curve[i]),
            min(float(low[i]), float(curve[i])), max(float(high[i]), float(curve[i])), int((bins == name).sum()), int((counts[:, i] > 0).sum()),
        )
        for i, name in enumerate(names)
    )  # fmt: skip


def _isotonic(sums: Floats, counts: Floats) -> Floats:
    """Of every row (rows x cells): in each cell the least, over cells before, of the greatest mean of a stretch from there to a cell after."""
    import numpy as np

    weights = np.maximum(counts, 1e-6)
    totals, heavy = (np.concatenate([np.zeros((len(sums), 1)), each.cumsum(axis=1)], axis=1) for each in (sums, weights))
    found: Floats = np.full(sums.shape, np.inf)
    for start in range(sums.shape[1]):
        means = (totals[:, start + 1 :] - totals[:, start, None]) / (heavy[:, start + 1 :] - heavy[:, start, None])
        found[:, start:] = np.minimum(found[:, start:], np.maximum.accumulate(means[:, ::-1], axis=1)[:, ::-1])
    return found.clip(0.0, 1.0)
