"""Notes and pinned rules, decision by decision: sizes, order, places, and what is said where there is no room."""

from __future__ import annotations

import pytest

from agents import masking, notes, pinned, sliding, summarising
from harness.core.agent import Stop
from harness.core.chat import ReplyStop, Role
from harness.core.errors import PlanError

BIG = "x" * 4000
"""About 1,000 tokens of output."""


def talk(kit, count):
    return [kit.act(kit.call(command="z" * 4000, seconds=0)) for _ in range(count)]


def pin_of(played):
    """The message that says rules again in the last view."""
    return next(m for m in played.views[-1] if "Keep to these sentences" in m.text or "These sentences stand in files" in m.text)


def note(kit, words, ident):
    return kit.act(kit.call("note", ident, text=words))


def test_nothing_is_said_again_while_nothing_is_taken_out(kit):
    """Below the high mark pinned and notes are coder: no message of theirs, no edit."""
    for agent in (pinned.create(), notes.create()):
        played = kit.Tape().play(agent, [note(kit, "mind", "n1"), kit.act(), kit.finish()], window=32000)
        assert played.edits == []
        assert not any("taken out to save room" in m.text for m in played.views[-1])


def test_the_latest_request_has_the_last_word(kit):
    """Rules of all requests in their order, each once; the message stands last in the view."""
    first, later = "1. do it", ("Money is never a float.", "2. Ids must be strings.", "3. From now on ids are integers. Money is never a float.")
    played = kit.Tape().play(pinned.create(), [*[kit.finish()] * 3, *talk(kit, 8), kit.say("sum"), kit.finish()], later=later, window=10000)
    assert first in played.views[-1][1].text
    pin = pin_of(played)
    assert pin.role is Role.USER
    assert [line for line in pin.text.split("\n") if line.startswith("-")] == [
        "- 2. Ids must be strings.", "- 3. From now on ids are integers.", "- Money is never a float.",
    ]  # fmt: skip


def test_rules_without_room_are_counted(kit):
    """The newest are said again; of the others the model is told where they stand, and the record how many."""
    rules = " ".join(f"Never do number {k} of the things that are listed here." for k in range(40))
    played = kit.Tape().play(pinned.create(share=0.02), [kit.finish(), *talk(kit, 8), kit.say("sum"), kit.finish()], later=(rules,), window=10000)
    pin = pin_of(played).text
    said = [line for line in pin.split("\n") if line.startswith("-")]
    assert said[-1] == "- Never do number 39 of the things that are listed here."
    assert f"({40 - len(said)} older sentences" in pin
    assert f"without room: {40 - len(said)} of requests, 0 of files" in next(edit.reason for edit in reversed(played.edits) if edit.policy == "pin")
    assert sum(len(line) + 1 for line in said) <= 0.02 * 10000 * 4


def test_rules_of_files_without_room_are_told_to_be_gone(kit):
    """They stand nowhere else in the view, so that is what the model is told."""
    text = "\n\n".join(f"Never do number {k} of the things that are listed here." for k in range(40))
    replies = [kit.act(kit.call("read", path="RULES.md")), *talk(kit, 8), kit.say("sum"), kit.finish()]
    played = kit.Tape(lambda call: text if call.name == "read" else "ran").play(pinned.create(share=0.05), replies, window=10000)
    pin = pin_of(played).text
    said = [line for line in pin.split("\n") if line.startswith("- RULES.md: Never")]
    assert 0 < len(said) < 40
    assert f"({40 - len(said)} more sentences of this kind are gone" in pin
    assert f"{40 - len(said)} of files" in next(edit.reason for edit in reversed(played.edits) if edit.policy == "pin")


def test_what_is_said_again_brings_no_summary_by_itself(kit):
    """Marks so close that the pinned rules alone pass the high one: a summary would free nothing of them, so it isn't due on every turn."""
    rules = " ".join(f"Never do number {k} of the things that are listed here." for k in range(120))
    replies = [kit.finish(), *[kit.act()] * 12, kit.finish(), kit.finish()]
    played = kit.Tape().play(pinned.create(high_water=0.5, low_water=0.45), replies, later=(rules,), window=4000)
    done = sum(edit.policy == "summarise" for edit in played.edits)
    assert 1 <= done <= 3


def test_the_page_comes_before_a_reply_that_is_still_going_on(kit):
    """A paused reply is asked again with nothing after it, also when results were cleared before it."""
    paused = kit.say("wait" * 2500, stop=ReplyStop.PAUSED)
    replies = [note(kit, "mind the gap", "n1"), *[kit.act()] * 6, paused, kit.finish()]
    played = kit.Tape(lambda call: "Noted." if call.name == "note" else BIG).play(notes.create(recent=1), replies, window=10200)
    page, last = played.views[-1][-2:]
    assert (last.role, last.text) == (Role.ASSISTANT, "wait" * 2500)
    assert (page.role, page.parts[1].content.text) == (Role.USER, "mind the gap")


