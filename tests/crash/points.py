"""Where a run is struck: before or after a commit, before a container starts, or at a time of its length; and which of its processes die."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import msgspec

SEED = 20260101
EACH = 120
"""At least as many as an undisturbed run commits; a test says when it is too few."""


class Point(msgspec.Struct, frozen=True):
    """`when` before, after: `at` counts the commits of all processes from 1; start: it counts the containers that are made and about to start;

    time: it is a share of an undisturbed run's length.
    """

    when: str
    at: float
    who: str = "all"

    @property
    def name(self) -> str:
        """What a failing point is called, and by which it is chosen again."""
        if self.when == "time":
            return f"time-{self.at:.3f}-{self.who}"
        return f"{'before' if self.when == 'start' else self.when}-{'start' if self.when == 'start' else 'commit'}-{int(self.at):03d}-{self.who}"


def at_times(count: int, who: str, *, seed: int = SEED) -> Iterator[Point]:
    """Drawn evenly over the run's length, the same for the same seed."""
    draw = random.Random(f"{seed} {who}")
    yield from (Point("time", round(draw.random(), 3), who) for _ in range(count))


def at_commits(numbers: Iterable[int], who: str = "all") -> Iterator[Point]:
    """Just before and just after each."""
    for number in numbers:
        yield from (Point("before", number, who), Point("after", number, who))


def at_starts(numbers: Iterable[int], who: str = "all") -> Iterator[Point]:
    """Just before each: nothing of such a container runs, so that it can't see that we are gone."""
    yield from (Point("start", number, who) for number in numbers)


def everyday() -> tuple[Point, ...]:
    """40: commits from the run's first to its last, starts and times, of all processes and of one alone."""
    return (
        *at_commits((1, 2, 3, 5, 8, 13, 21, 34, 55, 76, 104)), *at_starts((1, 3)), *at_starts((4,), "worker"), *at_times(7, "all"),
        *at_times(2, "parent"), *at_commits((11, 60), "parent"), *at_times(2, "worker"),
    )


def long() -> tuple[Point, ...]:
    """More than 200: every commit of the run, and times."""
    return (
        *at_commits(range(1, EACH + 1)), *at_starts(range(1, 9)), *at_times(20, "all", seed=SEED + 1), *at_times(6, "parent", seed=SEED + 1),
        *at_commits((20, 40, 60, 80), "parent"), *at_times(6, "worker", seed=SEED + 1), *at_commits((30, 50, 70, 85), "worker"),
    )
