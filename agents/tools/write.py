"""Writes a whole file."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments, Flaw
from agents.tools.border import cross, done, refused
from agents.tools.paths import path_of
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.ports import Sandbox, Tool, ToolResult


class Write(msgspec.Struct, frozen=True):
    """The content goes into the file as it was given: UTF-8, its own line endings."""

    spec: ToolSpec

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: _act(arguments, sandbox))


def create() -> Tool:
    parameters = (
        Parameter("path", "string", "the file, relative to the repository's root"),
        Parameter("content", "string", "all that shall be in it"),
    )
    return Write(ToolSpec("write", described("write"), parameters))


def _act(arguments: Arguments, sandbox: Sandbox) -> ToolResult:
    path = path_of(arguments)
    if isinstance(path, Flaw):
        return refused(path)
    data = arguments.text("content").encode()
    sandbox.write(path, data)
    return done(f"Wrote {path}: {len(data)} bytes, {_lines(data)} lines.", touches=True)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
