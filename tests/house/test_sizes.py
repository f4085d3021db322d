"""The sizes of the house: modules, functions, parameters, and the one function that must stay small for ever.

A rule is one test over every file and names all that break it: a test per file and rule was half of the whole suite.
"""

from __future__ import annotations

import ast
import statistics
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path
    for room in ("harness", "agents", "sandboxes", "task_repos", "tests", "benchmarks")
    for path in sorted((ROOT / room).rglob("*.py"))
    if not {"bundled", "catalogue", "build"} & set(path.relative_to(ROOT).parts)
]
SOURCES = [path for path in FILES if path.relative_to(ROOT).parts[0] not in ("tests", "benchmarks")]
FIRST_PARAMETERS = {"self", "cls"}
COMMAND_FILES = "harness/cli/"


class Function(NamedTuple):
    """What the rules ask of one: `size` lines, `parameters` without self, whether it `says` something by a docstring."""

    name: str
    size: int
    parameters: int
    says: bool


class File(NamedTuple):
    """A file as the rules see it."""

    lines: int
    says: bool
    functions: tuple[Function, ...]
    broad: int


@cache
def seen(path: Path) -> File:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    nodes = tuple(ast.walk(tree))
    functions = tuple(function(node) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    broad = [node for node in nodes if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") == "Exception")]
    return File(len(text.splitlines()), bool(ast.get_docstring(tree)), functions, len(broad))


def function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    told = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    parameters = len([argument for argument in told if argument.arg not in FIRST_PARAMETERS])
    return Function(node.name, (node.end_lineno or node.lineno) - node.lineno + 1, parameters, bool(ast.get_docstring(node)))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_file_is_short() -> None:
    """No file has more than 300 lines."""
    assert [(name(path), seen(path).lines) for path in FILES if seen(path).lines > 300] == []


def test_every_function_is_short() -> None:
    """No function has more than 50 lines."""
    assert [(name(path), each.name, each.size) for path in FILES for each in seen(path).functions if each.size > 50] == []


def test_functions_take_few_parameters() -> None:
    """At most six, but for `create` and commands, whose signatures are their users' documentation."""
    bound = [path for path in SOURCES if not name(path).startswith(COMMAND_FILES)]
    found = [(name(path), each) for path in bound for each in seen(path).functions if each.name not in ("create", "__init__")]
    assert [(place, each.name, each.parameters) for place, each in found if each.parameters > 6] == []


def test_every_module_opens_with_its_door_sign() -> None:
    """Every module opens with a docstring."""
    assert [name(path) for path in SOURCES if not seen(path).says] == []


def test_every_test_states_its_claim() -> None:
    """Every test function has a docstring."""
    tests = [(name(path), each) for path in FILES if path.name.startswith("test_") for each in seen(path).functions]
    assert [(place, each.name) for place, each in tests if each.name.startswith("test_") and not each.says] == []


def test_run_trial_stays_small() -> None:
    """The function where every codebase of this field rots has fewer than 40 lines."""
    path = ROOT / "harness/engine/trial.py"
    assert next(each.size for each in seen(path).functions if each.name == "run_trial") < 40


def test_functions_are_about_eight_lines() -> None:
    """The median function of the product has at most eight lines."""
    assert statistics.median(each.size for path in SOURCES for each in seen(path).functions) <= 8


def test_there_is_one_broad_except() -> None:
    """`except Exception` stands once, in the engine's trial."""
    assert [name(path) for path in SOURCES for _ in range(seen(path).broad)] == ["harness/engine/trial.py"]
