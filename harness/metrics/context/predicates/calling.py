"""Predicates on calls: what a function calls, what waits, what blocks, and what warns that it is out of date."""

from __future__ import annotations

from harness.core.predicates import Awaits, Calls, Warns
from harness.metrics.context.predicates.facts import Call, Definition, Module, ending
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.sources import Scope
from harness.metrics.context.predicates.verdict import Judged, demanded


def calls(ask: Calls, look: Look) -> Judged:
    """Functions inside count as the function's own. A name that an import has renamed is the one it was imported by."""
    module = look.module(ask.path)
    one = module.last(ask.name) if module else None
    ok = module is not None and one is not None and any(
        _is(call, ask.callee, module) and (call.awaited or not ask.awaited) for call in one.calls
    )
    return demanded(ok, f"{ask.path}:{ask.name}", module is None and look.there(ask.path))


def _is(call: Call, callee: str, module: Module) -> bool:
    return bool(call.name) and ending(module.dotted(call.name)) == ending(callee)


def awaits(ask: Awaits, look: Look) -> Judged:
    """A function inside an `async def` that is none itself may block: it is what is handed to a thread. So may a lambda."""
    found = look.swept(ask, Scope(ask.paths, code=True), lambda _, oid: _answer(look.sources.module(oid), ask) or None)
    blind = frozenset(path for path, told in found.items() if told == ("blind",))
    breaches = {f"{path}:{word[1:]}" for path, told in found.items() for word in told if word.startswith("!")}
    made = {word[1:] for told in found.values() for word in told if word.startswith("+")}
    breaches |= {name for name in ask.names if name not in made}
    breaches |= {f"{path}:{word[1:]}" for path, told in found.items() for word in told if word.startswith("-")}
    return Judged(held=not breaches and not blind, breaches=frozenset(breaches), grounds=frozenset(made), blind=blind)


def _answer(module: Module | None, ask: Awaits) -> tuple[str, ...]:
    """Of one module: "+name" an async function of those asked about, "-name" one that is not, "!call" a call that blocks."""
    return ("blind",) if module is None else tuple(sorted({*_asked(module, ask), *_blocking(module, ask)}))


def _asked(module: Module, ask: Awaits) -> set[str]:
    found = {name: one for name in ask.names if (one := module.last(name)) and one.kind in ("function", "method")}
    return {f"{'+' if one.asynchronous else '-'}{name}" for name, one in found.items()}


def _blocking(module: Module, ask: Awaits) -> set[str]:
    return {f"!{name}" for call in module.calls if call.inner for name in ask.blocking if _blocks(module.dotted(call.name), name)}


def _blocks(called: str, name: str) -> bool:
    """A module's name blocks all of it; a dotted one also as an attribute of something else."""
    return called == name or called.startswith(f"{name}.") or ("." in name and called.endswith(f".{name}"))


def warns(ask: Warns, look: Look) -> Judged:
    """By `warnings.warn` in it or in a function of the module that it calls, or by a decorator named `deprecated`.

    A class warns where one of its methods does, and leads to its bases. An alias made by the module's `__getattr__` is not seen.
    """
    module = look.module(ask.path)
    one = module.last(ask.name) if module else None
    ok = module is not None and one is not None and one.kind != "value" and _warning(one, module, ask) and _leading(one, module, ask)
    return demanded(ok, f"{ask.path}:{ask.name}", module is None and look.there(ask.path))


def _warning(one: Definition, module: Module, ask: Warns) -> bool:
    if any(ending(module.dotted(word)) == "deprecated" for word in one.decorators) and ask.category == "DeprecationWarning":
        return True
    near = [below for call in one.calls for below in module.definitions.get(call.name.removeprefix("self."), ())]
    return any(_warn(call, module, ask.category) for each in (one, *near) for call in each.calls)


def _warn(call: Call, module: Module, category: str) -> bool:
    named = {ending(module.dotted(name)) for name in call.arguments}
    return ending(module.dotted(call.name)) == "warn" and (category in named or (category == "UserWarning" and not named))


def _leading(one: Definition, module: Module, ask: Warns) -> bool:
    return any(_is(call, ask.target, module) for call in one.calls) or any(ending(module.dotted(name)) == ending(ask.target) for name in one.bases)
