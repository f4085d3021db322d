"""A scene tells what stands in the trace: turns, calls, trees, requests, words."""

from __future__ import annotations

import hashlib

import pytest
from msgspec import structs

from harness.core.agent import Claim, Stop
from harness.core.chat import Origin, Role, Sampling, ToolCall
from harness.core.errors import Blame, Fault, HarnessError
from harness.core.events import (
    ModelAsked,
    ModelFailed,
    PromptRendered,
    ToolCalled,
    TreeSeen,
)
from harness.core.facts import ModelFacts
from harness.core.lived import StepEnded
from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.predicates import Announced, Exists, Runs
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from tests.metrics.context.telling import LOCAL, Forest, Telling, a_task


def test_a_turn_has_its_call_with_trees_arguments_and_output() -> None:
    """What was wished, what came back, and the trees before and after."""
    told = Telling()
    told.system("You work through tools.")
    told.request("Rename `part_one`.")
    told.turn("1\tdef part_one(): ...", "read", {"path": "pkg/a.py", "first_line": 1, "last_line": 0}, text="I look.")
    told.turn("Wrote pkg/a.py: 4 bytes, 1 lines.", "write", {"path": "pkg/a.py", "content": "a\n"}, tree="t1")
    told.ask()
    said = told.reply("", ("finish", {"done": "1", "not_done": ""}))
    told.use(said.calls[0], "Handed in.", claim=Claim("1", ""))
    told.yielded(Claim("1", ""))
    told.end()
    made = scene("x", a_task(), told.trace, told.get, Forest({"t1": {"pkg/a.py": "a\n"}}))
    assert [turn.number for turn in made.turns] == [1, 2, 3]
    assert [turn.stage for turn in made.turns] == [1, 1, 1]
    look, write, finish = (turn.calls[0] for turn in made.turns)
    assert (look.arguments, look.before, look.after, look.ok) == ({"path": "pkg/a.py", "first_line": 1, "last_line": 0}, "t0", "t0", True)
    assert (write.before, write.after, made.turns[1].tree) == ("t0", "t1", "t1")
    assert (finish.name, made.turns[2].claim, made.turns[2].yielded, made.stop) == ("finish", Claim("1", ""), True, Stop.ANSWERED)
    assert made.turns[0].said == "I look."
    assert made.requests == ((1, "m1", 1),)
    assert (made.base, made.turn_limit, made.token_limit, made.past) == ("t0", 150, 900_000, 0)
    assert made.words[look.part].turn == 2
    assert made.manifest.derived
    assert made.ledger.sight("name:part_one", 1).visible


def a_rule(**more: object) -> Manifest:
    item = Item("suffix", "rule", "Ends with `_op`.", ("_op",), **more)  # type: ignore[arg-type]
    return Manifest((Stage("s01"), Stage("s02")), (item,))


def read(told: Telling, memory: Manifest | None = None, **trees: dict[str, str]) -> Scene:
    return scene("x", a_task(memory), told.trace, told.get, Forest(trees))


def begun() -> Telling:
    told = Telling()
    told.system("You work through tools.")
    told.request("1.1 Every new function ends with `_op`. Do not touch pkg/frozen.py.")
    return told


def test_distance_runs_from_the_last_words_to_the_end_of_the_prompt() -> None:
    """Counted tokens, those of the part after the words included; turns since it was first shown."""
    told = begun()
    told.turn("x" * 4000)
    told.turn("y" * 8000)
    told.ask()
    told.reply("done")
    sights = [read(told, a_rule()).ledger.sight("suffix", turn) for turn in (1, 2, 3)]
    assert [sight.visible for sight in sights] == [True] * 3
    assert [sight.part for sight in sights] == ["m1.1"] * 3
    assert [sight.apart for sight in sights] == [0, 1, 2]
    after = len("`. Do not touch pkg/frozen.py.") / 4
    for sight, more in zip(sights, (0, 4000 + 33, 12_000 + 66), strict=True):
        assert sight.distance is not None
        assert abs(sight.distance - after - more / 4) <= 6, sight


def test_what_was_cleared_is_lost_at_that_turn_and_comes_back_when_said_again() -> None:
    """A summary that keeps the words is an exposure, a stand-in is none."""
    told = Telling()
    told.system("You work through tools.")
    told.request("Look into notes.md.")
    notes = told.turn("New functions end with _op.", "read", {"path": "notes.md", "first_line": 0, "last_line": 0})
    told.turn()
    told.replace(notes, "[cleared]")
    told.turn()
    told.say(Role.USER, "Remember: _op.")
    told.ask()
    told.reply("done")
    ledger = read(told, a_rule(since=0)).ledger
    assert [ledger.sight("suffix", turn).visible for turn in (1, 2, 3, 4)] == [False, True, False, True]
    assert [ledger.sight("suffix", turn).exposures for turn in (1, 2, 3, 4)] == [0, 1, 1, 2]
    assert "suffix" in ledger.lost(3)
    assert {"file:notes.md", "result:call_1_1"} <= set(ledger.lost(3))
    assert ledger.lost(4) == ()


