"""Every predicate to its judge, and the three that are made of others. Nothing of a tree is ever run or imported here.

A file that does not parse: see `Judged.blind`. Files that tools generate, files that the repository ignores, and links are in no glob.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.core import predicates as ask
from harness.core.predicates import Every, Not, Predicate, Some, Tested
from harness.metrics.context.predicates import calling, defining, imports, naming, textual
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.sources import Sources
from harness.metrics.context.predicates.verdict import Judged

_JUDGES: Final[dict[type, Callable[[Any, Look], Judged]]] = {
    ask.Exists: textual.exists, ask.Says: textual.says, ask.Silent: textual.silent, ask.Headed: textual.headed,
    ask.Unchanged: textual.unchanged, ask.Announced: textual.announced, ask.Longest: textual.longest,
    ask.Defines: defining.defines, ask.Exports: defining.exports, ask.Constant: defining.constant, ask.Signature: defining.signature,
    ask.Absent: naming.absent, ask.Holds: naming.holds, ask.Named: naming.named, ask.Decorated: naming.decorated,
    ask.Calls: calling.calls, ask.Awaits: calling.awaits, ask.Warns: calling.warns,
    ask.Imports: imports.imports, ask.Shuns: imports.shuns, ask.Acyclic: imports.acyclic,
}  # fmt: skip


def judged(predicate: Predicate, tree: str, base: str, sources: Sources) -> Judged:
    """What the recorded tree of this id shows; `base`: the tree that the agent began with. Raises StoreError."""
    return sources.once((predicate, tree, base), lambda: _judged(predicate, Look(tree, base, sources)))


def _judged(predicate: Predicate, look: Look) -> Judged:
    match predicate:
        case Tested(ids=ids):
            return _tested(ids, look)
        case Every(of=of):
            return _every([_judged(one, look) for one in of])
        case Some(of=of):
            return _some([_judged(one, look) for one in of])
        case Not(of=of):
            return _not(_judged(of, look), type(of).__name__.lower())
        case _:
            return _JUDGES[type(predicate)](predicate, look)


def _tested(ids: tuple[str, ...], look: Look) -> Judged:
    held, names = look.sources.tested(look.tree, ids), frozenset(ids)
    return Judged(held, names if held is False else frozenset(), names if held else frozenset())


def _every(each: list[Judged]) -> Judged:
    """False beats unknown: no test can mend what parsing has shown broken."""
    heads = [one.held for one in each]
    held = False if False in heads else None if None in heads else True
    return Judged(held, *_together(each))


def _some(each: list[Judged]) -> Judged:
    heads = [one.held for one in each]
    breaches, grounds, blind = _together(each)
    if True in heads:
        return Judged(held=True, grounds=grounds)
    return Judged(None if None in heads else False, breaches, grounds, blind)


def _together(each: list[Judged]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return (
        frozenset().union(*(one.breaches for one in each)),
        frozenset().union(*(one.grounds for one in each)),
        frozenset().union(*(one.blind for one in each)),
    )


def _not(one: Judged, word: str) -> Judged:
    """What can't be read is not shown to be otherwise: a file that does not parse makes no negation hold."""
    if one.blind:
        return Judged(held=False, breaches=one.blind, blind=one.blind)
    if one.held is None:
        return Judged(None)
    if one.held:
        return Judged(held=False, breaches=one.grounds or frozenset({f"not {word}"}))
    return Judged(held=True, grounds=one.breaches)
