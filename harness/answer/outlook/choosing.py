"""Which tasks and how many attempts of a plan fit a night of given hours, so that the night can show as much as it may; pure.

Tasks come in an order that the plan's seed alone decides: every night draws the same, and a longer one draws the same and more. Whole blocks are
taken, because a block is what a run stopped early is balanced by. Of all that fits, what detects the smallest difference is taken; where two
detect about the same, more tasks: they also tell more of what was not drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

Hours: TypeAlias = Callable[[Sequence[str], int], float]
"""(tasks, attempts) -> hours of the night."""
Detects: TypeAlias = Callable[[int, int], float]
"""(number of tasks, attempts) -> the smallest difference that is found with 80 % power, 0..1."""
TRIED = 10
"""Numbers of attempts that are looked at beside the plan's own: hardly a plan has more, and further ones tell next to nothing."""


ALIKE = 1.05
"""Differences so near each other, as a ratio, are one: they come from simulations, whose noise must not choose between tasks and attempts."""


class Choice(msgspec.Struct, frozen=True):
    """`fits`: False where even one block of one attempt takes longer; then it is that block."""

    tasks: tuple[str, ...]
    attempts: int
    fits: bool = True


def order(tasks: Sequence[str], seed: int) -> tuple[str, ...]:
    """The tasks as the seed draws them; a task's place does not depend on where it stood."""
    return tuple(sorted(tasks, key=lambda task: hashlib.sha256(f"{seed}\0{task}".encode("utf-8", "surrogatepass")).digest()))


def choose(tasks: Sequence[str], attempts: int, block: int, limit: float, hours: Hours, detects: Detects) -> Choice:
    """Of `tasks`, in the order in which they are to be taken, and at most `attempts` of each, in blocks of `block`. `limit`: hours. At least one task."""
    found = list(_fitting(tasks, attempts, block, limit, hours))
    if not found:
        return Choice(tuple(tasks[:block]), 1, fits=False)
    if (full := Choice(tuple(tasks), attempts)) in found:
        return full
    shown = {choice: detects(len(choice.tasks), choice.attempts) for choice in found}
    best = ALIKE * min(shown.values())
    return max((choice for choice in found if shown[choice] <= best), key=lambda choice: (len(choice.tasks), choice.attempts))


def _fitting(tasks: Sequence[str], attempts: int, block: int, limit: float, hours: Hours) -> Iterator[Choice]:
    """For each number of attempts the most tasks that fit; more attempts never leave room for more tasks."""
    most = len(tasks)
    for count in sorted({*range(1, min(attempts, TRIED) + 1), attempts}):
        most = _most(tasks[:most], count, block, limit, hours)
        if not most:
            return
        yield Choice(tuple(tasks[:most]), count)


def _most(tasks: Sequence[str], attempts: int, block: int, limit: float, hours: Hours) -> int:
    """The most tasks in whole blocks, or all of them; 0 where not one block fits. Doubling, then halving: hours grow with tasks, and playing many takes long."""
    steps = [*range(block, len(tasks), block), len(tasks)]
    low, high = 0, 1
    while high < len(steps) and hours(tasks[: steps[high - 1]], attempts) <= limit:
        low, high = high, 2 * high
    high = min(high, len(steps))
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if hours(tasks[: steps[middle]], attempts) <= limit else (low, middle)
    return steps[low - 1] if low else 0
