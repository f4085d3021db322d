"""The limits of a whole run."""

from __future__ import annotations

import pytest

from harness.cli.bounds import Bounds
from harness.plan import RunLimits
from tests.cli.rows import a_row


@pytest.mark.parametrize(
    ("limits", "now", "costs", "why"),
    [
        (RunLimits(10.0), 9e9, (4.0, 5.0), ""),
        (RunLimits(10.0), 0.0, (4.0, 6.0), "10 USD"),
        (RunLimits(0.0), 0.0, (None, None), ""),
        (RunLimits(10.0, 2.0), 7199.0, (None,), ""),
        (RunLimits(10.0, 2.0), 7200.0, (None,), "2 hours"),
    ],
    ids=["room left", "money spent", "local models cost nothing", "time left", "time over"],
)
def test_a_run_ends_at_its_limit(limits: RunLimits, now: float, costs: tuple[float | None, ...], why: str) -> None:
    """Money binds priced models only; hours bind the run."""
    rows = [a_row(cost_usd=cost) for cost in costs]
    assert why in Bounds(limits, 0.0).reached(now, rows)
    assert bool(why) == bool(Bounds(limits, 0.0).reached(now, rows))
