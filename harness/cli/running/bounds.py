"""The limits of a whole run: money and hours."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.plan import RunLimits


def spent_usd(notes: Iterable[str]) -> float:
    """USD of a run. A note says what a trial cost so far, "t0001 0.25", its later ones what it cost by then; a bare figure adds to the rest."""
    latest: dict[str, float] = {}
    bare = 0.0
    for note in notes:
        trial, _, usd = note.rpartition(" ")
        if trial:
            latest[trial] = float(usd)
        else:
            bare += float(usd)
    return bare + sum(latest.values())


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
