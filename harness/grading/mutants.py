"""Twins of graded test files: under the same names each graded test expects something else, so that every right solution must fail it.

Of each test function one expectation changes: the one for which a solution that only pretends would have to know least. Where it stands
behind a branch, in a loop or in an inner function, a closing assertion fails unless the changed one was met; where nothing can be changed with certainty the closing
assertion is all. What changes and how depends on the file alone; the values come from the nonce. Every other byte stays.

Refused: changing parametrised values (their ids would change), a second hand-made test file (nobody writes one), rewriting the file from
its syntax tree (its lines would move and its comments go, so that anything could tell it from the original).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import msgspec

from harness.core.task import CopiedFile
from harness.grading.twin.draw import Draw
from harness.grading.twin.expect import Change, change, first
from harness.grading.twin.expect import Desk as Place
from harness.grading.twin.found import Function, Spot, arguments, generates, own, spots
from harness.grading.twin.other import differing
from harness.grading.twin.splice import COMPOUND, Edit, Source, source, spliced

KINDS = ("constant", "wrapped", "exception", "negated", "closing")


class Mutated(msgspec.Struct, frozen=True):
    """All files given, changed where they hold graded tests. `kinds`: (id, kind) of every test that a right solution must now fail."""

    files: tuple[CopiedFile, ...]
    kinds: tuple[tuple[str, str], ...]


def safe(kind: str) -> bool:
    """Whether any right solution fails such a test, without an oracle having shown it.

    Equality with another value, another error, another element, and a closing assertion can't be met by what met the original. A negated
    condition can: an order may be partial, an object both equal and unequal, a truth value may change between two readings.
    """
    return kind in ("constant", "wrapped", "exception", "closing")


def mutate(files: tuple[CopiedFile, ...], ids: Iterable[str], nonce: str) -> Mutated:
    """Pure. Ids of files that are not given, no Python, or whose functions can't be found are left out of `kinds`; such files stay as they are."""
    wanted: dict[str, list[str]] = {}
    for ident in ids:
        wanted.setdefault(ident.partition("::")[0], []).append(ident)
    made = [_file(file, wanted.get(file.path, []), nonce) for file in files]
    return Mutated(tuple(file for file, _ in made), tuple(pair for _, pairs in made for pair in pairs))


def _file(file: CopiedFile, ids: list[str], nonce: str) -> tuple[CopiedFile, list[tuple[str, str]]]:
    before = source(file.data) if ids else None
    if before is None:
        return file, []
    named = {ident: _functions(before.tree, ident) for ident in ids}
    functions = {id(each): (each, len(found) > 1) for found in named.values() for each in found}
    plans = {key: _planned(each, several, Place(before, each, *_drawn(nonce, file.path, each))) for key, (each, several) in functions.items()}
    other = differing(before, Draw(nonce, file.path).name("other"), Draw(nonce, file.path))
    data = _together(before, plans, other)
    if data is None:  # what can't be changed by itself spoils no other
        plans = {key: plan for key, plan in plans.items() if spliced(before, [*plan.edits, other]) is not None}
        data = _together(before, plans, other)
    if data is None:
        return file, []
    kinds = [(ident, plans[id(found[-1])].kind) for ident, found in named.items() if found and all(id(each) in plans for each in found)]
    return msgspec.structs.replace(file, data=data), kinds


def _together(before: Source, plans: dict[int, Change], other: Edit) -> bytes | None:
    edits = [edit for plan in plans.values() for edit in plan.edits]
    return spliced(before, [*edits, other] if any(plan.asks for plan in plans.values()) else edits) if edits else None


def _drawn(nonce: str, path: str, function: Function) -> tuple[Draw, str]:
    """The function's own values, and the name that the file's function of other values has."""
    return Draw(nonce, f"{path}:{function.lineno}:{function.name}"), Draw(nonce, path).name("other")


