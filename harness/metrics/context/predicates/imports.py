"""Predicates on imports: demanded, shunned, and without a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.core.predicates import Acyclic, Imports, Shuns
from harness.metrics.context.predicates.facts import Module
from harness.metrics.context.predicates.globs import plain, within
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.places import led, names_module
from harness.metrics.context.predicates.sources import Scope
from harness.metrics.context.predicates.verdict import Judged, forbidden


def imports(ask: Imports, look: Look) -> Judged:
    """Anywhere in the module, a function included; a path that names no file, and a glob that matches none, is a breach by itself."""
    found = look.swept(ask, Scope(ask.paths, code=True), lambda path, oid: _imported(path, oid, look, ask.module))
    breaches = {path for path, told in found.items() if told != "yes"}
    breaches |= {glob for glob in ask.paths if not (glob in found if plain(glob) else any(within(path, (glob,)) for path in found))}
    blind = frozenset(path for path, told in found.items() if told == "blind")
    return Judged(held=not breaches, breaches=frozenset(breaches), grounds=frozenset(found) - breaches, blind=blind)


def shuns(ask: Shuns, look: Look) -> Judged:
    """Imports inside functions, for type checkers alone, and by name through `importlib` count as well."""
    found = look.swept(ask, Scope(ask.paths, ask.but, code=True), lambda path, oid: _imported(path, oid, look, ask.module))
    return forbidden((path for path, told in found.items() if told == "yes"), (path for path, told in found.items() if told == "blind"))


def _imported(path: str, oid: str, look: Look, module: str) -> str:
    facts = look.sources.module(oid)
    if facts is None:
        return "blind"
    return "yes" if any(names_module(path, one, module) for one in facts.imports) else "no"


def acyclic(ask: Acyclic, look: Look) -> Judged:
    """`package`: dotted or a folder, below a folder of sources or not. A breach is a module that stands in a cycle.

    Imports for type checkers alone are left out, as nobody runs them. A package that is not there has no cycle to be without: a breach.
    """
    folder = _folder(ask.package, look)
    if folder is None:
        return Judged(held=False, breaches=frozenset({ask.package}))
    scope = Scope((f"{folder}/**",), code=True)
    found = look.swept(ask, scope, lambda _, oid: look.sources.module(oid) is not None)
    # Where an import leads depends on which modules there are, so each set of modules has a sweep of its own.
    graph = look.swept((ask, frozenset(found)), scope, lambda path, oid: _edges(path, look.sources.module(oid), found))
    return forbidden(_circling(graph), (path for path, ok in found.items() if not ok))


def _folder(package: str, look: Look) -> str | None:
    stem = package.strip("/") if "/" in package else package.replace(".", "/")
    files = look.sources.files(look.tree)
    starts = [f"{root}{stem}" for root in ("", "src/", "lib/")]
    return next((start for start in starts if f"{start}/__init__.py" in files or any(path.startswith(f"{start}/") for path in files)), None)


def _edges(path: str, module: Module | None, found: Mapping[str, bool]) -> tuple[str, ...]:
    targets = [led(path, one, found) for one in module.imports if not one.inside and not one.typing] if module else []
    return tuple(dict.fromkeys(target[0] for target in targets if target))


def _circling(graph: Mapping[str, Iterable[str]]) -> set[str]:
    """Nodes of a cycle: what is left when nodes without a way in or without a way out are taken away, and reach themselves."""
    left = {node: {below for below in edges if below in graph} for node, edges in graph.items()}
    while True:
        reached = {below for edges in left.values() for below in edges}
        dead = {node for node, edges in left.items() if not edges or node not in reached}
        if not dead:
            return {node for node in left if _returns(node, left)}
        left = {node: edges - dead for node, edges in left.items() if node not in dead}


def _returns(start: str, graph: Mapping[str, set[str]]) -> bool:
    seen, waiting = set[str](), list(graph[start])
    while waiting:
        node = waiting.pop()
        if node == start:
            return True
        if node not in seen:
            seen.add(node)
            waiting += graph[node]
    return False
