"""A source file as bytes with places: edits replace spans and leave every other byte, comments and line ends as they are."""

from __future__ import annotations

import ast
import io
import re
import threading
import tokenize
import warnings

import msgspec

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Edit(msgspec.Struct, frozen=True):
    """Bytes `start` to `end` of the source (as UTF-8) become `text`."""

    start: int
    end: int
    text: str


class Source(msgspec.Struct, frozen=True):
    """A parsed file. `starts`: where each line begins, in bytes of UTF-8, and behind them where the last ends."""

    data: bytes
    encoding: str
    starts: tuple[int, ...]
    tree: ast.Module
    ending: str

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.expr) -> str:
        """What stands there, without the brackets around it."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def replaced(self, node: ast.expr, text: str) -> Edit:
        return Edit(*self.span(node), text)

    def before(self, node: ast.stmt, text: str) -> Edit:
        """A statement ahead of another: on the same line where that is a simple one, so that no line moves."""
        if isinstance(node, COMPOUND):
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            start = self.at(first, 0)
            return Edit(start, start, f"{self._indent(node)}{text}{self.ending}")
        start = self.span(node)[0]
        return Edit(start, start, f"{text}; ")

    def after(self, node: ast.stmt, text: str, *, beside: bool) -> Edit:
        """A statement behind another: on its line (which must be a simple one's), or on a new line of the same indent."""
        if beside:
            end = self.span(node)[1]
            return Edit(end, end, f"; {text}")
        assert node.end_lineno is not None
        end = self.starts[node.end_lineno]
        ended = self.data[:end].endswith((b"\n", b"\r"))
        return Edit(end, end, f"{'' if ended else self.ending}{self._indent(node)}{text}{self.ending}")

    def _indent(self, node: ast.stmt) -> str:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        line = self.data[self.starts[first - 1] :].decode("utf-8", "ignore")
        return line[: len(line) - len(line.lstrip(" \t\f"))]


COMPOUND = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try,
    ast.TryStar, ast.Match,
)  # fmt: skip


def source(data: bytes) -> Source | None:
    """None for what Python can't parse."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        tree = parsed(data)
    except (SyntaxError, ValueError, LookupError, RecursionError):
        return None
    plain = text.encode()
    starts = [0]
    for line in _LINE.findall(text):
        starts.append(starts[-1] + len(line.encode()))
    return Source(plain, encoding, tuple(starts), tree, "\r\n" if b"\r\n" in plain else "\n")


_ONE = threading.Lock()
"""Threads that parse at once share the parser's count of depth (CPython 3.11: SystemError, "recursion depth mismatch"), and the filter of warnings."""


def parsed(data: bytes) -> ast.Module:
    """What the parser thinks of odd escapes is not our user's business. Raises SyntaxError, ValueError, RecursionError."""
    with _ONE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def spliced(before: Source, edits: list[Edit]) -> bytes | None:
    """The file with all edits, in its own encoding; None where the outcome is no Python any more."""
    pieces, done = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done:
            return None
        pieces += [before.data[done : edit.start], edit.text.encode()]
        done = edit.end
    whole = b"".join([*pieces, before.data[done:]]).decode().encode(before.encoding)
    return whole if source(whole) is not None else None
