"""Where a window counts as full, how far to clear it then, and how much a compaction must free to be worth its cost; pure."""

from __future__ import annotations

import msgspec

from agents.history import History
from harness.core.errors import PlanError


class Marks(msgspec.Struct, frozen=True):
    """`window` in tokens, None where unknown: then only an overflow compacts. `high`, `low`: marks as shares of the window.

    `recent`: newest results that are never cleared at the high mark.
    """

    window: int | None
    high: float
    low: float
    recent: int = 0

    def passed(self, history: History) -> int | None:
        """The window, where the high mark is passed; None below it."""
        window = history.tokens if history.full else self.window  # a reply cut by the window has measured it
        return None if window is None or history.tokens <= self.high * window else window

    def worth(self, window: int) -> float:
        """Tokens: what frees no more is not done, because it would be due again a turn later and every view read anew."""
        return (self.high - self.low) / 2 * window


def checked(*, high_water: float, low_water: float, recent: int = 0, nudges: int = 0) -> None:
    """Options that cross or leave the window are the user's mistake. Raises PlanError."""
    if not 0 < low_water < high_water <= 1:
        raise PlanError("", "agent.high_water", f"low {low_water}, high {high_water}", "0 < low_water < high_water <= 1")
    if recent < 0 or nudges < 0:
        raise PlanError("", "agent.recent", f"recent {recent}, nudges {nudges}", "0 or more of each")
