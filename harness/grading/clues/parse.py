"""Added lines as syntax trees: the whole where it parses, else block by block, else line by line."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator

import msgspec

from harness.grading.clues.fold import joined
from harness.grading.twin.splice import parsed

_CONTINUES = {"elif": "if 0: pass\n{}", "else": "if 0: pass\n{}", "except": "try: pass\n{}", "finally": "try: pass\n{}", "case": "match 0:\n {}"}


class Piece(msgspec.Struct, frozen=True):
    """A tree whose line `n` is line `n + above` of the file; `indent`: columns that were taken off its left."""

    tree: ast.Module
    above: int
    indent: int


def pieces(lines: tuple[tuple[int, str], ...]) -> Iterator[Piece]:
    """Lines that are no Python in any way yield nothing."""
    whole = _tree(joined(lines))
    if whole is not None:
        yield Piece(whole, 0, 0)
        return
    for block in _blocks(lines):
        text = joined((number - block[0][0] + 1, line) for number, line in block)
        plain = textwrap.dedent(text)
        tree = _tree(plain)
        if tree is not None:
            yield Piece(tree, block[0][0] - 1, _indent(block[0][1]))
        else:
            yield from _lines(block)


def _lines(block: list[tuple[int, str]]) -> Iterator[Piece]:
    for number, line in block:
        text = line.strip()
        closed = f"{text} pass" if text.endswith(":") else text
        frame = _CONTINUES.get(text.partition(" ")[0].rstrip(":"), "{}")
        inner = text.rstrip(",")
        for each in (closed, text.rstrip(",([{"), text.lstrip(")]}, "), f"{{{inner}}}", f"_({inner})"):
            tree = _tree(frame.format(each))
            if tree is not None:
                yield Piece(tree, number - 1 - frame.count("\n"), _indent(line))
                break


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Runs of lines that follow each other; an empty line may stand between."""
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if block and number > block[-1][0] + 2:
            yield block
            block = []
        block.append((number, line))
    if block:
        yield block


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _tree(text: str) -> ast.Module | None:
    try:
        return parsed(text.encode("utf-8", "replace"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
