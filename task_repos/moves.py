"""solution/moves.json: how a worker who forgets nothing goes about a task, turn by turn; what the oracle plays where a task has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError, unread
from harness.core.memory import Manifest, Move, Use
from task_repos.harbor_files import read_text
from task_repos.harbor_schema import converted

FILE: Final = "solution/moves.json"
TOOLS: Final = ("read", "write", "replace", "shell", "run_tests", "finish")
"""What a move may call: the public tools that any agent has."""


def read_moves(folder: Path, requests: int, memory: Manifest | None) -> tuple[Move, ...]:
    """The moves, () without the file. `requests`: how many the task has. Raises TaskError in one sentence."""
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        found = json.loads(read_text(path, "moves"))
    except (ValueError, RecursionError) as fault:
        raise TaskError(str(path), "moves", unread(fault), "JSON") from fault
    moves: tuple[Move, ...] = converted(found, tuple[Move, ...], str(path), "")
    known = {item.id for item in memory.items} if memory else set()
    for place, move in enumerate(moves, start=1):
        _sound(move, f"move {place}", path, known)
    _staged(moves, requests, path)
    return moves


def _sound(move: Move, at: str, path: Path, known: set[str]) -> None:
    for call in (*move.calls, *(call for slip in move.slips for call in slip.calls)):
        _call(call, at, path)
    lost = [name for name in (*move.items, *(slip.item for slip in move.slips)) if name not in known]
    if lost:
        raise TaskError(str(path), f"{at}.items", repr(lost[0][:80]), "ids of [[memory]]")


def _call(call: Use, at: str, path: Path) -> None:
    if call.tool not in TOOLS:
        raise TaskError(str(path), f"{at}.calls.tool", repr(call.tool[:80]), f"one of {', '.join(TOOLS)}")
    try:
        given = msgspec.json.decode(call.arguments, type=dict[str, str | int])
    except (msgspec.DecodeError, UnicodeEncodeError) as fault:
        raise TaskError(str(path), f"{at}.calls.arguments", str(fault), "JSON text of an object of texts and whole numbers") from fault
    del given


def _staged(moves: tuple[Move, ...], requests: int, path: Path) -> None:
    """Stage by stage, each handed back by its last move and by no other."""
    stages = [move.stage for move in moves]
    if stages != sorted(stages) or set(stages) != set(range(1, requests + 1)):
        raise TaskError(str(path), "moves.stage", f"{sorted(set(stages))[:40]}", f"every request from 1 to {requests}, in order")
    for place, move in enumerate(moves):
        last = place + 1 == len(moves) or moves[place + 1].stage != move.stage
        if last != any(call.tool == "finish" for call in move.calls):
            raise TaskError(str(path), f"move {place + 1}", "no finish" if last else "finish", "a finish in the last move of each request, and there alone")
