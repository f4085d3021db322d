"""Applies the known solution and claims it: what a task's check must accept."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Final

from agents.worker import Worker
from harness.core.agent import Agent, Answer, Assignment, Claim, Conversation, Given, Stop, Used, Wish, hand_back, use
from harness.core.chat import ToolCall
from harness.core.memory import Move
from harness.core.task import Solution, SolveSteps

PLAYED: Final = ("read", "write", "replace", "shell", "run_tests", "finish")
"""Tools of moves: those that any agent has."""
CHANGES: Final = frozenset({"write", "replace"})
"""Tools of which none may fail in a solution; a search that finds nothing is no failure."""


def create(*, solution: Solution | None = None, moves: tuple[Move, ...] = (), requests: tuple[str, ...] = ()) -> Agent:
    """Solution, moves and the ids of the task's requests are given by wiring; with moves these are played, turn by turn, through the public tools.

    Without either the agent gives up at once.
    """

    def begin(assignment: Assignment) -> Conversation:
        if moves:
            return _played(moves, requests, assignment.first)
        return _step_by_step(assignment.first) if isinstance(solution, SolveSteps) else _solve(known=solution is not None)

    return Worker("oracle", (), PLAYED if moves else ("solve",), begin)


def _played(moves: tuple[Move, ...], requests: tuple[str, ...], first: Given) -> Conversation:
    """The moves of the request at hand, handed back with their own claim, until none is left; a conversation may begin at any of them."""
    given: Given | None = first
    while given is not None:
        stage = requests.index(given.request.id) + 1 if given.request.id in requests else 1
        claim = yield from _stage(tuple(move for move in moves if move.stage == stage), stage)
        given = yield from hand_back(claim)
    return Stop.ANSWERED


def _stage(moves: tuple[Move, ...], stage: int) -> Generator[Wish, Answer, Claim | None]:
    """The claim of its `finish`, or that the solution did not apply."""
    claim, held = None, True
    for place, move in enumerate(moves):
        for number, call in enumerate(move.calls):
            used = yield from use(ToolCall(f"move-{stage}-{place + 1}-{number + 1}", call.tool, call.arguments))
            claim, held = used.claim or claim, held and (used.ok or call.tool not in CHANGES)
    return claim if held else Claim("", "the known solution did not apply")


def _solve(*, known: bool) -> Conversation:
    """One use of `solve`, then every request is handed back: the solution is for all of them."""
    if not known:
        return Stop.GAVE_UP
    used = yield from use(ToolCall("solve-1", "solve", "{}"))
    while (yield from hand_back(_claim(used))) is not None:
        pass
    return Stop.ANSWERED


def _step_by_step(first: Given) -> Conversation:
    """One use of `solve` for each request, whose own solution it is."""
    given: Given | None = first
    number = 0
    while given is not None:
        number += 1
        used = yield from use(ToolCall(f"solve-{number}", "solve", json.dumps({"step": given.request.id})))
        given = yield from hand_back(_claim(used))
    return Stop.ANSWERED


def _claim(used: Used) -> Claim:
    return Claim("the known solution was applied", "") if used.ok else Claim("", "the known solution did not apply")
