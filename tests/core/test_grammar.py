"""Which event may follow which."""

from __future__ import annotations

import typing

from harness.core.agent import Stop
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    ModelOpened,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
    TurnYielded,
)
from harness.core.facts import ModelFacts
from harness.core.grammar import NEXT, violations
from harness.core.trial import TrialKey

STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")


def entries(*events: Event) -> tuple[Entry, ...]:
    return tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))


def test_every_event_has_a_row() -> None:
    """The table names every event of the vocabulary, and none that is not in it."""
    names = {kind.__name__ for kind in typing.get_args(Event)}
    assert set(NEXT) - {""} == names
    assert {name for row in NEXT.values() for name in row} <= names


def test_a_lawful_trace_has_no_violation() -> None:
    """A try that broke and one after it read as lawful."""
    second = TrialStarted(STARTED.key, 2, None, 7, STARTED.digests, "{}", "host")
    broke = TrialBroke("model", "gone", will_retry=True)
    assert violations(entries(STARTED, ModelOpened(ModelFacts("k", "n")), broke, second, TrialInterrupted("Ctrl-C"))) == ()


def test_an_event_out_of_place_is_named() -> None:
    """An agent can't stop before anything was opened."""
    (found,) = violations(entries(STARTED, AgentStopped(Stop.ANSWERED)))
    assert found == "2: AgentStopped may not follow TrialStarted"


def test_a_gap_in_the_numbers_is_named() -> None:
    """A missing entry shows as a gap."""
    trace = (Entry(1, 0.0, STARTED), Entry(3, 1.0, TrialInterrupted("x")))
    assert "3: numbered out of order" in violations(trace)


def test_a_clock_that_runs_back_is_named() -> None:
    """Times within a try never fall."""
    trace = (Entry(1, 5.0, STARTED), Entry(2, 1.0, TrialInterrupted("x")))
    assert "2: earlier than the entry before it" in violations(trace)


def test_a_trace_that_begins_in_the_middle_is_named() -> None:
    """Nothing comes before TrialStarted."""
    assert violations(entries(TurnYielded(None)))[0] == "1: TurnYielded may not follow nothing"