def _planned(function: Function, several: bool, place: Place) -> Change:
    """The whole change of one function. `several`: the name is defined more than once, and only what is certain anywhere will do."""
    made = [] if several else [(spot, found) for spot in spots(function) if (found := change(spot.node, place))]
    if not made:
        return _closed(place, [])
    spot, best = min(made, key=lambda pair: (pair[1].rank, not pair[0].certain))
    return best if spot.certain else _guarded(spot, best, place)


def _guarded(spot: Spot, made: Change, place: Place) -> Change:
    """Whether the changed expectation was met is kept in a local; a closing assertion asks for it, so that nothing can hide a failure."""
    name, value = place.draw.name("met"), place.draw.number("met", 2, 99)
    at_start = place.source.before(first(place.function), f"{name} = [{value}]")
    met = place.source.after(spot.node, f"{name}.append({value + 1})", beside=not isinstance(spot.node, COMPOUND))
    closing = _endings(place, f"assert {name}[1:]")
    return Change(made.rank, made.kind, (at_start, *made.edits, met, *closing), made.asks)


def _closed(place: Place, edits: list[Edit]) -> Change:
    return Change(9, "closing", (*edits, *_endings(place, f"assert {_never(place)}")))


def _never(place: Place) -> str:
    """A local of the test that equals a tuple holding itself only where it equals everything; else two numbers."""
    low = place.draw.number("low", 10, 499)
    names = [node.targets[0].id for node in place.function.body if isinstance(node, ast.Assign) and _plain(node)]  # type: ignore[attr-defined]
    stored = {node.id for node in own(place.function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)}
    for name in reversed(names):
        if name not in stored:
            return f"{name} == ({name}, {low})"
    told = [each.arg for each in arguments(place.function)]
    return f"{told[0]} == ({told[0]}, {low})" if told else f"{low} == {low + place.draw.number('more', 1, 400)}"


def _plain(node: ast.Assign) -> bool:
    """One name gets one value, and that value is no stand-in for every other."""
    any_ = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(node.value)}
    return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and not any_ & {"ANY", "MagicMock", "Mock"}


def _endings(place: Place, text: str) -> list[Edit]:
    """At the end of the body, and ahead of each return."""
    function = place.function
    last = function.body[-1]
    beside = not isinstance(last, COMPOUND)
    ends = [] if isinstance(last, ast.Return) else [place.source.after(last, text, beside=beside)]
    returns = [node for node in own(function) if isinstance(node, ast.Return)]
    return [*(place.source.before(node, text) for node in returns), *ends]


def _functions(tree: ast.Module, ident: str) -> list[Function]:
    """The definitions that a node id may mean: those of its name in its class, else in the class's bases in the same file."""
    _, *classes, name = ident.partition("[")[0].split("::")
    bodies = [tree.body]
    for each in classes:
        bodies = [node.body for body in bodies for node in _defined(body, each) if isinstance(node, ast.ClassDef)]
    found = [node for body in bodies for node in _defined(body, name) if isinstance(node, Function)]
    if not found and classes:
        found = _inherited(tree, classes[-1], name, frozenset())
    return [] if any(generates(each) for each in found) else found


def _inherited(tree: ast.Module, owner: str, name: str, seen: frozenset[str]) -> list[Function]:
    if owner in seen:
        return []
    for node in _defined(tree.body, owner):
        for above in node.bases if isinstance(node, ast.ClassDef) else []:
            if isinstance(above, ast.Name):
                mine = [each for base in _defined(tree.body, above.id) if isinstance(base, ast.ClassDef) for each in _defined(base.body, name)]
                found = [each for each in mine if isinstance(each, Function)]
                if found or (found := _inherited(tree, above.id, name, seen | {owner})):
                    return found
    return []


def _defined(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    """Definitions of a name in a body, also under its conditions."""
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found += [node] if node.name == name else []
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                found += _defined(getattr(node, part, []), name)
            for each in getattr(node, "handlers", []):
                found += _defined(each.body, name)
    return found