def test_notes_are_kept_over_many_compactions_in_order(kit):
    """Those of the page and those since: each once, the oldest first, refused ones not at all."""
    replies = []
    for k in range(6):
        replies += [note(kit, f"note {k}", f"n{k}"), note(kit, "", f"e{k}"), *talk(kit, 6)]
    played = kit.Tape().play(notes.create(recent=0), [*replies, kit.finish()] + [kit.finish()] * 12, window=10000)
    page = next(m for m in reversed(played.views[-1]) if "your notes" in m.text)
    shown = [part.content.text for part in page.parts[1:]]
    assert shown == [f"note {k}" for k in range(len(shown))]
    assert len(shown) >= 4
    assert len({edit.policy for edit in played.edits}) >= 2


def test_a_full_page_declines_in_plain_words(kit):
    """The call is not run; its answer says what is used of how much."""
    replies = [note(kit, "n" * 900, "n1"), note(kit, "n" * 200, "n2"), kit.finish()]
    played = kit.Tape().play(notes.create(), replies, window=2500)
    assert [c.id for c in played.used] == ["n1", "f1"]
    assert "200 characters, and of the 1000 that all notes together may have 900 are used" in played.views[-1][-1].text
    assert "may have 1000 characters" in played.views[0][0].text


def test_masking_never_asks_for_a_summary(kit, overflow):
    """Overflow after overflow clears what there is, then ends with the window as the reason."""
    played = kit.Tape(lambda _: BIG).play(masking.create(), [*[kit.act()] * 4, overflow, overflow])
    assert {edit.policy for edit in played.edits} == {"clear"}
    assert played.stop is Stop.WINDOW


def test_masking_does_not_clear_a_little_on_every_turn(kit):
    """Where the words of the model fill the window, a result more or less is not worth reading every view anew."""
    replies = [*[kit.act(kit.call(command="z" * 3000, seconds=0))] * 12, kit.finish()]
    played = kit.Tape(lambda _: "y" * 600).play(masking.create(), replies, window=10000)
    assert played.edits == []


def test_a_window_that_is_full_with_nothing_to_mask_is_the_end(kit):
    """A reply cut by the window, and no result to clear: asking again would be cut again."""
    played = kit.Tape().play(masking.create(), [kit.act(), kit.say("z" * 400, stop=ReplyStop.WINDOW_FULL)])
    assert played.stop is Stop.WINDOW


def test_sliding_drops_whole_exchanges_from_the_oldest(kit):
    """Calls and results go together; requests and the newest exchange stay."""
    played = kit.Tape(lambda _: BIG).play(sliding.create(), [*[kit.act()] * 9, kit.finish()], window=10000)
    (edit,) = played.edits
    assert edit.replaced == ()
    last = played.views[-1]
    assert [m.role for m in last[:2]] == [Role.SYSTEM, Role.USER]
    assert [m.role for m in last[2:4]] == [Role.ASSISTANT, Role.TOOL]
    first = played.views[-2] if len(played.views[-2]) > len(last) else next(v for v in reversed(played.views) if len(v) > len(last))
    assert list(edit.dropped) == [m.id for m in first[2 : 2 + len(edit.dropped)]]


def test_sliding_ends_where_only_the_newest_is_left(kit, overflow):
    """Without it the model would make the same call again."""
    played = kit.Tape(lambda _: BIG).play(sliding.create(), [kit.act(), overflow])
    assert (played.stop, played.edits) == (Stop.WINDOW, [])


def test_summarising_summarises_once_after_a_refusal(kit, overflow):
    """The older half is dropped, the rest summarised; a further refusal is the end."""
    played = kit.Tape(lambda _: BIG).play(summarising.create(), [kit.act(), kit.act(), overflow, kit.say("short"), overflow])
    assert [edit.policy for edit in played.edits] == ["drop", "summarise"]
    assert played.stop is Stop.WINDOW


@pytest.mark.parametrize("create", [masking.create, summarising.create, sliding.create, pinned.create, notes.create])
@pytest.mark.parametrize("options", [{"high_water": 0.4}, {"low_water": 0.0}, {"nudges": -1}])
def test_impossible_marks_are_the_users_mistake(create, options):
    """Marks that cross or leave the window are refused when the agent is made."""
    with pytest.raises(PlanError):
        create(**options)


@pytest.mark.parametrize("create", [pinned.create, notes.create])
@pytest.mark.parametrize("share", [0.0, 0.5, -1.0, float("nan")])
def test_a_share_is_a_share(create, share):
    """Nothing, more than a quarter, and what is no number are refused."""
    with pytest.raises(PlanError):
        create(share=share)
