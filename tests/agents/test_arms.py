"""The views of a replay: what each keeps, leaves out and puts in, and that the answer to the request is never among it."""

from __future__ import annotations

import pytest

from agents.arms import REMINDER, STANDING, clean, evict, fresh, no_rule, pad, remind, state, unsigned
from agents.exposure import exposes, without
from agents.filler import OPENING, filler
from agents.views import OF_A_PROBE, OF_AN_ITEM, VIEWS, through
from agents.window import total
from harness.core.agent import Aid, Answered, Ask, Conversation, Edit, Mended, Seen, Stop, Wish, ask
from harness.core.chat import (
    Message,
    Origin,
    ReplyStop,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolOutput,
    Usage,
    View,
    message,
)

RULE = "Every new function ends with `_op`."
SYSTEM = message("a1", Role.SYSTEM, Origin.HARNESS, Text("how things are"))
TOLD = message("m1", Role.USER, Origin.TASK, Text(f"Write seven parts. {RULE} Be quick."))
WRONG = Message("m2", Role.ASSISTANT, message("m2", Role.ASSISTANT, Origin.MODEL, Text("now"), ToolCall("c1", "write", '{"path": "a.py", "content": "def one(): ..."}')).parts)
WROTE = message("m3", Role.TOOL, Origin.TOOL, ToolOutput("c1", "write", "Wrote a.py", ok=True))
RIGHT = message("m4", Role.ASSISTANT, Origin.MODEL, Text("next"), ToolCall("c2", "write", '{"path": "b.py", "content": "def two_op(): ..."}'))
SAID = message("m5", Role.TOOL, Origin.TOOL, ToolOutput("c2", "write", "Wrote b.py", ok=True))
NOW = message("m6", Role.USER, Origin.USER, Text("Go on with the third."))
PAST = (SYSTEM, TOLD, WRONG, WROTE, RIGHT, SAID, NOW)
AFTER = message("m7", Role.ASSISTANT, Origin.MODEL, Text("on it"))
DIGEST = message("v1", Role.USER, Origin.HARNESS, Text("Files changed:\n- a.py (added)\n- two_op.py (added)"))
AID = Aid((("suffix", RULE), ("other", "Be kind.")), "suffix", RULE, ("_op",), ("_op", "river"), ("turn 1, write: a.py added",), (Mended("m2"),), question=("Which ending?", "Once more?"))


def seen(**more: object) -> Seen:
    aid = Aid(**({name: getattr(AID, name) for name in AID.__struct_fields__} | more))
    return Seen(frozenset(each.id for each in PAST), "m6", DIGEST, aid)


def ids(view: View) -> list[str]:
    return [each.id for each in view]


def words(view: View) -> str:
    return "\n".join(part.content.text for each in view for part in each.parts)


def wished(under: Conversation, reply: Message) -> tuple[list[Wish], Stop]:
    """Every wish, each question answered by the same reply, and the end."""
    wishes: list[Wish] = []
    wish = next(under)
    try:
        while True:
            wishes.append(wish)
            wish = under.send(Answered(reply, ReplyStop.END, Usage()) if isinstance(wish, Ask) else None)
    except StopIteration as end:
        return wishes, end.value


def test_fresh_has_the_items_the_request_and_the_digest() -> None:
    """Nothing of the history, and what came after the fork follows."""
    view = fresh((*PAST, AFTER), seen())
    assert ids(view) == ["a1", "v1i", "m6", "v1", "m7"]
    assert words(view[1:2]) == f"{STANDING}\n- {RULE}\n- Be kind."


def test_fresh_without_items_has_no_empty_list() -> None:
    """A task without a manifest has nothing to state."""
    assert ids(fresh(PAST, seen(standing=()))) == ["a1", "m6", "v1"]


def test_remind_states_the_one_item_last() -> None:
    """All of the history, then the item, then what came after."""
    view = remind((*PAST, AFTER), seen())
    assert ids(view) == [*ids(PAST), "v1r", "m7"]
    assert words(view[-2:-1]) == f"{REMINDER}\n- {RULE}"


