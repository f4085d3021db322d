"""The oracle plays a task's moves through the public tools, request by request, with the claims that they make."""

from __future__ import annotations

import json

from agents.oracle import create
from harness.core.agent import Assignment, Claim, Given, Stop, Use, Used, Yield
from harness.core.chat import Message, Part, Role
from harness.core.memory import Move
from harness.core.memory import Use as Call
from harness.core.task import Limits, Request


def move(stage: int, tool: str, **arguments: str) -> Move:
    return Move(stage, "", (Call(tool, json.dumps(arguments)),))


MOVES = (move(1, "write", path="a", content="1"), move(1, "finish", done="1.1", not_done=""), move(2, "finish", done="2.1", not_done=""))


def given(step: str) -> Given:
    return Given(Message("m", Role.USER, (Part("p", "user", step),)), Request(step, step))


def lived(first: str, *, ok: bool = True) -> tuple[list[str], list[Claim | None], Stop]:
    """Tools used and claims made of an oracle that begins at this request; `ok`: whether writing works."""
    agent = create(moves=MOVES, requests=("s01", "s02"))
    talk = agent(Assignment(given(first), (), None, 1, Limits()))
    tools: list[str] = []
    claims: list[Claim | None] = []
    answer, rest = None, [step for step in ("s02",) if step != first]
    while True:
        try:
            wish = talk.send(answer)
        except StopIteration as end:
            return tools, claims, end.value
        if isinstance(wish, Use):
            tools.append(wish.call.name)
            words = json.loads(wish.call.raw_arguments)
            claim = Claim(words["done"], words["not_done"]) if wish.call.name == "finish" else None
            answer = Used(Message("t", Role.TOOL, ()), ok or claim is not None, claim)
        elif isinstance(wish, Yield):
            claims.append(wish.claim)
            answer = given(rest.pop(0)) if rest else None


def test_moves_are_played_request_by_request() -> None:
    """Each request's moves, then its claim, then the next."""
    assert lived("s01") == (["write", "finish", "finish"], [Claim("1.1", ""), Claim("2.1", "")], Stop.ANSWERED)


def test_a_conversation_may_begin_at_any_request() -> None:
    """A step that is a conversation of its own gets its own moves."""
    assert lived("s02") == (["finish"], [Claim("2.1", "")], Stop.ANSWERED)


def test_an_edit_that_fails_is_no_claim_of_success() -> None:
    """Where a file could not be changed, the request is handed back as not done."""
    assert lived("s01", ok=False)[1][0] == Claim("", "the known solution did not apply")


def test_tools_are_those_of_any_agent() -> None:
    """With moves the oracle needs no tool of its own."""
    assert "solve" not in create(moves=MOVES).tools()
    assert create().tools() == ("solve",)