def test_validity_follows_the_requests() -> None:
    """From the one that states it, until the one that overturns it; what a machine saw, from the turn after."""
    told = begun()
    told.turn("1\tdef a(): ...", "read", {"path": "/workspace/pkg/a.py", "first_line": 1, "last_line": 0})
    told.ask()
    told.reply("")
    told.yielded()
    told.request("2.1 From now on they end with `_task`.")
    told.turn()
    made = read(told, a_rule(since=1, until=2))
    assert [turn.stage for turn in made.turns] == [1, 1, 2]
    assert [made.ledger.valid("suffix", turn) for turn in (1, 2, 3)] == [True, True, False]
    assert [made.ledger.valid("file:pkg/a.py", turn) for turn in (1, 2, 3)] == [False, True, True]
    assert made.requests == ((1, "m1", 1), (2, "m5", 3))
    assert made.turns[1].yielded


def test_a_call_that_never_came_back_and_one_that_can_not_be_read() -> None:
    """Both stand in the turn, each with what is known of it."""
    told = begun()
    told.ask()
    said = told.reply("", ("shell", '{"command": "ls", "command": "rm"}'), ("shell", {"command": "sleep 9", "seconds": 0}))
    told.use(said.calls[0], "malformed", ok=False, code=None)
    told.event(ToolCalled(said.calls[1].id, "shell", said.calls[1].raw_arguments))
    first, second = read(told).turns[0].calls
    assert (first.arguments, first.ok) == (None, False)
    assert (second.arguments, second.returned, second.part, second.ok) == ({"command": "sleep 9", "seconds": 0}, None, "", False)


def test_calls_of_one_reply_have_each_its_trees_and_ids_that_come_twice_are_told_apart() -> None:
    """The tree after one call is the tree before the next."""
    told = begun()
    told.ask()
    said = told.reply("", ("write", {"path": "a", "content": "1"}), ("write", {"path": "b", "content": "2"}))
    told.use(said.calls[0], "Wrote a", tree="t1")
    told.use(ToolCall(said.calls[0].id, "write", said.calls[1].raw_arguments), "Wrote b", tree="t2")
    one, two = read(told, t1={"a": "1"}, t2={"a": "1", "b": "2"}).turns[0].calls
    assert (one.before, one.after, two.before, two.after) == ("t0", "t1", "t1", "t2")
    assert (one.id, two.id) == ("call_1_1", "call_1_1#2")


def test_a_question_put_again_is_of_the_same_turn() -> None:
    """Its failures stand in it."""
    told = begun()
    told.ask()
    told.event(ModelFailed(Fault.OVERLOADED, Blame.SERVER, "busy", 503, True, 1.0, 1))
    told.event(ModelAsked(1, (), Sampling(), 32_768, 4096, "", "shell"))
    told.reply("hello")
    made = read(told)
    assert len(made.turns) == 1
    assert [failed.status for failed in made.turns[0].failed] == [503]
    assert made.turns[0].said == "hello"


def test_the_digest_is_of_the_whole_output() -> None:
    """Of the blob where what was shown is a part of it."""
    told = begun()
    told.ask()
    said = told.reply("", ("shell", {"command": "a", "seconds": 0}), ("shell", {"command": "b", "seconds": 0}))
    told.use(said.calls[0], "short\n[exit code 0]", full=b"whole")
    told.use(said.calls[1], "all of it")
    digests = [did.digest for did in read(told).turns[0].calls]
    assert digests == [hashlib.sha256(b"whole").hexdigest(), hashlib.sha256(b"all of it").hexdigest()]


def test_an_output_shown_in_a_message_of_the_agents_own_is_known_by_that() -> None:
    """As models without tool calls get theirs."""
    told = begun()
    told.ask()
    said = told.reply("```bash\nls\n```")
    told.use(ToolCall("m2.fenced", "shell", '{"command": "ls"}'), "a.py\n[exit code 0, in /workspace]")
    told.view.pop()
    told.say(Role.USER, "a.py\n[exit code 0, in /workspace]", Origin.TOOL)
    told.ask()
    told.reply("I see.")
    made = read(told)
    assert said.calls == ()
    assert made.turns[0].calls[0].part == "a2.1"
    assert made.ledger.sight("result:m2.fenced", 2).visible


