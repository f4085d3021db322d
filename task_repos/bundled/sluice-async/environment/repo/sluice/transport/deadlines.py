"""One limit of time over several steps."""

from __future__ import annotations

import time

from sluice.errors import LinkTimeout


class Deadline:
    """So many seconds from now, by the real clock: links wait for real peers, whatever clock the services go by."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, never below zero."""
        return max(self._end - time.monotonic(), 0.0)

    @property
    def is_over(self) -> bool:
        return self.left() == 0.0

    def require(self, what: str) -> float:
        """Seconds that are left; raises LinkTimeout when there are none."""
        left = self.left()
        if left == 0.0:
            raise LinkTimeout(f"{what} took longer than {self.seconds:g} s")
        return left
