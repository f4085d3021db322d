"""How coder lives with a window: marks, blocks of cleared results, summaries, overflows."""

from __future__ import annotations

import pytest

from agents import coder
from harness.core.agent import Ask, Edit, Stop
from harness.core.chat import Origin, ReplyStop, Role, ToolOutput, Usage
from harness.core.errors import PlanError

BIG = "x" * 4000
"""About 1,000 tokens of output."""


def test_old_results_are_cleared_in_one_block(kit):
    """Above the high mark one Edit clears results from the oldest down to the low mark, and turns after it change nothing."""
    played = kit.Tape(lambda _: BIG).play(coder.create(), [kit.act() for _ in range(11)] + [kit.finish()], window=12000)
    assert [edit.policy for edit in played.edits] == ["clear"]
    view = played.views[-1]
    cleared = [m for m in view if m.text.startswith("[result cleared")]
    old = [new for _, new in played.edits[0].replaced]
    assert [m.id for m in cleared] == old
    assert view[: 4][1].text == "1. do it"
    assert all(m.text == BIG for m in view if m.role is Role.TOOL and m not in cleared)
    for m in cleared:
        assert (m.role, m.parts[0].origin) == (Role.TOOL, Origin.TOOL)
        assert m.parts[0].content.call_id == "c1"
        assert m.parts[0].content.name == "shell"
        assert "4000 bytes" in m.text


def test_the_edit_comes_before_the_ask(kit):
    """The confession stands between the last result and the view that it changes."""
    played = kit.Tape(lambda _: BIG).play(coder.create(), [kit.act() for _ in range(9)] + [kit.finish()], window=10000)
    place = next(k for k, wish in enumerate(played.wishes) if isinstance(wish, Edit))
    assert isinstance(played.wishes[place + 1], Ask)


def test_the_providers_count_decides(kit):
    """A count near the window compacts although the text is short; without one the text is estimated."""
    counted = [kit.act(usage=Usage(input_total=100 + 900 * k, output_total=10)) for k in range(11)]
    played = kit.Tape(lambda _: "y" * 800).play(coder.create(), [*counted, kit.say("sum"), kit.finish()], window=10000)
    assert played.edits
    assert not kit.Tape(lambda _: "y" * 800).play(coder.create(), [*[kit.act()] * 11, kit.finish()], window=10000).edits


def test_without_a_window_nothing_is_compacted(kit):
    """An unknown window is never compacted for."""
    played = kit.Tape(lambda _: BIG).play(coder.create(), [kit.act() for _ in range(50)] + [kit.finish()])
    assert not played.edits


def test_when_clearing_is_not_enough_it_summarises(kit):
    """Long replies can't be cleared: the model writes a summary, which stands for all but system text and requests."""
    talk = [kit.act(kit.call(command="z" * 4000, seconds=0)) for _ in range(8)]
    played = kit.Tape().play(coder.create(), [kit.finish(), *talk, kit.say("I did it all"), kit.finish()], later=("2.",), window=10000)
    assert [edit.policy for edit in played.edits] == ["summarise"]
    asking, after = played.views[-2:]
    assert asking[-1].parts[0].origin is Origin.HARNESS
    assert [m.text for m in after][1:3] == ["1. do it", "2."]
    assert [part.origin for part in after[3].parts] == [Origin.HARNESS, Origin.MODEL]
    assert after[3].parts[1].content.text == "I did it all"
    assert len(after) == 4
    assert {old for old, _ in played.edits[0].replaced} == {m.id for m in asking} - {m.id for m in after}


def test_a_summary_that_is_none_is_replaced_by_the_plain_truth(kit):
    """A model that calls a tool instead of writing loses its history with an honest notice, and its call is not run."""
    talk = [kit.act(kit.call(command="z" * 4000, seconds=0)) for _ in range(8)]
    played = kit.Tape().play(coder.create(), [*talk, kit.act(), kit.finish()], window=10000)
    assert "no summary of it could be made" in played.views[-1][-1].text
    assert len(played.used) == 9


def test_an_overflow_clears_and_asks_again(kit, overflow):
    """An overflow clears all but the newest result, at least half of the view, and asks again."""
    played = kit.Tape(lambda _: BIG).play(coder.create(), [kit.act()] * 4 + [overflow, kit.finish()])
    assert [edit.policy for edit in played.edits] == ["clear"]
    texts = [m.text for m in played.views[-1] if m.role is Role.TOOL]
    assert texts[-1] == BIG
    assert sum(text == BIG for text in texts) <= 2
    assert played.stop is Stop.ANSWERED


def test_overflow_after_overflow_drops_then_summarises_then_ends(kit, overflow):
    """With nothing left to clear: drop and summarise once; a further overflow ends with the window as the reason."""
    replies = [kit.act(), kit.act(), overflow, kit.say("short"), overflow]
    played = kit.Tape().play(coder.create(), replies)
    assert [edit.policy for edit in played.edits] == ["drop", "summarise"]
    assert played.stop is Stop.WINDOW


def test_an_overflow_while_summarising_is_survived(kit, overflow):
    """Even the question for a summary may be too long: then the history goes without one."""
    played = kit.Tape().play(coder.create(), [kit.act(), kit.act(), overflow, overflow, kit.finish()])
    assert "no summary" in played.views[-1][-1].text
    assert played.stop is Stop.ANSWERED


def test_a_request_larger_than_the_window_ends_at_once(kit, overflow):
    """When the system text and the request alone overflow, there is nothing to forget."""
    played = kit.Tape().play(coder.create(), [overflow])
    assert (played.stop, played.edits) == (Stop.WINDOW, [])


def test_a_request_near_the_window_is_not_summarised_for_ever(kit):
    """What must stay may itself be above the mark: then it is asked all the same, without a summary on every turn."""
    played = kit.Tape().play(coder.create(), [kit.act(), kit.act(), kit.finish()], window=400)
    assert not played.edits


def test_a_reply_cut_by_the_window_compacts(kit):
    """A full window is one, whatever we counted; the cut call is not run."""
    cut = kit.act(kit.call("write", "w1"), stop=ReplyStop.WINDOW_FULL)
    played = kit.Tape(lambda _: BIG).play(coder.create(), [*[kit.act()] * 9, cut, kit.finish()])
    assert [edit.policy for edit in played.edits] == ["clear"]
    assert played.views[-1][-1].parts[0].content.call_id == "w1"
    assert [c.name for c in played.used].count("write") == 0


def test_calls_and_results_stay_paired_through_everything(kit, overflow):
    """In every view each result follows the reply that holds its call, and each call has its result."""
    replies = [kit.act(kit.call("read", f"r{k}"), kit.call("shell", f"s{k}")) for k in range(12)]
    replies[7:7] = [overflow]
    played = kit.Tape(lambda _: BIG).play(coder.create(), [*replies, kit.finish(), kit.finish(), kit.finish()], window=14000)
    for view in played.views:
        asked = [c.id for m in view for c in m.calls]
        answered = [p.content.call_id for m in view for p in m.parts if isinstance(p.content, ToolOutput)]
        assert asked == answered


@pytest.mark.parametrize("options", [{"high_water": 0.4}, {"low_water": 0.0}, {"high_water": 1.1}, {"recent": -1}, {"nudges": -1}])
def test_impossible_marks_are_the_users_mistake(options):
    """Marks that cross or leave the window are refused when the agent is made."""
    with pytest.raises(PlanError):
        coder.create(**options)
