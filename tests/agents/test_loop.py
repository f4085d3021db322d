"""What every talking agent does with calls, silence, cuts, refusals and further requests."""

from __future__ import annotations

import pytest

from agents import bash_only, coder, tool_loop
from harness.core.agent import Claim, Stop, Yield, is_nudge
from harness.core.chat import Origin, ReplyStop, Role, ToolOutput
from harness.core.task import Limits

AGENTS = pytest.mark.parametrize("create", [coder.create, tool_loop.create], ids=["coder", "tool_loop"])


@AGENTS
def test_calls_run_in_order_and_finish_ends_the_turn(kit, create):
    """Parallel calls run in the order the model wrote them, and finish hands the turn back with its claim."""
    replies = [kit.act(kit.call("read", "c1"), kit.call("shell", "c2")), kit.finish("1", "2: no time")]
    played = kit.Tape().play(create(), replies)
    assert [c.id for c in played.used] == ["c1", "c2", "f1"]
    assert played.claims == [Claim("1", "2: no time")]
    assert played.stop is Stop.ANSWERED


@AGENTS
def test_the_next_request_continues_the_conversation(kit, create):
    """A further request finds all that was said before it in the view."""
    played = kit.Tape().play(create(), [kit.finish(), kit.finish("2")], later=("2. and this",))
    first, second = played.views
    assert second[: len(first)] == first
    assert second[-1].text == "2. and this"
    assert [m.id for m in second] == ["a1", "m1", "m2", "m3", "m4"]
    assert played.stop is Stop.ANSWERED


@AGENTS
def test_two_nudges_then_the_turn_goes_back(kit, create):
    """A model that has worked and then only talks is nudged twice, then the turn goes back without a claim."""
    played = kit.Tape().play(create(), [kit.act(), kit.say("done"), kit.say("yes"), kit.say("really")])
    assert [m.id for m in played.views[-1] if is_nudge(m)] == ["a2", "a3"]
    assert played.claims == [None]
    assert played.stop is Stop.ANSWERED


@AGENTS
def test_a_model_that_never_works_gives_up(kit, create):
    """Without a single call the trial ends as given up, and no turn is handed back."""
    played = kit.Tape().play(create(), [kit.say("I"), kit.say("can"), kit.say("not")])
    assert played.stop is Stop.GAVE_UP
    assert not any(isinstance(wish, Yield) for wish in played.wishes)


@AGENTS
def test_nudges_are_counted_per_request(kit, create):
    """A call between two silences gives no new nudges; a new request does."""
    replies = [kit.say("a"), kit.act(), kit.say("b"), kit.act(), kit.say("c"), kit.say("d"), kit.finish()]
    played = kit.Tape().play(create(), replies, later=("next",))
    assert sum(is_nudge(m) for m in played.views[-1]) == 3
    assert played.claims[0] is None


@pytest.mark.parametrize(
    ("create", "stop"),
    [(coder.create, ReplyStop.MAX_OUTPUT), (tool_loop.create, ReplyStop.MAX_OUTPUT), (tool_loop.create, ReplyStop.WINDOW_FULL)],
)
def test_calls_of_a_cut_reply_are_never_run(kit, create, stop):
    """Each call of a cut reply is answered by an error in the harness's name, and nothing is run."""
    cut = kit.act(kit.call("write", "c1"), kit.call("write", "c2"), stop=stop)
    played = kit.Tape().play(create(), [cut, kit.finish()])
    told = played.views[1][-2:]
    assert [part.content.call_id for m in told for part in m.parts] == ["c1", "c2"]
    assert all(m.role is Role.TOOL and m.parts[0].origin is Origin.HARNESS and not m.parts[0].content.ok for m in told)
    assert [c.name for c in played.used] == ["finish"]


@AGENTS
def test_a_cut_answer_without_calls_is_told_and_runaways_end(kit, create):
    """Text cut by the limit is told back three times in a row, then the turn goes back."""
    cut = kit.say("blah", stop=ReplyStop.MAX_OUTPUT)
    played = kit.Tape().play(create(), [kit.act(), cut, cut, cut, cut])
    assert sum(is_nudge(m) for m in played.views[-1]) == 3
    assert played.claims == [None]


