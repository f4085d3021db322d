"""What paired differences promise: coverage of their interval, false alarms of the sign-flip test and of the claim of equality."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import sqrt

from scipy.special import stdtrit

from benchmarks.validate_draws import ATTEMPTS, PAIRS, TASKS, differences, percent, spread, table
from harness.metrics.statistics import score
from harness.metrics.statistics.differences import FARTHER, Difference, paired
from harness.metrics.statistics.equivalence import equivalent
from harness.metrics.statistics.signs import sign_flip

MARGIN = 0.1
HALF, SKEWED = "half trivial or impossible", "a few lost, many a little better"
LOST = -0.8
"""A lost task differs by -1 in the last shape, and ten attempts at another one hardly ever by so much."""
Cell = tuple[str, float, int, int, int]


@lru_cache(maxsize=100_000)
def _told(found: tuple[float, ...]) -> tuple[Difference, bool]:
    return paired(found), equivalent(found, MARGIN).holds


def checked(cell: Cell) -> tuple[float, float, float]:
    """(population, true difference, tasks, attempts, runs) -> shares of runs whose interval holds the truth, with p < 0.05, called equal."""
    name, by, tasks, attempts, runs = cell
    told = [_told(differences(name, by, tasks, attempts, run)) for run in range(runs)]
    held = sum(found.low - 1e-9 <= by <= found.high + 1e-9 for found, _ in told)
    return held / runs, sum(found.p < 0.05 for found, _ in told) / runs, sum(equal for _, equal in told) / runs


def refused(cell: Cell) -> tuple[float, float, float]:
    """As `checked`, by the methods that were not taken: coverage of Student's interval; equality by Student's bounds, and by shifted sign-flips."""
    name, by, tasks, attempts, runs = cell
    held, students, flips = 0, 0, 0
    for run in range(runs):
        found = differences(name, by, tasks, attempts, run)
        held += _student(found, 0.975)[0] <= by <= _student(found, 0.975)[1]
        low, high = _student(found, 0.95)
        students += low >= -MARGIN and high <= MARGIN
        flips += max(sign_flip(found, shift=MARGIN, side="less"), sign_flip(found, shift=-MARGIN, side="greater")) <= 0.05
    return held / runs, students / runs, flips / runs


def unseen(cell: tuple[int, int]) -> tuple[float, ...]:
    """(tasks, runs), ten attempts -> shares of runs of the last shape with p < 0.05 wrongly, also with no lost task drawn, also by both tests.

    Then of a true difference of ten points where half of the tasks are trivial or impossible: found by flips, and by both tests.
    """
    tasks, runs = cell
    wrong = [found for found in (differences(SKEWED, 0.0, tasks, 10, run) for run in range(runs)) if sign_flip(found) < 0.05]
    right = [found for found in (differences(HALF, MARGIN, tasks, 10, run) for run in range(runs)) if sign_flip(found) < 0.05]
    hidden = sum(min(found) > LOST for found in wrong)
    return tuple(each / runs for each in (len(wrong), hidden, sum(map(_scored, wrong)), len(right), sum(map(_scored, right))))


def _scored(found: tuple[float, ...]) -> bool:
    """Whether the score test shows a difference as well."""
    held = score.sample(found, lambda widest, _: FARTHER * widest)
    return abs(score.student(held, 0.0)) > float(stdtrit(len(found) - 1, 0.975))


def _student(found: tuple[float, ...], level: float) -> tuple[float, float]:
    count, mean = len(found), sum(found) / len(found)
    half = float(stdtrit(count - 1, level)) * sqrt(sum((each - mean) ** 2 for each in found) / (count - 1) / count)
    return mean - half - 1e-9, mean + half + 1e-9


def tables(runs: int) -> Iterator[str]:
    cells: list[Cell] = [(name, by, tasks, attempts, runs) for name, by, attempts, tasks in product(PAIRS, (0.0, MARGIN), ATTEMPTS, TASKS)]
    found = dict(zip(cells, spread(checked, cells), strict=True))

    def rows(told: int, *bys: float) -> list[list[str]]:
        return [
            [name, str(attempts), *(" / ".join(percent(found[name, by, tasks, attempts, runs][told]) for by in bys) for tasks in TASKS)]
            for name, attempts in product(PAIRS, ATTEMPTS)
        ]

    heads = ["tasks drawn from", "attempts", *(f"{tasks} tasks" for tasks in TASKS)]
    yield from table("Paired difference: percent of 95 % intervals that hold a true difference of 0 / of 10 points", heads, rows(0, 0.0, MARGIN))
    yield from table("Sign-flip test: percent of runs with p < 0.05 where there is no difference / one of 10 points", heads, rows(1, 0.0, MARGIN))
    yield from table(
        "Equal within 10 points: said (percent) of a true difference of 10 points, wrongly / of none", heads, rows(2, MARGIN, 0.0)
    )  # fmt: skip
    few = max(100, runs // 4)
    hard: list[Cell] = [(name, MARGIN, tasks, 3, few) for name, tasks in product((HALF, "always or never, one way"), TASKS)]
    yield from table(
        f"Refused, at a true difference of 10 points, three attempts ({few} runs each), percent",
        ["tasks drawn from", "tasks", "Student's 95 % interval holds it", "Student's bounds say equal", "shifted sign-flips say equal"],
        [[name, str(tasks), *map(percent, each)] for (name, _, tasks, _, _), each in zip(hard, spread(refused, hard), strict=True)],
    )
    yield from table(
        f"A few lost, many a little better, equal on average, ten attempts ({runs} runs each): p < 0.05, percent; and what a second test would cost",
        [
            "tasks", "p < 0.05 wrongly", "of these with no lost task drawn", "wrongly, were the score test to agree",
            "10 points of half trivial tasks found", "found, were the score test to agree",
        ],
        [[str(tasks), *map(percent, each)] for tasks, each in zip(TASKS, spread(unseen, [(tasks, runs) for tasks in TASKS]), strict=True)],
    )  # fmt: skip
