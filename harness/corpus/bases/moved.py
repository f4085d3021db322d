"""A generated staged task as a base: its moves are the script, its repository and manifest are taken as they are."""

from __future__ import annotations

from typing import Final

from harness.core.memory import Move
from harness.core.task import TaskSpec
from harness.corpus.script import Base, Say

TESTS: Final = "echo '12 passed'\n"
"""What stands for the repository's own tests: no truth of the corpus hangs on what they say, and pytest would cost a second a time."""


def moved(task: TaskSpec, files: tuple[tuple[str, str], ...]) -> Base:
    """`files`: of its repository, path and text. Raises ValueError for a task without manifest or moves."""
    if task.memory is None or not task.moves:
        raise ValueError(f"{task.id} has nobody who knows how to go about it")
    counts: dict[int, int] = {}
    says = []
    for move in task.moves:
        counts[move.stage] = counts.get(move.stage, 0) + 1
        says.append(_say(move, counts[move.stage]))
    # The command is a file: what stands in test_command is told to the worker nowhere else, and another tree would be another task.
    return Base(task.id, task.memory.seed or 0, task.brief.requests, files, task.memory, tuple(says), TESTS)


def _say(move: Move, number: int) -> Say:
    return Say(f"s{move.stage}.{number}", move.stage, move.text, move.calls, _mark(move), move.items, move.slips)


def _mark(move: Move) -> str:
    tools = {call.tool for call in move.calls}
    if "finish" in tools:
        return "finish"
    if "run_tests" in tools:
        return "check"
    if tools == {"write"} and all('"tests/' in call.arguments for call in move.calls):
        return "test"
    if tools & {"write", "replace"}:
        return "define"
    return "read" if "read" in tools else "look"
