"""The change between two nights: how often the test errs and how often the interval holds the truth, over suites whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.validate_gate import POPULATIONS, Chance, again, concentrated, night, percent, spread, usual
from harness.metrics.statistics.stratified import Change, changed

Worsened = Callable[[Sequence[float]], Sequence[float]]
SHAPES = ((10, 1), (10, 3), (20, 1), (20, 3), (50, 3), (100, 1), (100, 5))
CHANGES: dict[str, Worsened] = {
    "none": list,
    "10 points, spread": lambda chances: spread(chances, 0.10),
    "10 points, in few tasks": lambda chances: concentrated(chances, 0.10),
    "30 points, spread": lambda chances: spread(chances, 0.30),
}


def nights(name: str, shape: tuple[int, int], runs: int, worsened: Worsened) -> Iterator[tuple[float, Change]]:
    """The true change of a drawn suite, and what two nights say of it."""
    tasks, attempts = shape
    for seed in range(runs):
        chance = Chance(f"{name} {shape} {seed}")
        chances = POPULATIONS[name](chance, tasks)
        after = worsened(chances)
        found = changed(night(chances, [attempts] * tasks, chance), night(after, [attempts] * tasks, chance))
        yield (sum(after) - sum(chances)) / tasks, found


def coverage(runs: int) -> Iterator[str]:
    """95 % is promised at the least; what a lower bound misses is what `--strict` would wave through."""
    yield f"Interval of the change: holds the true change of the suite, of {runs} (in brackets: the truth lies below it):\n"
    yield "| suite | change | " + " | ".join(f"{tasks} x {attempts}" for tasks, attempts in SHAPES) + " |"
    yield "|---|---|" + "---:|" * len(SHAPES)
    for name in POPULATIONS:
        for words, worsened in CHANGES.items():
            yield f"| {name} | {words} | " + " | ".join(_covered(name, shape, runs, worsened) for shape in SHAPES) + " |"


def _covered(name: str, shape: tuple[int, int], runs: int, worsened: Worsened) -> str:
    found = list(nights(name, shape, runs, worsened))
    held = sum(each.low - 1e-9 <= truth <= each.high + 1e-9 for truth, each in found)
    below = sum(truth < each.low - 1e-9 for truth, each in found)
    return f"{percent(held, runs)} ({percent(below, runs)})"


def level(runs: int) -> Iterator[str]:
    """2.5 % is allowed; an exact test of counts stays below it, and nights that are alike stay far below."""
    kept = {"new draws": 0.0, "half of the attempts alike": 0.5, "nine of ten alike": 0.9}
    yield f"Nights on which nothing changed: share with p_worse at 2.5 % or less, of {runs}:\n"
    yield "| tasks x attempts | " + " | ".join(kept) + " | attempts unequal (1 to 6), new draws |"
    yield "|---|" + "---:|" * (len(kept) + 1)
    for tasks, attempts in SHAPES:
        shares = [_erred((tasks, attempts), each, runs) for each in kept.values()]
        yield f"| {tasks} x {attempts} | " + " | ".join(percent(each, runs) for each in (*shares, _erred_unequal(tasks, runs))) + " |"


def _erred(shape: tuple[int, int], kept: float, runs: int) -> int:
    tasks, attempts = shape
    erred = 0
    for seed in range(runs):
        chance = Chance(f"level {shape} {seed}")
        chances = usual(chance, tasks)
        before = night(chances, [attempts] * tasks, chance)
        erred += changed(before, again(before, chances, kept, chance)).p_worse <= 0.025
    return erred


def _erred_unequal(tasks: int, runs: int) -> int:
    erred = 0
    for seed in range(runs):
        chance = Chance(f"unequal {tasks} {seed}")
        chances = usual(chance, tasks)
        before, now = (night(chances, [chance.randint(1, 6) for _ in chances], chance) for _ in range(2))
        erred += changed(before, now).p_worse <= 0.025
    return erred


def tables(runs: int) -> Iterator[str]:
    """Markdown, line by line."""
    yield from level(runs)
    yield ""
    yield from coverage(runs)
