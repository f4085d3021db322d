"""Detects functions that the agent writes a second time (G5): the same syntax tree, names aside, as one it made earlier elsewhere.

Inputs: the agent's own differences in Python files. Both must still stand when the grace is over, so that moving one is silent. Of three
statements and more no name counts. Shorter ones are alike by chance with all names aside: they must use the same attributes, functions and
other names from outside, and have eight nodes in their trees, which leaves out constants, getters and calls handed on. Methods of Python's own
names (`__init__`) are alike by custom and left out. Only functions whose signs agree are parsed at all.

Known false positives: functions that a request wants alike; overloads and test cases that differ in names alone (files of tests are
left out).
Scorecard: found G5 165 of 200; precision 1.000; validated on planted faults only.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from harness.core.findings import Finding
from harness.metrics.context.done.history import Change, history, text
from harness.metrics.context.kept.grace import over
from harness.metrics.context.kept.versions import added
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.sighted import entries, sighted

KINDS: tuple[str, ...] = ("G5",)
VERSION = 5
TO_TARGET: frozenset[str] = frozenset()
FEWEST = 3
"""Statements, docstring left out, from which names say nothing more."""
SMALLEST = 8
"""Nodes of a short body: `return self._rows[key]` has five, `return old(a, b)` as many, a comprehension that calls something nine."""
DEF = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
SIGNS = re.compile(r"\b(?:if|for|while|return|with|try|raise|yield|await|lambda|and|or|not|in|is)\b|[-+*/%=<>.,:@\[\]{}()]")
LOOSE = re.compile(r"#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''", re.DOTALL)


class Made(msgspec.Struct, frozen=True):
    change: Change
    name: str
    source: str


def find(scene: Scene) -> Iterator[Finding]:
    """In order of changes; of several earlier ones the first counts."""
    alike: dict[tuple[str, ...], list[Made]] = {}
    for change in history(scene).changes:
        if change.author == "agent" and change.path.endswith(".py") and change.new and not _tests(change.path):
            for made in _made(scene, change):
                earlier = alike.setdefault(tuple(SIGNS.findall(LOOSE.sub("", made.source.partition("(")[2]))), [])
                yield from _again(scene, earlier, made)
                earlier.append(made)


def _tests(path: str) -> bool:
    return path.startswith("tests/") or "/tests/" in path or path.rpartition("/")[2].startswith("test_")


def _made(scene: Scene, change: Change) -> Iterator[Made]:
    """Functions that the file did not have before."""
    words = text(scene, change.new)
    if "def " not in words or "def " not in added(scene, change):
        return
    before = {found.groups() for found in DEF.finditer(text(scene, change.old))}
    for found in DEF.finditer(words):
        if found.groups() not in before and not found.group(2).startswith("__"):
            yield Made(change, found.group(2), _block(words, found))


def _block(words: str, found: re.Match[str]) -> str:
    """From `def` to the first line that is indented no deeper, the lines of a long signature left in."""
    body = words.find(":", words.find(")", found.start())) + 1
    end = re.compile(rf"^(?!{found.group(1)}[ \t]|[ \t]*$)", re.MULTILINE).search(words, words.find("\n", body) + 1 or len(words))
    return words[found.start() : end.start() if end else len(words)]


def _again(scene: Scene, earlier: list[Made], made: Made) -> Iterator[Finding]:
    shape = _shape(made.source) if earlier else ""
    twin = next((one for one in earlier if shape and (one.change.path, one.name) != (made.change.path, made.name) and _shape(one.source) == shape), None)
    turn = made.change.turn
    known = over(scene, turn)
    if twin is None or known is None or twin.change.turn > turn:
        return
    if all(_stands(scene, one, known) for one in (twin, made)):
        item, evidence = f"{made.change.path}::{made.name}", entries(scene, turn, twin.change.seq, made.change.seq)
        detail = f"the same as {twin.name} in {twin.change.path}, which it made at turn {twin.change.turn}"
        yield sighted(scene, Finding("G5", item, turn, turn, known, detail, evidence), f"edit:{twin.change.path}@{twin.change.turn}")


def _stands(scene: Scene, made: Made, turn: int) -> bool:
    words = text(scene, history(scene).at(made.change.path, turn, ""))
    return any(found.group(2) == made.name for found in DEF.finditer(words))


@lru_cache(maxsize=256)
def _shape(source: str) -> str:
    """The syntax tree with names numbered; "" for what does not parse, is too small, or nested too deep to be written out."""
    try:
        return _written(ast.parse(textwrap.dedent(source)).body[0])
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return ""


def _written(node: ast.stmt) -> str:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    node.body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    short = sum(isinstance(one, ast.stmt) for one in ast.walk(node)) <= FEWEST
    if short and sum(_weighs(one) for line in node.body for one in ast.walk(line)) < SMALLEST:
        return ""
    _number(node, _bound(node) if short else None)
    return ast.dump(node)


def _weighs(node: ast.AST) -> bool:
    return not isinstance(node, ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop)


def _bound(node: ast.AST) -> frozenset[str]:
    """Names that the function makes itself: its own, its parameters, what it assigns."""
    defined = (one.name for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    given = (one.arg for one in ast.walk(node) if isinstance(one, ast.arg))
    return frozenset((*defined, *given, *(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))))


def _number(node: ast.AST, names: frozenset[str] | None) -> None:
    """Names, or those alone, become numbers in order of first use; attributes and keywords only where all names do."""
    numbers: dict[str, str] = {}
    for one in ast.walk(node):
        for field in ("name", "id", "arg", "attr"):
            told = getattr(one, field, None)
            if isinstance(told, str) and (names is None or (told in names and field != "attr" and not isinstance(one, ast.keyword))):
                setattr(one, field, numbers.setdefault(told, str(len(numbers))))
