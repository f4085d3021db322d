"""Chance from a seed, the same on every machine and Python: SHA-256 in counter mode, and nothing of the random module."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Drawn = TypeVar("Drawn")
BYTES = 8
ROOM = 1 << (8 * BYTES)


class Draw:
    """A stream of choices. Two draws of the same label give the same choices in the same order."""

    def __init__(self, label: str) -> None:
        self._label, self._count = label, 0

    def child(self, word: str) -> Draw:
        """A stream of its own, which nothing drawn here can shift."""
        return Draw(f"{self._label}/{word}")

    def below(self, bound: int) -> int:
        """0 <= n < bound, each as likely: numbers beyond the last whole multiple of the bound are drawn again. Raises ValueError."""
        if not 0 < bound <= ROOM:
            raise ValueError(f"a bound of {bound}")
        while True:
            number = int.from_bytes(hashlib.sha256(f"{self._label}#{self._count}".encode()).digest()[:BYTES], "big")
            self._count += 1
            if number < ROOM - ROOM % bound:
                return number % bound

    def between(self, least: int, most: int) -> int:
        """Both ends included."""
        return least + self.below(most - least + 1)

    def pick(self, choices: Sequence[Drawn]) -> Drawn:
        return choices[self.below(len(choices))]

    def shuffled(self, choices: Sequence[Drawn]) -> list[Drawn]:
        """Fisher and Yates, from the end."""
        made = list(choices)
        for last in range(len(made) - 1, 0, -1):
            other = self.below(last + 1)
            made[last], made[other] = made[other], made[last]
        return made

    def sample(self, choices: Sequence[Drawn], count: int) -> list[Drawn]:
        """`count` different ones in the order drawn. Raises ValueError for more than there are."""
        if count > len(choices):
            raise ValueError(f"{count} of {len(choices)}")
        return self.shuffled(choices)[:count]
