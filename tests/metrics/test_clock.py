"""The official clock: the agent's phases as the record has them, and nothing of images, waiting or grading."""

from __future__ import annotations

from harness.core.agent import Stop
from harness.core.events import AgentStopped, Digests, Entry, Event, RequestGiven, SlotWaited, Trace, TrialStarted
from harness.core.lived import StepEnded
from harness.core.trial import TrialKey
from harness.metrics.clock import AgentPhase, phases, seconds, within

STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 0, Digests("", "", "", ""), "{}", "host")


def trace(*rows: tuple[float, Event]) -> Trace:
    return tuple(Entry(number, at, event) for number, (at, event) in enumerate(((0.0, STARTED), *rows), 1))


def given(name: str, index: int = 1) -> RequestGiven:
    return RequestGiven(name, f"m{index}", index)


def test_the_clock_runs_from_the_request_to_the_end() -> None:
    """What comes before the request and after the stop is not the agent's; waiting for a place at a model is told apart."""
    now = trace((50, given("task")), (1000, SlotWaited(30.0)), (1100, given("more", 2)), (1250, AgentStopped(Stop.ANSWERED)), (9000, AgentStopped(Stop.ANSWERED)))
    assert phases(now) == (AgentPhase("task", 1170.0, 30.0),)
    assert within(now) == (("15 min", False), ("1 h", True))


def test_each_step_has_its_own_clock() -> None:
    """Grading between steps is nobody's time, and the longest step is what a bound is compared with."""
    now = trace((1, given("one")), (101, StepEnded("one", None)), (5000, given("two", 2)), (5200, AgentStopped(Stop.ANSWERED)))
    assert [(phase.step, phase.seconds) for phase in phases(now)] == [("one", 100.0), ("two", 200.0)]
    assert seconds(now) == 200.0
    assert within(now) == (("15 min", True), ("1 h", True))


def test_a_phase_without_an_end_is_as_long_as_it_is() -> None:
    """A record that goes on, or was cut, still has a clock; one whose agent never began has none."""
    assert seconds(trace((1, given("task")), (31, SlotWaited(10.0)))) == 20.0
    assert (seconds(trace()), within(trace())) == (None, ())
