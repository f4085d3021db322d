"""A trace cut into tries, and a try that goes on put together with the one before."""

from __future__ import annotations

from itertools import pairwise

from harness.core.agent import Stop
from harness.core.chat import Origin, ReplyStop, Role, Sampling, Text, Timing, Usage
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    ModelAsked,
    ModelReplied,
    PartAdded,
    RequestGiven,
    SandboxOpened,
    Splice,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
)
from harness.core.lived import PastLived
from harness.core.machine import Confinement, SandboxFacts
from harness.core.trial import Parent, TrialKey
from harness.metrics.row import origin
from harness.metrics.tries import latest, lived, of, tries, upto

KEY = TrialKey("r", "t", "a", "m", "", 1)
RETURNED = ToolReturned("c", ok=True, exit_code=0, ended=None, seconds=1.0, shown=1, total=1, blob=None)


def started(number: int, parent: Parent | None = None) -> TrialStarted:
    return TrialStarted(KEY, number, parent, 7, Digests("", "", "", ""), "{}", "host")


def part(ident: str) -> PartAdded:
    return PartAdded(ident, Role.USER, Origin.TASK, Text(ident))


def asked(turn: int, *changes: Splice) -> ModelAsked:
    return ModelAsked(turn, changes, Sampling(), None, 100, "", "")


def replied(name: str) -> ModelReplied:
    return ModelReplied(name, (), ReplyStop.END, "stop", Usage(10), Timing(1.0), None, 0, 0, (), (), "", None, None)


def seen(author: str) -> TreeSeen:
    return TreeSeen(author, "", "", author, 0, 0, 0)


def trace(*events: Event) -> Trace:
    return tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))


FIRST = (
    started(1), seen("start"), part("m1.1"), RequestGiven("r", "m1", 1), asked(1, Splice(0, 0, ("m1.1",))), part("m2.1"), replied("m2"),
    RETURNED, seen("shell"), part("m3.1"), part("a2.1"), asked(2, Splice(1, 0, ("m2.1", "m3.1", "a2.1"))), TrialInterrupted("x"),
)
PARENT = Parent("r", "t0001", 1, 1, "")
SECOND = (
    started(2, PARENT), seen("start"), seen("harness"), PastLived(1, 1, 10, 1.0, 1.0), part("m1.1"), part("m2.1"), part("m3.1"), part("a2.1"),
    asked(2, Splice(0, 0, ("m1.1", "m2.1", "m3.1", "a2.1"))), replied("m4"), AgentStopped(Stop.ANSWERED),
)


def test_a_try_up_to_a_turn_ends_with_its_tools() -> None:
    """Words that the agent adds for the next question are not of the turn; turn 0 ends with the request."""
    one = trace(*FIRST)
    assert [type(entry.event).__name__ for entry in upto(one, 1)][-2:] == ["TreeSeen", "PartAdded"]
    assert upto(one, 1)[-1].event == part("m3.1")
    assert isinstance(upto(one, 0)[-1].event, RequestGiven)
    assert upto(one, 9) == upto(one, 1)  # the second question had no answer


def test_an_agent_that_asks_nobody_has_its_beginning_alone() -> None:
    """It has no turns: neither its work nor the grading is before a first question."""
    proof = Confinement("none", 1000, "0", True, 2, 0, (), "none", False, (), ())
    facts = SandboxFacts("c", "i", "s", "e", "sh", proof, 1.0, 1, 1)
    begun = (started(1), SandboxOpened("agent", facts), seen("start"), part("m1.1"), RequestGiven("r", "m1", 1))
    whole = trace(*begun, RETURNED, seen("solve"), part("m2.1"), AgentStopped(Stop.ANSWERED), SandboxOpened("grading", facts))
    assert tuple(entry.event for entry in upto(whole, 0)) == begun


def test_a_try_that_goes_on_has_the_one_before_in_it() -> None:
    """Nothing stands twice, the view is told against the one before the break, and times follow on one another."""
    now = lived(trace(*FIRST, *SECOND))
    assert [started.number for started in of(now, TrialStarted)] == [1]
    assert [each.author for each in of(now, TreeSeen)] == ["start", "shell"]
    assert [each.id for each in of(now, PartAdded)] == ["m1.1", "m2.1", "m3.1", "a2.1"]
    assert of(now, ModelAsked)[1].splices == (Splice(1, 0, ("m2.1", "m3.1", "a2.1")),)
    assert of(now, PastLived) == ()
    assert all(one.at <= other.at for one, other in pairwise(now))


def test_a_try_cut_off_before_its_past_was_told_adds_nothing_of_the_workspace() -> None:
    """Its first look is of a fresh machine, which is not where the trial stands."""
    now = lived(trace(*FIRST, started(2, PARENT), seen("start"), TrialInterrupted("again")))
    assert [each.author for each in of(now, TreeSeen)] == ["start", "shell"]
    assert isinstance(now[-1].event, TrialInterrupted)


def test_other_tries_stand_alone() -> None:
    """A restarted try, a fork of another run, a parent that is no try of this trial, and no try at all."""
    for parent in (None, Parent("another", "t0001", 1, 1, "full"), Parent("r", "t0001", 5, 1, "")):
        whole = trace(*FIRST, started(2, parent), seen("start"))
        assert lived(whole) == latest(whole)
    assert (lived(()), tries(()), latest(())) == ((), (), ())


def test_a_row_tells_how_its_try_began() -> None:
    """At the beginning, anew after an interruption or a death of the process, or where it was; a fault of the world is neither."""
    died = TrialBroke("harness", "the process of this try died", will_retry=True)
    gone = TrialBroke("model", "gone", will_retry=True)
    assert origin(trace(*FIRST)) == ""
    assert origin(trace(*FIRST, started(2))) == "restarted"
    assert origin(trace(*FIRST, *SECOND)) == "continued"
    assert origin(trace(started(1), died, started(2))) == "restarted"
    assert origin(trace(started(1), gone, started(2))) == ""
    assert origin(()) == ""
