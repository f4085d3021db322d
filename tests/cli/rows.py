"""A row for tests, with what matters to them filled in."""

from __future__ import annotations

import msgspec

from harness.core.facts import Window
from harness.metrics.row import Calls, Row, RowDigests, Seconds, Tokens

PLAIN = Row(
    "t0001", "task", "coder", "m/x", "", 1, 1, "passed", "solved", "answered", (), (), None, None, None, (), "", "test", (), oracle=True,
    turns=1, calls=Calls(), tokens=Tokens(1, 0, 1, None), cost_usd=None, seconds=Seconds(0, None, None, 0, 0, 0, 0), window=Window(),
    thinking="", digests=RowDigests("", "", "", "", ""), host="",
)


def a_row(**fields: object) -> Row:
    """The plain row with some fields changed."""
    return msgspec.structs.replace(PLAIN, **fields)
