"""Populations of tasks whose truth is known, one model's or two models', and runs drawn from them: what the statistics are checked against."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

TASKS = (10, 20, 40, 100)
ATTEMPTS = (1, 3, 5, 10)
Chances = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Chances]
DrawPair = Callable[[np.random.Generator, int, float], tuple[Chances, Chances]]


def _half(chance: np.random.Generator, tasks: int) -> Chances:
    kind = chance.random(tasks)
    return np.select([kind < 0.25, kind < 0.5], [0.0, 1.0], chance.random(tasks))


RATES: dict[str, tuple[float, Draw]] = {
    "half trivial or impossible": (0.5, _half),
    "any difficulty": (0.5, lambda chance, tasks: chance.random(tasks)),
    "mostly easy": (0.8, lambda chance, tasks: chance.beta(4, 1, tasks)),
    "mostly hard": (0.1, lambda chance, tasks: chance.beta(0.5, 4.5, tasks)),
    "always or never": (0.3, lambda chance, tasks: (chance.random(tasks) < 0.3).astype(float)),
    "all alike": (0.5, lambda _, tasks: np.full(tasks, 0.5)),
}
"""Name -> the true mean of a task's pass probability, and how to draw one per task."""


def _pair_half(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    kind, middle = chance.random(tasks), chance.uniform(by, 1 - by, tasks)
    return tuple(np.select([kind < 0.25, kind < 0.5], [0.0, 1.0], middle + side) for side in (by, -by))  # type: ignore[return-value]


def _pair_any(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    middle = chance.uniform(by / 2, 1 - by / 2, tasks)
    return middle + by / 2, middle - by / 2


def _pair_hard(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    base = chance.beta(0.5, 4.5, tasks)
    return base + (1 - base) * by / 0.9, base


def _pair_always(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    kind, both = chance.random(tasks), chance.random(tasks) < 0.5
    ups, downs = kind < 0.05 + by, kind > 0.95
    return np.where(ups, 1.0, np.where(downs, 0.0, both)), np.where(ups, 0.0, np.where(downs, 1.0, both))


def _pair_one_way(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    kind, both = chance.random(tasks), chance.random(tasks) < 0.5
    return np.where(kind < by, 1.0, both), np.where(kind < by, 0.0, both)


def _pair_skewed(chance: np.random.Generator, tasks: int, by: float) -> tuple[Chances, Chances]:
    lost, half = chance.random(tasks) < 0.1, (0.1 + by) / 0.9 / 2
    return np.where(lost, 0.0, 0.5 + half), np.where(lost, 1.0, 0.5 - half)


PAIRS: dict[str, DrawPair] = {
    "half trivial or impossible": _pair_half,
    "any difficulty": _pair_any,
    "mostly hard": _pair_hard,
    "always or never, 10 % turned": _pair_always,
    "always or never, one way": _pair_one_way,
    "a few lost, many a little better": _pair_skewed,
}
"""Name -> chances of a and b per task, whose true means lie exactly `by` apart. In the last the sides are never alike, only their means are."""


def generator(*what: object) -> np.random.Generator:
    """The same for the same words, on every machine."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def differences(name: str, by: float, tasks: int, attempts: int, run: int) -> tuple[float, ...]:
    """Differences of shares per task of one drawn run, sorted."""
    chance = generator(name, by, tasks, attempts, run)
    a, b = PAIRS[name](chance, tasks, by)
    return tuple(sorted(((chance.binomial(attempts, a) - chance.binomial(attempts, b)) / attempts).tolist()))


def spread(count: Callable[[Any], Any], cells: Sequence[Any]) -> Iterator[Any]:
    """One worker process per processor; results in the order of the cells."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(count, cells)


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> Iterator[str]:
    """Markdown; `left`: how many columns of words."""
    yield f"**{title}**\n"
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * left + "---:|" * (len(heads) - left)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def percent(share: float) -> str:
    return f"{100 * share:.0f}"
