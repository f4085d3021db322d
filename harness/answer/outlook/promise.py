"""The drop that a gate finds: one figure by one rule for an estimate, a baseline and a gate."""

from __future__ import annotations

from collections.abc import Sequence

from harness.metrics.statistics.power import detectable
from harness.metrics.statistics.tally import Tally


def gate_finds(tasks: int, attempts: int, seen: Sequence[Tally], max_drop: float) -> float:
    """The smallest true drop, 0..1, that turns a night red four times in five, 1: none. The rule is the gate's own: a drop shown, and as large as `max_drop`.

    What its callers put in differs, and with it the figure: an estimate has the plan's tasks, shaped by what earlier nights or a default tell
    (`seen`); a baseline and a gate have one side's own outcomes in the baseline, with the attempts of one night.
    """
    return detectable(tasks, attempts, seen=seen, question="gate", max_drop=max_drop)
