"""Chance: tokens that nobody should guess, and choices between equals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Dice:
    """A source of chance; the same seed gives the same tokens."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()

    def token(self, length: int = 8) -> str:
        """Letters and digits that cannot be mistaken for each other."""
        return "".join(self._random.choice(LETTERS) for _ in range(length))

    def pick(self, items: Sequence[T]) -> T:
        return items[self._random.randrange(len(items))]


_dice = Dice()


def install(dice: Dice) -> None:
    global _dice
    _dice = dice


def reseed(seed: int | None) -> None:
    install(Dice(seed))


def token(length: int = 8) -> str:
    return _dice.token(length)


def pick(items: Sequence[T]) -> T:
    return _dice.pick(items)
