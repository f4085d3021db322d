"""Where a test function expects something: its assertions in the order of the text, and whether each is certain to be reached."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

RAISING = frozenset({"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"})
_SWALLOWING = RAISING | {"suppress", "ExitStack", "deprecated_call"}


class Spot(msgspec.Struct, frozen=True):
    """A statement that expects. `certain`: it is reached whenever the function ends well, and nothing around it swallows its failure.

    `inner`: it stands in a function that the test defines; whoever calls that may wait for ever for one that failed.
    """

    node: ast.Assert | ast.Expr | ast.Assign | ast.With | ast.AsyncWith
    certain: bool
    inner: bool = False


def spots(function: Function) -> tuple[Spot, ...]:
    """In the function itself and in those that it defines; not in what waits for a failure."""
    returns = any(isinstance(node, ast.Return) for node in own(function))
    parameters = frozenset(argument.arg for argument in arguments(function))
    return tuple(_in(function.body, not returns, parameters))


def _in(body: list[ast.stmt], certain: bool, parameters: frozenset[str]) -> Iterator[Spot]:
    for node in body:
        match node:
            case ast.Assert():
                yield Spot(node, certain)
            case ast.Expr(value=ast.Call()) | ast.Assign(value=ast.Call()):
                yield Spot(node, certain)
            case ast.With() | ast.AsyncWith():
                if any(_swallows(item.context_expr, parameters) for item in node.items):
                    yield Spot(node, certain)
                else:
                    yield from _in(node.body, certain, parameters)
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                yield from _in([*node.body, *node.orelse], False, parameters)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from (Spot(spot.node, certain=False, inner=True) for spot in _in(node.body, False, parameters))
            case ast.Match():
                yield from _in([each for case in node.cases for each in case.body], False, parameters)
            case ast.Try():
                parts = [*node.body, *node.orelse, *node.finalbody]
                yield from _in(parts, certain and not node.handlers, parameters)
            case _:
                pass


def called(node: ast.expr) -> str:
    """The last name of what a call calls; "" for what is no plain call."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", ""))
    return ""


def _swallows(node: ast.expr, parameters: frozenset[str]) -> bool:
    """An expectation handed in as a parameter swallows what it waits for."""
    name = called(node)
    return name in _SWALLOWING or name.lower().endswith(("raises", "error", "errors")) or getattr(node, "id", None) in parameters


def own(function: Function) -> Iterator[ast.AST]:
    """Every node of a function's own scope."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def arguments(function: Function) -> list[ast.arg]:
    told = function.args
    return [*told.posonlyargs, *told.args, *told.kwonlyargs]


def generates(function: Function) -> bool:
    """A test that yields is none to a runner of today."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own(function))
