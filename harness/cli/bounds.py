"""The limits of a whole run: money and hours."""

from __future__ import annotations

import msgspec

from harness.plan import RunLimits


class Bounds(msgspec.Struct, frozen=True):
    """`began` in monotonic seconds."""

    limits: RunLimits
    began: float

    def reached(self, now: float, usd: float) -> str:
        """The limit that was reached, as a sentence's beginning, or "". `usd`: paid so far; nothing paid reaches no limit."""
        if usd and usd >= self.limits.cost_usd:
            return f"the run's {self.limits.cost_usd:g} USD are spent"
        if self.limits.hours is not None and now - self.began >= self.limits.hours * 3600:
            return f"the run's {self.limits.hours:g} hours are over"
        return ""
