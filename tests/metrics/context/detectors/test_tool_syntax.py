"""A call that is not well formed is told by kind and blame; one that could merely not be carried out is none."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from agents.tools import finish, read, replace, run_tests, shell, write
from harness.core.chat import ReplyStop
from harness.core.errors import Blame, Fault
from harness.metrics.context.detectors.tool_syntax import SCHEMAS, calls, find
from harness.metrics.context.said.rising import chance, rising
from tests.metrics.context.detectors.acting import Acting, agrees, kinds

READ = {"path": "a.py", "first_line": 0, "last_line": 0}


def bad(told: Acting, tool: str, arguments: object, problem: str) -> None:
    told.act(tool, arguments, "Not run.", ok=False, problem=problem)


def test_the_schemas_are_those_of_the_tools() -> None:
    """The table is what the model is told."""
    made = [shell.create(), read.create(), write.create(), replace.create(), run_tests.create(test_command=""), finish.create()]
    types = {"string": str, "integer": int}
    assert {tool.spec.name: {p.name: types[p.type] for p in tool.spec.parameters} for tool in made} == SCHEMAS


@pytest.mark.parametrize(
    ("tool", "arguments", "problem", "kind", "words"),
    [
        ("read", '{"path": ', "malformed", "J1", "model: the arguments of read"),
        ("read", "[1]", "malformed", "J1", "model: the arguments of read"),
        ("str_replace_editor", {"command": "view"}, "unknown_tool", "J2", "model: there is no tool 'str_replace_editor'"),
        ("read", {"path": "a.py"}, "arguments", "J3", "model: read: first_line is missing, last_line is missing"),
        ("read", {**READ, "limit": 3}, "arguments", "J3", "model: read: limit is not known"),
        ("read", {**READ, "last_line": "20"}, "arguments", "J3", "model: read: last_line is no int"),
        ("read", {**READ, "last_line": True}, "arguments", "J3", "model: read: last_line is no int"),
        ("run_tests", {"path": "tests"}, "arguments", "J3", "model: run_tests: path is not known"),
        ("plugged", {"a": 1}, "arguments", "J3", "model: plugged: not the arguments of this tool"),
    ],
)
def test_a_call_that_was_not_run(tool: str, arguments: object, problem: str, kind: str, words: str) -> None:
    """Kind, blame and what is wrong, at the turn itself."""
    told = Acting()
    told.read("a.py")
    bad(told, tool, arguments, problem)
    told.read("b.py")
    (finding,) = find(told.scene())
    assert (finding.kind, finding.turn, finding.known) == (kind, 2, 2)
    assert finding.detail.startswith(words)
    agrees(find, told)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read", {**READ, "first_line": 30, "last_line": 20}),
        ("read", {**READ, "first_line": 10.0}),
        ("replace", {"path": "a.py", "old": "x", "new": "x"}),
        ("shell", {"command": " ", "seconds": 0}),
    ],
)
def test_arguments_of_the_right_types_are_no_matter_of_syntax(tool: str, arguments: object) -> None:
    """An empty range, a passage replaced by itself."""
    told = Acting()
    bad(told, tool, arguments, "arguments")
    assert kinds(find, told) == []


def test_a_tool_that_failed_is_none() -> None:
    """A missed edit, a missing path, a command that ended badly."""
    told = Acting()
    told.act("replace", {"path": "a.py", "old": "x", "new": "y"}, "Not replaced", ok=False)
    told.act("read", READ, "Failed: there is no such file.", ok=False)
    told.shell("pytest", "1 failed", code=1)
    assert kinds(find, told) == []


@pytest.mark.parametrize("blame", list(Blame))
def test_a_reply_that_the_wire_could_not_read_is_j1_with_its_blame(blame: Blame) -> None:
    """The server may be at fault, and is named."""
    told = Acting()
    told.said("I look.", malformed=(("a call begun with <tool_call> could not be read", blame),))
    (finding,) = find(told.scene())
    assert (finding.kind, finding.detail.partition(":")[0]) == ("J1", blame.value)


def test_a_fault_of_the_parser_is_j1() -> None:
    """Also where asking once more got over it."""
    told = Acting()
    told.ask()
    told.fault(Fault.TOOL_SYNTAX, "XML syntax error", Blame.SERVER)
    told.event(told.entries[-2].event)
    said = told.reply("", ("read", READ))
    told.came(said.calls[0], "1\tx", code=None)
    told.fault(Fault.RATE, "slow down")
    assert kinds(find, told) == ["J1@1"]


@pytest.mark.parametrize(
    ("text", "leaked", "kind"),
    [
        ('{"name": "read", "arguments": {"path": "a.py", "first_line": 0, "last_line": 0}}', 1, "J4"),
        ('<tool_call>\n{"name": "read", "arguments": {}}\n</tool_call>', 1, "J4"),
        ('```json\n{"name": "shell", "arguments": {"command": "ls"}}\n```', 0, "J4"),
        ("<function=read>\n<parameter=path>\na.py\n</parameter>\n</function>", 1, "J5"),
        ('<invoke name="bash"><parameter name="command">ls</parameter></invoke>', 0, "J5"),
        ("Thought: look.\nAction: read\nAction Input: a.py", 0, "J5"),
        ("*** Begin Patch\n*** Update File: a.py\n*** End Patch", 0, "J5"),
    ],
)
def test_a_call_in_plain_words(text: str, leaked: int, kind: str) -> None:
    """J4 in a way that fits, J5 in another model's."""
    told = Acting()
    told.said(text, leaked=leaked)
    assert kinds(find, told) == [f"{kind}@1"]


