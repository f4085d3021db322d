"""Passed and decided trials of one task: the cluster that every estimate is made of."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct, frozen=True):
    """Counts of trials of one task: `passed` of `decided`, 0 <= passed <= decided, decided >= 1."""

    passed: int
    decided: int

    def __post_init__(self) -> None:
        if not (self.decided >= 1 and 0 <= self.passed <= self.decided):
            raise ValueError(f"{self.passed} passed of {self.decided} decided trials")

    @property
    def share(self) -> float:
        """The task's own pass rate."""
        return self.passed / self.decided