def test_state_tells_the_agents_own_edits_last() -> None:
    """A log of what it changed, made by machine."""
    assert "- turn 1, write: a.py added" in words(state(PAST, seen())[-1:])


@pytest.mark.parametrize("length", [400, 3_000, 60_000])
def test_pad_is_as_long_as_the_whole_and_holds_no_item(length: int) -> None:
    """Filler makes up for the history to within 2 % and a sentence; no word of it is an item's, and nothing near is further away."""
    long = message("m5", Role.TOOL, Origin.TOOL, ToolOutput("c2", "write", "x" * length, ok=True))
    past = (*PAST[:5], long, NOW)
    view = pad((*past, AFTER), seen(tokens=None))
    assert abs(total(view[:-1]) - total(past)) <= max(40, total(past) // 50)
    assert ids(view)[-4:] == ["v1i", "m6", "v1", "m7"]
    fill = words(tuple(each for each in view if each.id == "v1f"))
    assert not exposes(fill, ("_op", "river"))


def test_evict_leaves_nothing_that_shows_the_item() -> None:
    """Parts that expose it go with their results, requests lose the sentence alone, and the rest of the history stays."""
    view = evict((*PAST, AFTER), seen())
    assert "_op" not in words(view)
    assert "Write seven parts.  Be quick." in words(view)
    assert ids(view) == ["a1", "v1-m1", "m2", "m3", "m4", "m6", "m7"]
    calls = {part.content.id for each in view for part in each.parts if isinstance(part.content, ToolCall)}
    outputs = {part.content.call_id for each in view for part in each.parts if isinstance(part.content, ToolOutput)}
    assert calls == outputs == {"c1"}


def test_no_rule_is_fresh_for_one_who_was_never_told() -> None:
    """Neither the list of items, nor the request, nor the digest holds a word of it."""
    told = Seen(frozenset(ids(PAST)), "m1", DIGEST, seen().aid)
    view = no_rule((*PAST, AFTER), told)
    assert "_op" not in words(view)
    assert "Be kind." in words(view)
    assert ids(view) == ["a1", "v1i", "v1-m1", "v1-v1", "m7"]


def test_clean_replaces_what_went_wrong_by_filler_of_its_length() -> None:
    """Where nobody knows what should have been done, the reply and its result give way to as many neutral characters."""
    long = message("m3", Role.TOOL, Origin.TOOL, ToolOutput("c1", "write", "no " * 300, ok=False))
    view = clean((*PAST[:3], long, *PAST[4:], AFTER), seen())
    assert ids(view) == ["a1", "m1", "v1-m2", "m4", "m5", "m6", "m7"]
    assert 0 <= len(words(WRONG and (WRONG, long))) - len(words(view[2:3])) < 120
    assert words(view[2:3]).startswith(OPENING)


def test_clean_has_what_a_worker_who_forgets_nothing_would_have_written() -> None:
    """The call keeps its id and its result; what was thought and said of the wrong one goes."""
    better = '{"path": "a.py", "content": "def one_op(): ..."}'
    view = clean(PAST, seen(mended=(Mended("m2", (("c1", better),)),)))
    assert ids(view) == ["a1", "m1", "v1-m2", "m3", "m4", "m5", "m6"]
    assert view[2].calls == (ToolCall("c1", "write", better),)
    assert view[2].text == ""


def test_signed_reasoning_goes_under_every_view() -> None:
    """Where a provider ties it to its history all arms drop that of the past alike, and keep what is thought after."""
    thought = Message("m2", Role.ASSISTANT, message("m2", Role.ASSISTANT, Origin.THINKING, Thinking("hm", "{}"), *[part.content for part in WRONG.parts]).parts)
    later = message("m7", Role.ASSISTANT, Origin.THINKING, Thinking("ah", "{}"))
    view = (*PAST[:2], thought, *PAST[3:], later)
    left = unsigned(view, seen(signed=True))
    assert ids(left) == ids(view)
    assert [type(part.content) for part in left[2].parts] == [Text, ToolCall]
    assert left[-1] is later
    assert unsigned(view, seen()) == view


def test_a_sentence_goes_and_its_neighbours_stay() -> None:
    """By line and sentence; an expression that reaches over lines loses the match."""
    assert without("Do a. Use X_op here. Do b.\ndef f_op():\n    pass", "", ("_op",)) == "Do a. Do b.\n    pass"
    assert without("a\nb", "", ("re:a\\nb",)) == ""


def test_filler_is_the_same_for_the_same_length() -> None:
    """Deterministic, of about the length asked for, never above it."""
    assert filler(5_000) == filler(5_000)
    assert 4_880 <= len(filler(5_000)) <= 5_000
    assert filler(10) == ""
    assert len(filler(2_000, lambda _text: True)) == len(OPENING)


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_view_confesses_what_it_leaves_out_and_puts_in(name: str) -> None:
    """What of the agent's messages is not shown stands in an Edit before the question; later questions say nothing twice."""

    def agent() -> Conversation:
        answered = yield from ask(PAST)
        yield from ask((*PAST, answered.message))
        return Stop.ANSWERED

    wishes, _ = wished(through(agent(), name, seen()), AFTER)
    edits, asks = [each for each in wishes if isinstance(each, Edit)], [each for each in wishes if isinstance(each, Ask)]
    gone = set(ids(PAST)) - set(ids(asks[0].view))
    told = {*(ident for each in edits for ident in each.dropped), *(old for each in edits for old, _ in each.replaced)}
    assert gone == told
    assert len(edits) == (name not in ("full", "wide"))
    assert len(asks) == 2


def test_before_the_first_question_what_is_begun_with_is_the_past() -> None:
    """A fork at turn 0 has no question on record; its view holds all the same."""

    def agent() -> Conversation:
        yield from ask((SYSTEM, TOLD))
        return Stop.ANSWERED

    wishes, _ = wished(through(agent(), "evict", Seen(frozenset(), "m1", DIGEST, seen().aid)), AFTER)
    assert isinstance(wishes[-1], Ask)
    assert "_op" not in words(wishes[-1].view)


def test_views_of_an_item_are_known() -> None:
    """Those that mean nothing without one."""
    assert {"remind", "evict", "no-rule", "recall"} == OF_AN_ITEM
    assert {"absent", "wide"} == OF_A_PROBE


@pytest.mark.parametrize(("said", "times"), [('{"answer": "_op"}', 1), ('```json\n{"answer": null}\n```', 1), ("I think so", 2), ('"answer"', 2)])
def test_a_recall_asks_and_is_over(said: str, times: int) -> None:
    """The whole view with the question last; once more where the answer has another form; the agent never hears of it."""

    def agent() -> Conversation:
        yield from ask(PAST)
        raise AssertionError("the agent goes on")

    wishes, stop = wished(through(agent(), "recall", seen()), message("m9", Role.ASSISTANT, Origin.MODEL, Text(said)))
    asks = [each for each in wishes if isinstance(each, Ask)]
    assert (len(asks), stop) == (times, Stop.ANSWERED)
    assert ids(asks[0].view) == [*ids(PAST), "v1q"]
    assert words(asks[-1].view).endswith("Which ending?" if times == 1 else "Once more?")


def test_no_call_of_an_answer_is_run() -> None:
    """A reply with a call is no answer; it is asked once more without it, and nothing is used."""

    def agent() -> Conversation:
        yield from ask(PAST)
        raise AssertionError("the agent goes on")

    under = through(agent(), "recall", seen())
    next(under)
    under.send(None)
    again = under.send(Answered(RIGHT, ReplyStop.TOOL, Usage()))
    assert isinstance(again, Ask)
    assert ids(again.view) == [*ids(PAST), "v1q", "v1q2"]


def test_a_question_about_nothing_is_confessed_under_its_own_name() -> None:
    """The same as recall, with what the replay was given to ask."""

    def agent() -> Conversation:
        yield from ask(PAST)
        raise AssertionError("the agent goes on")

    wishes, stop = wished(through(agent(), "absent", seen()), message("m9", Role.ASSISTANT, Origin.MODEL, Text('{"answer": null}')))
    assert [each.policy for each in wishes if isinstance(each, Edit)] == ["view absent"]
    assert (sum(isinstance(each, Ask) for each in wishes), stop) == (1, Stop.ANSWERED)
