"""solution/moves.json is read strictly: whatever it holds, it is moves or one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.errors import TaskError
from harness.core.memory import Move, Use
from task_repos.moves import read_moves


def laid(folder: Path, text: str) -> Path:
    (folder / "solution").mkdir(exist_ok=True)
    (folder / "solution/moves.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    return folder


def a_move(arguments: str = "{}", tool: str = "finish", **more: object) -> str:
    return json.dumps([{"stage": 1, "text": "", "calls": [{"tool": tool, "arguments": arguments}], **more}])


def test_moves_are_read(tmp_path: Path) -> None:
    """None without the file, else each with its calls."""
    assert read_moves(tmp_path, 1, None) == ()
    (move,) = read_moves(laid(tmp_path, a_move('{"path": "a", "first_line": 3}')), 1, None)
    assert isinstance(move, Move)
    assert (move.stage, move.calls) == (1, (Use("finish", '{"path": "a", "first_line": 3}'),))


SPOILT = {
    "a lone surrogate": (a_move("\ud800"), "move 1.calls.arguments"), "one in a value": (a_move('{"a": "\udc00"}'), "move 1.calls.arguments"),
    "a tool of one": (a_move(tool="\ud800"), "move 1.calls.tool"), "no JSON": (a_move("{"), "move 1.calls.arguments"), "a list": (a_move("[]"), "move 1.calls.arguments"),
    "a fraction": (a_move('{"a": 0.5}'), "move 1.calls.arguments"), "nested without end": (a_move('{"a":' + "[" * 100_000), "move 1.calls.arguments"),
    "too many digits": (a_move('{"a": ' + "9" * 5000 + "}"), "move 1.calls.arguments"), "a stage of too many digits": ('[{"stage": ' + "9" * 5000 + "}]", "moves"),
    "a file nested without end": ("[" * 100_000, "moves"), "half a letter": ('[{"stage": 1, "text": "\udc80"}]', ""),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_no_move_is_one_sentence(name: str, tmp_path: Path) -> None:
    """Words that are no text, numbers and nesting without end, values that no tool takes."""
    text, words = SPOILT[name]
    with pytest.raises(TaskError) as told:
        read_moves(laid(tmp_path, text), 1, None)
    assert words in str(told.value)
    assert "\n" not in str(told.value)