@pytest.mark.parametrize(
    "text",
    [
        "I will call `read` next.",
        'The config says {"name": "demo", "arguments": []} in line 3.',
        "Use `<function=read>` as the docs do.",
        "Action: none is needed.",
        "All done, nothing left.",
    ],
)
def test_prose_about_calls_is_none(text: str) -> None:
    """Mentioned, not made."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == []


@pytest.mark.parametrize(("stop", "blame"), [(ReplyStop.MAX_OUTPUT, "harness"), (ReplyStop.WINDOW_FULL, "server")])
def test_a_call_that_was_cut_is_j0_alone(stop: ReplyStop, blame: str) -> None:
    """Kept apart: nobody knows how it would have ended."""
    told = Acting()
    told.said("", ("write", '{"path": "a.py", "content": "x = '), stop=stop, malformed=(("a call begun could not be read", Blame.MODEL),))
    (finding,) = find(told.scene())
    assert (finding.kind, finding.detail.partition(":")[0]) == ("J0", blame)


def test_a_cut_without_a_call_is_none() -> None:
    """It ran on in prose."""
    told = Acting()
    told.said("And so on and so", stop=ReplyStop.MAX_OUTPUT)
    assert kinds(find, told) == []


def test_two_of_a_kind_in_a_turn_are_one_finding() -> None:
    """Names stay one of a kind; every call has its place in `calls`."""
    told = Acting()
    one, two = told.said("", ("read", {}), ("read", {"path": 1}))
    told.came(one, "Not run.", ok=False, code=None, problem="arguments")
    told.came(two, "Not run.", ok=False, code=None, problem="arguments")
    (finding,) = find(told.scene())
    assert finding.name == "J3@1"
    assert "1 more" in finding.detail
    assert [(each.kind, each.bad) for each in calls(told.scene())] == [("J3", True), ("J3", True)]


def test_calls_tell_depth_and_whether_a_bad_one_stood_in_the_view() -> None:
    """For the slope over depth and for contagion; a bad call that was cleared is not exposed any more."""
    told = Acting()
    told.read("a.py", "1\tx" * 100)
    bad(told, "nope", {}, "unknown_tool")
    told.read("b.py")
    told.drop(*told.view[-4:-2])
    told.read("c.py")
    told_calls = calls(told.scene())
    assert [(each.turn, each.bad, each.kind, each.exposed) for each in told_calls] == [
        (1, False, "", False), (2, True, "J2", False), (3, False, "", True), (4, False, "", False),
    ]  # fmt: skip
    assert told_calls[0].depth < told_calls[1].depth
    assert told_calls[1].blame is Blame.MODEL


def rows(slips: set[int], turns: int, blame: Blame = Blame.MODEL) -> list[tuple[int, str]]:
    """(turn, status) of a trial in which these turns go wrong."""
    told = Acting()
    for turn in range(1, turns + 1):
        if turn not in slips:
            told.read(f"f{turn}.py")
        elif blame is Blame.MODEL:
            bad(told, "read", {"path": f"f{turn}.py"}, "arguments")
        else:
            told.said("", malformed=(("no call", blame),))
    told.finish("1.1")
    agrees(find, told)
    return [(finding.turn, str(finding.status)) for finding in find(told.scene())]


def test_a_slip_is_a_fact_and_no_candidate_by_itself() -> None:
    """Neither one, nor many that are spread over the trial."""
    assert rows({30}, 40) == [(30, "undecided")]
    assert {status for _, status in rows(set(range(4, 60, 7)), 60)} == {"undecided"}


def test_slips_that_begin_late_and_stay_are_candidates_from_then_on() -> None:
    """None before turn 31, then every other turn: by the fourth, chance places them so less than once in a hundred times."""
    assert rows({31, 33, 35, 37, 39}, 40) == [(31, "undecided"), (33, "undecided"), (35, "undecided"), (37, "candidate"), (39, "candidate")]


def test_slips_of_a_servers_parser_are_no_candidates() -> None:
    """Whoever reads calls wrongly may do so late; the model has forgotten nothing."""
    assert {status for _, status in rows({31, 33, 35, 37, 39}, 40, Blame.SERVER)} == {"undecided"}


def test_chance_is_the_share_of_orders_that_begin_so_late() -> None:
    """Against counting every order; and trials whose slips have none are candidates in a few of a hundred."""
    orders = [order for order in combinations(range(1, 9), 3) if min(order) >= 5]
    assert chance(5, 3, 9) == pytest.approx(len(orders) / len(list(combinations(range(1, 9), 3))))
    dice = Random(4)
    trials = [[turn for turn in range(1, 61) if dice.random() < 0.1] for _ in range(2_000)]
    hits = sum(any(rising(slips[: k + 1], slip) for k, slip in enumerate(slips)) for slips in trials)
    assert hits / len(trials) < 0.05
