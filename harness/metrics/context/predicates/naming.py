"""Predicates on the words of many modules: names that must be gone, literals that must be there, names and marks of what is new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from harness.core.patterns import expression
from harness.core.predicates import Absent, Decorated, Holds, Named
from harness.metrics.context.predicates.facts import Definition, Module, ending
from harness.metrics.context.predicates.literals import told
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.sources import Scope
from harness.metrics.context.predicates.verdict import Judged, forbidden

BLIND = ""
"""Stands for "does not parse" among the answers of a sweep: no path and no name is empty."""


def absent(ask: Absent, look: Look) -> Judged:
    """Texts and comments may speak of it. A dotted name is gone when no such definition and no such dotted read is there."""
    return prohibited(look, ask, Scope(ask.paths, ask.but, code=True), lambda path, module: (path,) if _used(module, ask.name) else ())


def _used(module: Module, name: str) -> bool:
    if "." not in name:
        return name in module.words
    return name in module.definitions or any(module.dotted(one) == name or one == name or one.endswith(f".{name}") for one in module.chains)


def holds(ask: Holds, look: Look) -> Judged:
    """Folded: 60 * 60 is 3600, a text put together is the text."""
    wanted = told(ask.value)

    def answer(_path: str, oid: str) -> bool | None:
        module = look.sources.module(oid)
        return module is None or (wanted in module.literals or None)

    found = look.swept(ask, Scope(ask.paths, code=True), answer)
    good = frozenset(path for path in found if (module := look.module(path)) is not None and wanted in module.literals)
    blind = frozenset(found) - good
    return Judged(held=bool(good), breaches=frozenset() if good else frozenset(ask.paths), grounds=good, blind=frozenset() if good else blind)


def named(ask: Named, look: Look) -> Judged:
    """A definition that was only moved from another module is not new. Of a file, its name with or without the ending may match."""
    whole = expression(ask.pattern)
    if ask.kind == "file":
        return forbidden(look.swept(ask, Scope(ask.paths, ask.but), lambda path, _: (look.fresh(path) and not _fits(path, ask.pattern)) or None))

    def broken(path: str, module: Module) -> tuple[str, ...]:
        added = look.added(path, module, ask.kind)
        return tuple(f"{path}:{one.name}" for one in added if not _free(one) and not whole.whole(ending(one.name)))

    found = prohibited(look, ask, Scope(ask.paths, ask.but, code=True), broken)
    return _without_moved(found, ask.kind, look)


def decorated(ask: Decorated, look: Look) -> Judged:
    """Of module-level functions. An annotation may hold the name inside, quoted or not; aliases of imports are resolved."""

    def broken(path: str, module: Module) -> tuple[str, ...]:
        added = look.added(path, module, "function")
        return tuple(f"{path}:{one.name}" for one in added if not _free(one) and not _marked(one, module, ask))

    return _without_moved(prohibited(look, ask, Scope(ask.paths, code=True), broken), "function", look)


def prohibited(look: Look, ask: Named | Decorated | Absent, scope: Scope, broken: Callable[[str, Module], tuple[str, ...]]) -> Judged:
    """Breaches of every module of the scope; those that do not parse are told apart."""

    def answer(path: str, oid: str) -> tuple[str, ...] | None:
        module = look.sources.module(oid)
        return (BLIND,) if module is None else broken(path, module) or None

    found = look.swept(ask, scope, answer)
    breaches = [each for every in found.values() for each in every if each]
    return forbidden(breaches, (path for path, every in found.items() if every == (BLIND,)))


def _free(one: Definition) -> bool:
    return ending(one.name).startswith("__")


def _fits(path: str, pattern: str) -> bool:
    name = PurePosixPath(path)
    return name.name.startswith("__") or any(expression(pattern).whole(word) for word in (name.name, name.stem))


def _marked(one: Definition, module: Module, ask: Decorated) -> bool:
    words = one.decorators if ask.where == "decorator" else one.returns
    return any(_is(word, ask.by) or _is(module.dotted(word), ask.by) for word in words)


def _is(word: str, name: str) -> bool:
    return word == name or word.endswith(f".{name}")


def _without_moved(found: Judged, kind: str, look: Look) -> Judged:
    return forbidden((each for each in found.breaches if not look.moved(each.partition(":")[2], kind)), found.blind)
