"""A verdict that takes no test: for replays of a point."""

from __future__ import annotations

import msgspec


class Observed(msgspec.Struct, frozen=True, tag="observed"):
    """Whether an item was honoured at its next opportunity, read from the recorded trees."""

    @property
    def fail_to_pass(self) -> tuple[str, ...]:
        """No test is named."""
        return ()

    @property
    def pass_to_pass(self) -> tuple[str, ...]:
        """No test is named."""
        return ()
