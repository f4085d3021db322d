"""What a model is let to see after a fork: the whole, or a digest in place of the past; what is left out is confessed."""

from __future__ import annotations

import pytest

from agents.views import OF_A_PROBE, VIEWS, full, short, through
from harness.core.agent import Answered, Ask, Conversation, Edit, Seen, Stop, Use, Wish, ask, confess
from harness.core.chat import Message, Origin, ReplyStop, Role, Text, ToolCall, Usage, View, message
from harness.core.errors import ContextOverflow

SYSTEM = message("a1", Role.SYSTEM, Origin.HARNESS, Text("how"))
OLD = message("m1", Role.USER, Origin.TASK, Text("the first request"))
REPLY = message("m2", Role.ASSISTANT, Origin.MODEL, Text("done"))
NOW = message("m3", Role.USER, Origin.USER, Text("the second request"))
WORK = message("m4", Role.ASSISTANT, Origin.MODEL, Text("at it"))
PAST = (SYSTEM, OLD, REPLY, NOW, WORK)
DIGEST = message("v1", Role.USER, Origin.HARNESS, Text("files changed"))
SEEN = Seen(frozenset(each.id for each in PAST), "m3", DIGEST)
AFTER = message("m5", Role.ASSISTANT, Origin.MODEL, Text("on"))
STAND_IN = message("a2", Role.USER, Origin.HARNESS, Text("cleared"))


def ids(view: View) -> list[str]:
    return [each.id for each in view]


def test_the_full_view_is_the_agents_own() -> None:
    """Nothing is added, nothing is left out."""
    assert full((*PAST, AFTER), SEEN) == (*PAST, AFTER)


def test_the_short_view_keeps_system_text_and_the_request_of_then() -> None:
    """A digest stands for everything else of the past; what came later follows it."""
    assert ids(short((*PAST, AFTER), SEEN)) == ["a1", "m3", "v1", "m5"]


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_its_place_in_the_table(name: str) -> None:
    """A view is a function of its own name, as Python spells it; an arm that only a probe lays shows what another view does."""
    shown = {"absent": "recall", "wide": "full"}
    assert VIEWS[name].__name__ == shown.get(name, name.replace("-", "_"))
    assert set(shown) == OF_A_PROBE


def led(conversation: Conversation) -> tuple[list[Wish], Stop]:
    """Every wish under the short view, each question answered by AFTER, and the end."""
    wishes: list[Wish] = []
    under = through(conversation, "short", SEEN)
    try:
        wish = next(under)
        while True:
            wishes.append(wish)
            wish = under.send(Answered(AFTER, ReplyStop.END, Usage()) if isinstance(wish, Ask) else None)
    except StopIteration as end:
        return wishes, end.value


def test_what_is_left_out_is_said_once() -> None:
    """The first question tells what the digest stands for; later ones have nothing to add."""

    def agent() -> Conversation:
        answered = yield from ask(PAST)
        yield from ask((*PAST, answered.message))
        return Stop.ANSWERED

    wishes, stop = led(agent())
    edit, first, second = wishes
    assert edit == Edit("view short", (), (("m1", "v1"), ("m2", "v1"), ("m4", "v1")), "the view under which this conversation goes on")
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert (ids(first.view), ids(second.view), stop) == (["a1", "m3", "v1"], ["a1", "m3", "v1", "m5"], Stop.ANSWERED)


@pytest.mark.parametrize(("replaced", "shown"), [((("m2", "a2"),), False), ((("m2", "a2"), ("m5", "a2")), True)])
def test_what_stands_in_for_the_past_alone_is_left_out(replaced: tuple[tuple[str, str], ...], shown: bool) -> None:
    """A cleared result of the past is of the past; a summary of past and present stays."""

    def agent() -> Conversation:
        yield from ask(PAST)
        yield from confess(Edit("clear", replaced=replaced))
        yield from ask((SYSTEM, OLD, STAND_IN, NOW, WORK))
        return Stop.ANSWERED

    wishes, _ = led(agent())
    assert isinstance(wishes[-1], Ask)
    assert ("a2" in ids(wishes[-1].view)) is shown


def test_other_wishes_pass_as_they_are() -> None:
    """Tools are used, and a conversation may end before any question."""

    def agent() -> Conversation:
        yield Use(ToolCall("c1", "shell", "{}"))
        return Stop.GAVE_UP

    assert led(agent()) == ([Use(ToolCall("c1", "shell", "{}"))], Stop.GAVE_UP)


def test_an_overflow_reaches_the_agent() -> None:
    """The view stands between; what the model could not take is the agent's to mend, and its end is its own."""

    def agent() -> Conversation:
        try:
            yield from ask(PAST)
        except ContextOverflow:
            return Stop.WINDOW
        return Stop.ANSWERED

    under = through(agent(), "short", SEEN)
    next(under)
    assert isinstance(under.send(None), Ask)
    with pytest.raises(StopIteration) as end:
        under.throw(ContextOverflow("too long"))
    assert end.value.value is Stop.WINDOW


def test_an_agent_that_returns_no_stop_is_told_so() -> None:
    """The same rule as without a view."""

    def agent() -> Conversation:
        yield from ()
        return Message("x", Role.USER, ())  # type: ignore[return-value]

    with pytest.raises(TypeError, match="expected a Stop"):
        next(through(agent(), "full", SEEN))
