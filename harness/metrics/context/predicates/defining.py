"""Predicates on what one module offers: definitions, exports, constants, signatures."""

from __future__ import annotations

import json
from collections.abc import Callable

from harness.core.predicates import Constant, Defines, Exports, Signature
from harness.metrics.context.predicates.facts import Definition, Module
from harness.metrics.context.predicates.literals import told
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.places import led
from harness.metrics.context.predicates.verdict import Judged, demanded

_DEEPEST = 16
"""Modules that a name is followed through."""


def defines(ask: Defines, look: Look) -> Judged:
    """A method is a function. Names that a function makes inside are not the module's; those under a condition are."""
    kinds = ("function", "method") if ask.kind == "function" else (ask.kind,)

    def good(module: Module) -> bool:
        return any(not ask.kind or one.kind in kinds for one in module.definitions.get(ask.name, ()))

    return _one(ask.path, ask.name, look, good)


def exports(ask: Exports, look: Look) -> Judged:
    """Each name by itself. An import is followed through the tree's own modules: a name imported from where it is not can't be had.

    One imported for type checkers alone can't be had either; one that `__all__` leaves out can.
    """
    blind = look.module(ask.path) is None and look.there(ask.path)
    missing = [name for name in ask.names if not offered(ask.path, name, look)]
    breaches = frozenset(f"{ask.path}:{name}" for name in missing)
    grounds = frozenset(f"{ask.path}:{name}" for name in ask.names if name not in missing)
    return Judged(held=not missing, breaches=breaches, grounds=grounds, blind=frozenset({ask.path}) if blind else frozenset())


def offered(path: str, name: str, look: Look, deep: int = 0) -> bool:
    """Whether `name` can be had from the module of that path, as far as the tree tells: of modules elsewhere it is believed."""
    module = look.module(path)
    if module is None or deep > _DEEPEST:
        return False
    head = name.partition(".")[0]
    if name in module.definitions:
        return True
    files = look.sources.files(look.tree)
    for one in module.imports:
        if one.inside or one.typing or one.bound not in (head, "*"):
            continue
        target = led(path, one, files)
        if target is None:
            if one.name != "*" and not one.level:
                return True
        elif target[1] or not one.name or offered(target[0], head if one.name == "*" else one.name, look, deep + 1):
            return True
    return False


def constant(ask: Constant, look: Look) -> Judged:
    """The assignment that stands last counts; names of the module's other constants are followed."""
    wanted = told(ask.value)
    return _one(ask.path, ask.name, look, lambda module: _value(module, ask.name) == wanted)


def _value(module: Module, name: str) -> str | None:
    every = [one for one in module.definitions.get(name, ()) if one.kind == "value"]
    return every[-1].value if every else None


def signature(ask: Signature, look: Look) -> Judged:
    """Names alone: annotations and defaults are free. Of overloads, the definition that stands behind them counts."""

    def good(module: Module) -> bool:
        one = module.last(ask.name)
        return one is not None and _taking(one, ask)

    return _one(ask.path, ask.name, look, good)


def _taking(one: Definition, ask: Signature) -> bool:
    wanted = ask.asynchronous is None or ask.asynchronous == one.asynchronous
    return wanted and one.kind in ("function", "method") and one.parameters == ask.parameters


def _one(path: str, name: str, look: Look, good: Callable[[Module], bool]) -> Judged:
    module = look.module(path)
    blind = module is None and look.there(path)
    return demanded(module is not None and good(module), f"{path}:{name}", blind)


def readable(value: str) -> bool:
    """Whether a manifest's `value` is JSON text."""
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