@AGENTS
def test_malformed_calls_are_told_back(kit, create):
    """A call that could not be read is told to the model beside the results of those that could."""
    replies = [kit.act(malformed=("`shell`: bad JSON",)), kit.say(malformed=("half",)), kit.finish()]
    played = kit.Tape().play(create(), replies)
    assert "- `shell`: bad JSON" in played.views[1][-1].text
    assert "- half" in played.views[2][-1].text
    assert [m.role for m in played.views[1][-3:]] == [Role.ASSISTANT, Role.TOOL, Role.USER]


@AGENTS
def test_a_refusal_ends_the_conversation(kit, create):
    """A refusal is the end, and its calls are not run."""
    played = kit.Tape().play(create(), [kit.act(), kit.act(stop=ReplyStop.REFUSAL)])
    assert played.stop is Stop.GAVE_UP
    assert len(played.used) == 1


@AGENTS
def test_a_pause_is_asked_again_with_the_message(kit, create):
    """A paused reply is put back as it is, with nothing after it."""
    played = kit.Tape().play(create(), [kit.say("wait", stop=ReplyStop.PAUSED), kit.finish()])
    assert played.views[1] == (*played.views[0], kit.heard("m2", kit.say("wait")).message)


@AGENTS
def test_an_empty_reply_is_left_out_of_the_view(kit, create):
    """A message without any part never reaches a provider; the nudge does."""
    played = kit.Tape().play(create(), [kit.say(), kit.finish()])
    assert [m.id for m in played.views[1]] == ["a1", "m1", "a2"]


def test_tool_loop_ends_at_an_overflow(kit, overflow):
    """The control forgets nothing: a window too small is its end."""
    played = kit.Tape().play(tool_loop.create(), [kit.act(), overflow])
    assert played.stop is Stop.WINDOW
    assert not played.edits


def test_limits_are_told_only_when_allowed(kit):
    """The system text names the bounds when the plan lets the agent know them, and never else."""
    told = kit.Tape().play(coder.create(), [kit.finish()], limits=Limits(turns=17, tell=True)).views[0][0].text
    untold = kit.Tape().play(coder.create(), [kit.finish()], limits=Limits(turns=17)).views[0][0].text
    assert "17 replies" in told
    assert "17" not in untold


def test_coder_and_its_control_say_the_same(kit):
    """coder and tool_loop differ in nothing but memory: same system text, same tools, same notices."""
    one, other = coder.create(), tool_loop.create()
    assert one.tools() == other.tools()
    assert set(other.prompts) <= set(one.prompts)
    assert kit.Tape().play(one, [kit.finish()]).wishes == kit.Tape().play(other, [kit.finish()]).wishes


@pytest.mark.parametrize("create", [coder.create, tool_loop.create, bash_only.create])
def test_agents_are_deterministic_given_their_answers(kit, create, overflow):
    """The same answers draw the same wishes, message for message, from one agent used twice and from a second one."""
    replies = [kit.act(), kit.say("hm"), kit.act(stop=ReplyStop.MAX_OUTPUT), kit.act(malformed=("x",)), overflow]
    replies += [kit.say("summary"), kit.act(), kit.say("bye\nFINISHED"), kit.say("."), kit.say("."), kit.say(".")]
    agent = create()
    runs = [kit.Tape(lambda _: "x" * 4000).play(each, replies, window=4000) for each in (agent, agent, create())]
    assert runs[0] == runs[1] == runs[2]


def test_outputs_reach_the_view_as_delivered(kit):
    """A tool's message enters the view exactly as the harness delivered it."""
    played = kit.Tape().play(tool_loop.create(), [kit.act(), kit.finish()])
    assert played.views[1][-1].parts[0].content == ToolOutput("c1", "shell", "ran shell", ok=True)
