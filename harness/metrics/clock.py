"""The official clock of a task: wall seconds of the agent's phase as the record has them, whoever's speed they are. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harness.core.events import AgentStopped, RequestGiven, SlotWaited, Trace, TrialBroke, TrialInterrupted
from harness.core.lived import StepEnded
from harness.metrics.tries import lived

QUARTER_S, HOUR_S = 900.0, 3600.0
BOUNDS = (("15 min", QUARTER_S), ("1 h", HOUR_S))
"""What a pass is shown under beside no bound at all."""


class AgentPhase(msgspec.Struct, frozen=True):
    """From a request to the end of its step, or of the agent; `step` names the request. `seconds` without those `waited` for a place at a model.

    Waiting to try a model's server again after a fault counts: the server is part of the agent.
    """

    step: str
    seconds: float
    waited: float


def phases(trace: Trace) -> tuple[AgentPhase, ...]:
    """Of the latest try, in order; one that has not ended, or that broke, is as long as it is on record."""
    return tuple(_phases(lived(trace)))


def _phases(now: Trace) -> Iterator[AgentPhase]:
    began: float | None = None
    waited, step = 0.0, ""
    for entry in now:
        match entry.event:
            case RequestGiven() if began is None:
                began, waited, step = entry.at, 0.0, entry.event.request
            case SlotWaited(seconds=seconds) if began is not None:
                waited += seconds
            case StepEnded() | AgentStopped() | TrialBroke() | TrialInterrupted() if began is not None:
                yield AgentPhase(step, round(max(0.0, entry.at - began - waited), 6), round(waited, 6))
                began = None
            case _:
                pass
    if began is not None:
        yield AgentPhase(step, round(max(0.0, now[-1].at - began - waited), 6), round(waited, 6))


def seconds(trace: Trace) -> float | None:
    """Wall seconds of the longest phase, which is what a bound per phase is compared with; None where no agent began."""
    return max((phase.seconds for phase in phases(trace)), default=None)


def within(trace: Trace) -> tuple[tuple[str, bool], ...]:
    """For each bound of BOUNDS whether the agent's work, step by step, took no longer; () where no agent began."""
    longest = seconds(trace)
    return () if longest is None else tuple((name, longest <= bound) for name, bound in BOUNDS)
