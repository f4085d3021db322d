"""The sizes of the house: modules, functions, parameters, and the one function that must stay small for ever."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def size(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_short(path: Path) -> None:
    """No file has more than 300 lines."""
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_function_is_short(path: Path) -> None:
    """No function has more than 50 lines."""
    assert not [node.name for node in functions(path) if size(node) > 50]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_function_takes_few_parameters(path: Path) -> None:
    """At most six parameters, but for `create` and commands, whose signatures are their users' documentation."""
    for node in functions(path):
        told = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        count = len([argument for argument in told if argument.arg not in FIRST_PARAMETERS])
        speaks = node.name in ("create", "__init__") or name(path).startswith(COMMAND_FILES)
        assert speaks or count <= 6, f"{node.name} takes {count}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_opens_with_its_door_sign(path: Path) -> None:
    """Every module opens with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", [path for path in FILES if path.name.startswith("test_")], ids=name)
def test_a_test_states_its_claim(path: Path) -> None:
    """Every test function has a docstring."""
    assert not [node.name for node in functions(path) if node.name.startswith("test_") and not ast.get_docstring(node)]


def test_run_trial_stays_small() -> None:
    """The function where every codebase of this field rots has fewer than 40 lines."""
    path = ROOT / "harness/engine/trial.py"
    assert next(size(node) for node in functions(path) if node.name == "run_trial") < 40


def test_functions_are_about_eight_lines() -> None:
    """The median function of the product has at most eight lines."""
    assert statistics.median(size(node) for path in SOURCES for node in functions(path)) <= 8


def test_there_is_one_broad_except() -> None:
    """`except Exception` stands once, in the engine's trial."""
    nodes = ((name(path), node) for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    handlers = ((place, node) for place, node in nodes if isinstance(node, ast.ExceptHandler))
    found = [place for place, node in handlers if node.type is None or getattr(node.type, "id", "") == "Exception"]
    assert found == ["harness/engine/trial.py"]
