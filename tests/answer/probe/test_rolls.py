"""What each replay came to is read from its record: also of a question, where the answer's own outcome stands beside it."""

from __future__ import annotations

from typing import get_args

import pytest

from harness.answer.probe.rolls import rolls
from harness.core.agent import Stop
from harness.core.events import AgentStopped, Digests, Entry, Event, GradeRan, Trace, TrialStarted
from harness.core.probe import Place, Point, Probe
from harness.core.trial import TrialKey
from harness.engine.gaze import Observation
from harness.metrics.context.recalled import Outcome, Recall

PROBE = Probe("parent", ("full", "recall", "absent"), 1, 6, (Point("p001", Place("t0001", "task", "coder", "m", "rule", 9), "every", attempts=(1,)),))


def read(arm: str, word: str, *evidence: str) -> str:
    """The outcome of the answer, as read from a record that ends so."""
    key = TrialKey("r", "task", "coder", "m", arm, 1)
    graded = GradeRan("observe", "replay", word == "honoured", None, None, 0.0, detail=word, evidence=evidence)
    events: tuple[Event, ...] = (TrialStarted(key, 1, None, None, Digests("", "", "", ""), "{}", ""), AgentStopped(Stop.ANSWERED), graded)
    trace: Trace = tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1))
    (roll,) = rolls(PROBE, [(key, trace)])
    assert roll.came == word
    return roll.answer


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("answer", [(), ("48213", "recall right")])
def test_every_outcome_is_read_as_it_was_put_on_record(outcome: Outcome, answer: tuple[str, ...]) -> None:
    """Whatever the model's own words were."""
    told = Observation("violated", 9, Recall(outcome, 1, answer=answer).sentence)
    assert read("absent", "violated", told.sentence) == read("recall", "violated", told.sentence) == outcome


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [(("violated at turn 9: recall format",), "format"), (("violated at turn 9: recall wrong: 48213",), "wrong"), (("violated at turn 9: recall 9",), ""), ((), "")],
)
def test_a_record_is_read_by_its_own_words(evidence: tuple[str, ...], outcome: str) -> None:
    """As records of earlier versions have them; one without any says nothing of the answer."""
    assert read("absent", "violated", *evidence) == outcome


def test_what_is_no_question_has_no_answer() -> None:
    """An opportunity whose subject reads like one is none."""
    assert read("full", "violated", "violated at turn 9: recall format") == ""
