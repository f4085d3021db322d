"""Scripts for the scripted model, out of what tasks bring along: a solution turn by turn, one that stops half-way, moves with their slips."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from harness.core.memory import Move, Use
from harness.core.task import TaskSpec

BUNDLED = Path(__file__).resolve().parents[1] / "task_repos" / "bundled"


class Said(msgspec.Struct, frozen=True):
    """One reply of a script."""

    text: str
    calls: tuple[Use, ...]


def script(replies: Sequence[Said], path: Path) -> Path:
    """Written as the scripted model reads it."""
    path.write_text("format = 1\n" + "".join(_reply(each) for each in replies), encoding="utf-8")
    return path


def _reply(said: Said) -> str:
    head = f"\n[[reply]]\ntext = {json.dumps(said.text)}\n"
    return head + "".join(f"[[reply.call]]\nname = {json.dumps(use.tool)}\nraw = {json.dumps(use.arguments)}\n" for use in said.calls)


def use(tool: str, **arguments: str | int) -> Use:
    return Use(tool, json.dumps(arguments))


def solved(task: str, *, half: bool) -> tuple[Said, ...]:
    """The known solution of a bundled task, file by file: each read, then written. `half`: the second half is left out and claimed all the same."""
    files = tuple(_changed(task))
    done = files[: (len(files) + 1) // 2] if half else files
    each = [Said(f"{path} comes next.", (_written(path, text),)) for path, text in done]
    read = [Said(f"I read {path}.", (use("read", path=path, first_line=0, last_line=0),)) for path, text in done if (_folder(task) / path).is_file()]
    begin = Said("I look at the repository first.", (use("shell", command="git status --short; ls", seconds=30),))
    return (begin, *read, *each, Said("Now the tests.", (use("run_tests"),)), Said("That is it.", (use("finish", done="everything that was asked", not_done=""),)))


def _written(path: str, text: str | None) -> Use:
    return use("write", path=path, content=text) if text is not None else use("shell", command=f"rm {path}", seconds=30)


def _folder(task: str) -> Path:
    return BUNDLED / task / "environment" / "repo"


def _changed(task: str) -> Iterator[tuple[str, str | None]]:
    """(path, new text) of every file that the solution changes; None for one that it removes."""
    patch = next((BUNDLED / task / "solution").glob("*.patch"))
    with tempfile.TemporaryDirectory() as scratch:
        after = Path(scratch) / "repo"
        _shell("cp", "-r", str(_folder(task)), str(after))
        _shell("patch", "--strip=1", "--no-backup-if-mismatch", "--directory", str(after), f"--input={patch}")
        for path in sorted(_paths(_folder(task)) | _paths(after)):
            old, new = _text(_folder(task) / path), _text(after / path)
            if old != new:
                yield path, new


def _paths(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _shell(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def played(task: TaskSpec) -> tuple[Said, ...]:
    """A staged task's moves, as they are."""
    return tuple(Said(move.text, move.calls) for move in task.moves)


def slipped(task: TaskSpec) -> tuple[Said, ...]:
    """The moves with the first slip of each item in place of its own calls, the last time that the item is used."""
    last = {slip.item: place for place, move in enumerate(task.moves) for slip in move.slips}
    return tuple(Said(move.text, _slip(move, {item for item, at in last.items() if at == place})) for place, move in enumerate(task.moves))


def _slip(move: Move, items: set[str]) -> tuple[Use, ...]:
    return next((slip.calls for slip in move.slips if slip.item in items), move.calls)
