"""The limits of a whole run."""

from __future__ import annotations

import pytest

from harness.cli.running.bounds import Bounds, spent_usd
from harness.plan import RunLimits


@pytest.mark.parametrize(
    ("limits", "now", "usd", "why"),
    [
        (RunLimits(10.0), 9e9, 9.0, ""),
        (RunLimits(10.0), 0.0, 10.0, "10 USD"),
        (RunLimits(0.0), 0.0, 0.0, ""),
        (RunLimits(10.0, 2.0), 7199.0, 0.0, ""),
        (RunLimits(10.0, 2.0), 7200.0, 0.0, "2 hours"),
    ],
    ids=["room left", "money spent", "local models cost nothing", "time left", "time over"],
)
def test_a_run_ends_at_its_limit(limits: RunLimits, now: float, usd: float, why: str) -> None:
    """Money binds priced models only; hours bind the run."""
    assert why in Bounds(limits, 0.0).reached(now, usd)
    assert bool(why) == bool(Bounds(limits, 0.0).reached(now, usd))


def test_what_a_trial_cost_is_counted_once() -> None:
    """A later note of a trial replaces its earlier ones; figures without a trial, of older records, add up."""
    assert spent_usd(["0.25", "t0001 1.0", "t0002 0.5", "0.25", "t0001 1.5"]) == 2.5
    assert spent_usd([]) == 0.0
