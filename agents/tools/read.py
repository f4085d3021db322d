"""Shows a text file, or a range of its lines, with line numbers."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments, Flaw
from agents.tools.border import cross, failed, refused, unfit
from agents.tools.clip import cut, decoded
from agents.tools.paths import path_of
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.ports import Sandbox, Tool, ToolResult

LOOKED_AT = 8_000
"""Bytes at the beginning in which a NUL makes a file binary, as git has it."""
BOM = b"\xef\xbb\xbf"


class Read(msgspec.Struct, frozen=True):
    spec: ToolSpec

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: _act(arguments, sandbox))


def create() -> Tool:
    parameters = (
        Parameter("path", "string", "the file, relative to the repository's root"),
        Parameter("first_line", "integer", "the first line to show, counted from 1; 0 for the beginning"),
        Parameter("last_line", "integer", "the last line to show; 0 for the end"),
    )
    return Read(ToolSpec("read", described("read"), parameters))


def _act(arguments: Arguments, sandbox: Sandbox) -> ToolResult:
    path = path_of(arguments)
    if isinstance(path, Flaw):
        return refused(path)
    first, last = arguments.number("first_line"), arguments.number("last_line")
    if first < 0 or last < 0 or (last and last < first):
        return unfit(f"`first_line` {first} and `last_line` {last} are no range: count from 1, or give 0 for beginning and end.")
    data = sandbox.read(path)
    if b"\0" in data[:LOOKED_AT]:
        start = data[:16].hex(" ")
        return failed(f"{path} is a binary file of {len(data)} bytes, beginning with {start}; look at it with `shell`.")
    return _shown(str(path), data, max(1, first), last)


def _shown(name: str, data: bytes, first: int, last: int) -> ToolResult:
    lines = split_lines(data)
    if not lines:
        return ToolResult(ok=True, text=f"{name} is empty.", full=b"", touches=False)
    if first > len(lines):
        return unfit(f"`first_line` is {first}, but {name} has {len(lines)} lines.")
    last = min(last or len(lines), len(lines))
    body = numbered(lines[first - 1 : last], first)
    text = f"{_heading(name, data, (first, last, len(lines)))}\n{_clipped(body, first)}"
    return ToolResult(ok=True, text=text, full=body, touches=False)


def split_lines(data: bytes) -> list[bytes]:
    """Lines without their ends and without a byte order mark; a final newline begins no further line."""
    lines = data.removeprefix(BOM).split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def numbered(lines: list[bytes], first: int) -> bytes:
    return b"\n".join(b"%d\t%s" % (number, line) for number, line in enumerate(lines, first))


def _heading(name: str, data: bytes, shown: tuple[int, int, int]) -> str:
    """What is shown of how much, and what of the file the numbered lines do not show."""
    crlf, newlines = data.count(b"\r\n"), data.count(b"\n")
    marks = [
        ("CRLF line endings", bool(crlf) and crlf == newlines),
        ("mixed line endings", 0 < crlf < newlines),
        ("begins with a byte order mark", data.startswith(BOM)),
        ("no newline at the end", not data.endswith(b"\n")),
        ("not valid UTF-8, other bytes shown as \ufffd", not _is_utf8(data)),
    ]
    noted = "".join(f"; {mark}" for mark, holds in marks if holds)
    return f"[{name}: lines {shown[0]} to {shown[1]} of {shown[2]}{noted}]"


def _clipped(body: bytes, first: int) -> str:
    part = cut(body)
    if not part.hidden:
        return decoded(part.head)
    start, end = first + part.head.count(b"\n"), first + part.head.count(b"\n") + part.lines
    whole = part.head.endswith(b"\n") and body[-len(part.tail) - 1 : -len(part.tail)] == b"\n"
    rest = f"read lines {start} to {end - 1} to see them" if whole else f"in lines {start} to {end}; long lines are cut"
    notice = f"[... {part.hidden} bytes left out; {rest} ...]"
    return "\n".join((decoded(part.head).rstrip("\n"), notice, decoded(part.tail)))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
