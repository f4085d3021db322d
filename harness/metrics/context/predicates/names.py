"""Dotted names in expressions, as they are written. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 16
"""Parts of a dotted name; of a longer one the last are told, as of one behind something computed."""


def chain(node: ast.AST) -> str:
    """`a.b.c` as written; behind anything computed only what follows it (`f().b` is ".b"); "" for what has no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < LONGEST:
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return "." + ".".join(reversed(parts)) if parts else ""


def mentioned(node: ast.AST | None) -> tuple[str, ...]:
    """Every dotted name in an expression, those in quoted annotations with it."""
    return tuple(dict.fromkeys(_mentioned(node))) if node is not None else ()


def _mentioned(node: ast.AST) -> Iterator[str]:
    waiting = [node]
    while waiting:
        now = waiting.pop()
        if isinstance(now, (ast.Name, ast.Attribute)):
            yield chain(now)
        if isinstance(now, ast.Constant) and isinstance(now.value, str) and now.value.replace(".", "_").isidentifier():
            yield now.value
        waiting += [below for below in ast.iter_child_nodes(now) if not (isinstance(now, ast.Attribute) and isinstance(below, ast.Name))]


def parameters(arguments: ast.arguments) -> tuple[str, ...]:
    """Names in order, "/" and "*" where they stand, stars before what gathers."""
    found = [one.arg for one in arguments.posonlyargs]
    found += ["/"] if found else []
    found += [one.arg for one in arguments.args]
    found += [f"*{arguments.vararg.arg}"] if arguments.vararg else ["*"] if arguments.kwonlyargs else []
    found += [one.arg for one in arguments.kwonlyargs]
    return (*found, f"**{arguments.kwarg.arg}") if arguments.kwarg else tuple(found)
