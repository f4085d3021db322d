"""How long to wait before the next attempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Backoff:
    """``attempts`` tries in all; waits grow by ``factor`` from ``first`` to at most ``longest`` seconds."""

    attempts: int = 4
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first < 0 or self.factor < 1 or self.longest < self.first:
            raise ConfigError("a policy of attempts that makes no sense")

    def delays(self) -> Iterator[float]:
        """The waits between the attempts: one less than there are attempts."""
        delay = self.first
        for _ in range(self.attempts - 1):
            yield min(delay, self.longest)
            delay *= self.factor


ONCE = Backoff(attempts=1)
