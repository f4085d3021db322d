"""What views may use of a past: items that hold at its request, open points, and which of the agent's replies went wrong."""

from __future__ import annotations

import json

from harness.core.agent import Answered, Ask, Mended, Use, Used
from harness.core.chat import Origin, ReplyStop, Role, Thinking, ToolCall, ToolOutput, Usage, message
from harness.core.memory import Item, Manifest, Milestone, Move
from harness.core.memory import Use as Scripted
from harness.core.predicates import Exists
from harness.engine.aids import holding, mended, open_points, signed
from harness.engine.steps import Step

ITEMS = (
    Item("old", "rule", "Ids are numbers.", ("numbers",), since=1, until=3), Item("new", "rule", "Ids are strings.", ("strings",), since=3, supersedes="old"),
    Item("guess", "rule", "Never do that.", ("that",), validated=False), Item("later", "fact", "Port 7.", ("7",), since=4),
)  # fmt: skip
MANIFEST = Manifest(items=ITEMS, milestones=tuple(Milestone(f"m{n}", f"{n}.1", n, Exists(f"{n}.py"), until=3 if n == 1 else None) for n in (1, 2, 3, 4)))


def test_items_hold_from_their_request_until_they_are_overturned() -> None:
    """What was superseded, comes later, or nobody validated is not stated to anybody."""
    assert [item.id for item in holding(MANIFEST, 2)] == ["old"]
    assert [item.id for item in holding(MANIFEST, 3)] == ["new"]
    assert holding(None, 3) == ()


def test_items_found_by_machine_are_not_stated() -> None:
    """They would put the history back in."""
    assert holding(Manifest(items=ITEMS, derived=True), 3) == ()


def test_open_points_are_those_asked_for_and_not_met() -> None:
    """By their public numbers, in order; a point that need not hold any more is not open, nor one of a later request."""
    assert open_points(MANIFEST, 2, {"m1"}) == ("2.1",)
    assert open_points(MANIFEST, 3, set()) == ("2.1", "3.1")


def reply(turn: int, *calls: ToolCall, thinking: str = "", malformed: tuple[str, ...] = ()) -> Step:
    said = message(f"m{turn}", Role.ASSISTANT, Origin.MODEL, *((Thinking("hm", thinking),) if thinking else ()), *calls)
    return Step(turn, turn, Ask(()), Answered(said, ReplyStop.TOOL, Usage(), malformed))


def result(turn: int, call: ToolCall, *, ok: bool) -> Step:
    return Step(turn, turn, Use(call), Used(message(f"r{turn}", Role.TOOL, Origin.TOOL, ToolOutput(call.id, call.name, "", ok)), ok))


def call(turn: int, name: str, **arguments: str) -> ToolCall:
    return ToolCall(f"c{turn}", name, json.dumps(arguments))


def test_slips_are_failed_edits_unreadable_calls_and_violations() -> None:
    """A command that ends with another status has told what was asked of it, so it is none."""
    shell, replace, write = call(1, "shell", command="false"), call(2, "replace", path="a.py"), call(4, "write", path="./b.py", content="bad")
    past = (reply(1, shell), result(1, shell, ok=False), reply(2, replace), result(2, replace, ok=False), reply(3, malformed=("no JSON",)), reply(4, write), result(4, write, ok=True))
    better = json.dumps({"path": "b.py", "content": "good"})
    moves = (Move(1, "", (Scripted("write", better),), ("rule",)), Move(1, "", (Scripted("write", json.dumps({"path": "c.py"})),), ("rule",)))
    assert mended(past, {4}, "rule", moves) == (Mended("m2"), Mended("m3"), Mended("m4", (("c4", better),)))
    assert mended(past, {4}, "other", moves)[-1] == Mended("m4")


def test_signed_reasoning_is_told() -> None:
    """A provider's signature on any reply of the past."""
    assert signed((reply(1), reply(2, thinking='{"signature": "x"}')))
    assert not signed((reply(1),))
