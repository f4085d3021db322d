"""Replaces one passage of a file by another, once and all at once, and says what was there when it was not found."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments, Flaw
from agents.tools.border import cross, done, failed, refused, unfit
from agents.tools.clip import decoded
from agents.tools.edit import COUNTED, Missed, substitute
from agents.tools.nearest import SHOWN_LINES, nearest
from agents.tools.paths import path_of
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.ports import Sandbox, Tool, ToolResult

WIDEST = 300
"""Characters of a line that a refusal quotes."""


class Replace(msgspec.Struct, frozen=True):
    """Works on bytes, so that a byte order mark, other encodings and everything around the passage stay as they are."""

    spec: ToolSpec

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: _act(arguments, sandbox))


def create() -> Tool:
    parameters = (
        Parameter("path", "string", "the file, relative to the repository's root"),
        Parameter("old", "string", "the text to replace, as it stands in the file, without line numbers"),
        Parameter("new", "string", "the text to put there"),
    )
    return Replace(ToolSpec("replace", described("replace"), parameters))


def _act(arguments: Arguments, sandbox: Sandbox) -> ToolResult:
    path, old, new = path_of(arguments), arguments.text("old"), arguments.text("new")
    if isinstance(path, Flaw):
        return refused(path)
    if not old:
        return unfit("`old` is empty; use `write` to make a file.")
    if old == new:
        return unfit("`old` and `new` are the same, so nothing would change.")
    data = sandbox.read(path)
    edited = substitute(data, old.encode(), new.encode())
    if isinstance(edited, Missed):
        return failed(_many(path, edited.lines) if edited.lines else _none(path, data, old))
    sandbox.write(path, edited.data)
    return done(f"Replaced in {path} at line {edited.line}: {edited.taken} lines by {edited.put}.", touches=True)


def _many(path: PurePosixPath, lines: tuple[int, ...]) -> str:
    count = f"{COUNTED} times or more" if len(lines) == COUNTED else f"{len(lines)} times"
    places = ", ".join(str(line) for line in lines)
    return f"Not replaced: `old` occurs {count} in {path}, at lines {places}. Include lines around it until it occurs once."


def _none(path: PurePosixPath, data: bytes, old: str) -> str:
    found = nearest(decoded(data), old)
    if found is None:
        return f"Not replaced: `old` does not occur in {path}, and nothing like it does. Read the file again."
    numbered = [f"{number}\t{line[:WIDEST]}" for number, line in enumerate(found.lines, found.first)]
    if found.last - found.first + 1 > SHOWN_LINES:
        numbered.append("...")
    why = " It differs from `old` in white space alone." if found.blank else ""
    head = f"Not replaced: `old` does not occur in {path}. Most like it are lines {found.first} to {found.last}:"
    return "\n".join((head, *numbered)) + (f"\n{why.strip()}" if why else "")