def test_an_agent_that_asks_nobody_has_a_turn_for_each_call() -> None:
    """Nothing is in sight, for nobody looks."""
    told = Telling()
    told.request("Do it.")
    for number, tree in ((1, "t1"), (2, "t2")):
        told.use(ToolCall(f"o{number}", "shell", '{"command": "make"}'), "ok", tree=tree)
    made = read(told, a_rule(), t1={"a": "1"}, t2={"a": "2"})
    assert [(turn.number, turn.calls[0].before, turn.tree, turn.view) for turn in made.turns] == [(1, "t0", "t1", ()), (2, "t1", "t2", ())]
    assert not made.ledger.sight("suffix", 2).visible


def test_a_view_that_only_its_server_knows_is_inferred() -> None:
    """Hosted models, and servers that can't be kept from cutting."""
    for facts, inferred in (
        (LOCAL, False), (ModelFacts("claude", "made"), True), (structs.replace(LOCAL, truncation_excluded=False), True), (structs.replace(LOCAL, remote=True), True),
    ):  # fmt: skip
        told = Telling(facts)
        told.request("It ends with _op.")
        told.turn()
        assert read(told, a_rule()).ledger.sight("suffix", 1).inferred is inferred, facts


def test_reasoning_that_the_template_drops_is_out_of_sight() -> None:
    """Told so by the server's own rendering; where nobody knows, the sight is inferred."""
    for lost, visible, inferred in ((True, False, False), (None, True, True), (False, True, False)):
        told = Telling()
        told.request("Do it.")
        told.ask()
        told.reply("I begin.", thinking="I shall end them with _op.")
        told.event(PromptRendered(None, lost))
        told.ask()
        told.reply("done")
        sight = read(told, a_rule()).ledger.sight("suffix", 2)
        assert (sight.visible, sight.inferred) == (visible, inferred)


def test_a_silent_cut_hides_the_parts_it_took() -> None:
    """The first request is gone from a prompt that cost fewer tokens than the one before."""
    told = begun()
    for _ in range(6):
        told.turn("word " * 4000)
    told.turn("x", prompt=9000)
    told.ask()
    told.reply("done", prompt=9100)
    made = read(told, a_rule())
    assert [cut.kind for cut in made.ledger.cuts if cut.turn == 7] != []
    taken = {part for cut in made.ledger.cuts if cut.turn == 7 for part in cut.parts}
    assert "m1.1" in taken
    assert not made.ledger.sight("suffix", 7).visible
    assert made.ledger.sight("suffix", 6).visible
    assert "suffix" in made.ledger.lost(7)


def test_a_trial_that_never_began_has_no_scene() -> None:
    """An error of its own, no empty figures."""
    with pytest.raises(HarnessError):
        scene("x", a_task(), (), Telling().get, Forest())


@pytest.mark.parametrize("how", ["finish", "words", "limit"])
def test_what_the_harness_lays_down_for_the_next_step_is_of_no_turn(how: str) -> None:
    """The turn that ends a step keeps the tree that it was handed back with, and is judged by it, whatever comes next; the next step begins with the new one."""
    rule = Item("log", "rule", "Announce it in CHANGES.", ("CHANGES",))
    kept = Constraint("log", Announced("CHANGES", ("pkg/**",)), Runs("^finish$"))
    memory = Manifest((Stage("s01"), Stage("s02")), (rule,), (kept,), (Milestone("m", "1.1", 1, Exists("pkg/next.py")),))
    told = Telling()
    told.request("Do it. Announce it in CHANGES.")
    told.turn(tool="write", tree="t1")
    told.ask()
    if how == "finish":
        told.use(told.reply("", ("finish", {"done": "", "not_done": ""})).calls[0], "Handed in.", claim=Claim("", ""))
    else:
        told.reply("Done.")
    if how != "limit":
        told.yielded()
    before = told.trace
    told.event(StepEnded("s01", Stop.TIME if how == "limit" else None))
    for tree in ("t1", "t2"):
        told.event(TreeSeen(tree, "", "", "harness", 0, 0, 0))
    told.request("Go on.")
    told.turn(tool="read")
    trees = Forest({"t1": {"pkg/a.py": "x", "CHANGES": "a"}, "t2": {"pkg/a.py": "x", "CHANGES": "a", "pkg/next.py": "y"}})
    task = a_task(memory, ("a", "b"))
    early, whole = (scene("t0001", task, trace, told.get, trees) for trace in (before, told.trace))
    assert [turn.tree for turn in whole.turns] == ["t1", "t1", "t2"]
    assert whole.turns[2].calls[0].before == "t2"
    assert [(one.turn, one.honoured) for one in early.opportunities] == [(one.turn, one.honoured) for one in whole.opportunities if one.turn < 3]
    assert all(one.honoured for one in whole.opportunities)
    assert [one.held for one in whole.reached if one.turn < 3] == [False, False]
