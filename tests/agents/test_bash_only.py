"""The neutral baseline, by call and by fence."""

from __future__ import annotations

import json

import pytest

from agents import bash_only
from harness.core.agent import Claim, Stop, is_nudge
from harness.core.chat import Origin, ReplyStop, Role
from harness.core.errors import PlanError

BLOCK = "I look.\n\n```bash\nls -la\ncat a\n```\n"


def test_a_fenced_block_becomes_a_call_and_its_output_a_user_message(kit):
    """Without tools one fenced block is one use of shell, and what it printed comes back as a user message of tool origin."""
    played = kit.Tape().play(bash_only.create(), [kit.say(BLOCK), kit.say("All done.\nFINISHED")], tools=())
    assert [(c.id, c.name) for c in played.used] == [("m2.fenced", "shell")]
    assert json.loads(played.used[0].raw_arguments) == {"command": "ls -la\ncat a\n", "seconds": 0}
    seen = played.views[1][-1]
    assert (seen.id, seen.role, seen.parts[0].origin, seen.text) == ("a2", Role.USER, Origin.TOOL, "ran shell")
    assert not is_nudge(seen)
    assert played.claims == [Claim("All done.", "")]
    assert played.stop is Stop.ANSWERED


@pytest.mark.parametrize("text", ["no block", BLOCK + BLOCK, "```bash\n\n```", "```bash\nls", "```\nls\n```"])
def test_anything_but_one_block_is_nudged(kit, text):
    """None, two, an empty, an open or an unnamed block runs nothing and is told back in the agent's own words."""
    played = kit.Tape().play(bash_only.create(mode="fence"), [kit.say(text), kit.say("FINISHED")])
    assert not played.used
    assert "exactly one block" in played.views[1][-1].text


def test_a_command_beside_the_last_line_is_run_first(kit):
    """The last line ends the work only in an answer without a command."""
    played = kit.Tape().play(bash_only.create(), [kit.say(BLOCK + "FINISHED"), kit.say("**FINISHED**")], tools=())
    assert len(played.used) == 1
    assert len(played.views) == 2


def test_output_cannot_end_the_work(kit):
    """A command that prints the last line ends nothing: the agent decides by what the model says."""
    tape = kit.Tape(lambda _: "FINISHED")
    assert len(tape.play(bash_only.create(), [kit.say(BLOCK), kit.say("ok\nFINISHED")], tools=()).views) == 2


def test_a_cut_block_is_not_run(kit):
    """A reply cut by its limit runs nothing, even where its block is closed."""
    replies = [kit.say(BLOCK, stop=ReplyStop.MAX_OUTPUT), kit.say("FINISHED")]
    assert not kit.Tape().play(bash_only.create(), replies, tools=()).used


def test_with_tools_it_works_by_call(kit):
    """Where tools are offered, calls run as they are, and their results stay tool messages."""
    played = kit.Tape().play(bash_only.create(), [kit.act(), kit.say("done\nFINISHED\n")])
    assert played.views[1][-1].role is Role.TOOL
    assert played.claims == [Claim("done", "")]
    assert "```" not in played.views[0][0].text


def test_a_native_call_under_fences_is_answered_natively(kit):
    """A model that calls a tool although told to fence gets a tool message, which providers demand."""
    played = kit.Tape().play(bash_only.create(mode="fence"), [kit.act(), kit.say("FINISHED")])
    assert played.views[1][-1].role is Role.TOOL


def test_an_unknown_mode_is_the_users_mistake():
    """A mode that there is not is refused in one sentence."""
    with pytest.raises(PlanError, match="expected auto, call or fence"):
        bash_only.create(mode="xml")


def test_prompts_name_the_last_line():
    """The agreed last line stands alone at the end of both system texts."""
    for prompt in bash_only.create().prompts:
        if prompt.startswith("You carry out"):
            assert prompt.endswith("\n\n" + bash_only.LAST_LINE)
