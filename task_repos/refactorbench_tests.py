"""The names of the tests in a unittest file, from its syntax tree; the file itself is never run here. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from harness.core.errors import TaskError


def names_of_tests(source: bytes, file: str) -> tuple[str, ...]:
    """`Class::test_method` and `test_function` as pytest names them. Raises TaskError for a file that has none or can't be parsed."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise TaskError(file, "text", str(fault) or "nested too deep", "Python") from fault
    found = tuple(dict.fromkeys(_names(tree.body)))
    if not found:
        raise TaskError(file, "tests", "none", "at least one test method of a TestCase")
    return found



def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{name}" for name in _functions(node.body))
    yield from _functions(body)


def _functions(body: list[ast.stmt]) -> Iterator[str]:
    return (node.name for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"))
