"""Twins of graded test files: under the same names each graded test expects something else, so that every right solution must fail it.

Of each test function one expectation changes: the one for which a solution that only pretends would have to know least. In about half of
the equalities the old value is asked for, too, and the test left undecided where it does not come: who pretends now and then is seen. Where it stands
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
from harness.grading.twin.twice import twice

KINDS = ("constant", "wrapped", "exception", "twice", "negated", "closing")


class Mutated(msgspec.Struct, frozen=True):
    """All files given, changed where they hold graded tests. `kinds`: (id, kind) of every test that a right solution must now fail."""

    files: tuple[CopiedFile, ...]
    kinds: tuple[tuple[str, str], ...]


def safe(kind: str) -> bool:
    """Whether any right solution fails such a test, without an oracle having shown it.

    Equality with another value, another error, another element, and a closing assertion can't be met by what met the original. A negated
    condition can: an order may be partial, an object both equal and unequal, a truth value may change between two readings. And where the
    old value is asked for as well, a test that reads the changed files themselves is left undecided.
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
    plans = _mixed([(key, _planned(each, several, _place(before, each, nonce, file.path))) for key, (each, several) in functions.items()], before)
    other = differing(before, _names(nonce, file.path), Draw(nonce, file.path))
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


def _place(before: Source, function: Function, nonce: str, path: str) -> Place:
    return Place(before, function, Draw(nonce, f"{path}:{function.lineno}:{function.name}"), *_names(nonce, path))


def _names(nonce: str, path: str) -> tuple[str, str]:
    """Of the file's function of other values, and of the one that asks twice."""
    draw = Draw(nonce, path)
    return draw.name("other"), f"{draw.name('both')}_{draw.word('twice')}"


def _mixed(made: list[tuple[int, tuple[Change, Change | None]]], text: Source) -> dict[int, Change]:
    """Every second of those that can be asked twice is; which ones, the file says, so that an oracle's word on them holds for every nonce."""
    start = Draw(text.data.decode(), "mixed").number("start", 0, 1)
    able = [key for key, (_, again) in made if again is not None]
    twice_ = {key for at, key in enumerate(able) if (at + start) % 2 and len(able) > 1}
    return {key: again if again is not None and key in twice_ else plain for key, (plain, again) in made}


def _planned(function: Function, several: bool, place: Place) -> tuple[Change, Change | None]:
    """The whole change of one function, and the same asked twice. `several`: the name is defined more than once; only what is certain will do."""
    made = [] if several else [(spot, found) for spot in spots(function) if (found := change(spot.node, place))]
    if not made:
        return _closed(place, []), None
    # The last of its kind: what follows a failure and would have tidied up is then little.
    spot, best = min(reversed(made), key=lambda pair: (pair[1].rank // 2, not pair[0].certain))
    return (best, twice(spot.node, best, place)) if spot.certain else (_guarded(spot, best, place), None)


def _guarded(spot: Spot, made: Change, place: Place) -> Change:
    """Whether the changed expectation was met is kept in a local; a closing assertion asks for it, so that nothing can hide a failure."""
    name = place.draw.name("met")
    at_start = place.source.before(first(place.function), f"{name} = []")
    closing = _endings(place, f"assert {name} and all({name})")
    return Change(made.rank, made.kind, (at_start, *made.edits, *_kept(spot, name, place.source), *closing), made.asks)


def _kept(spot: Spot, name: str, text: Source) -> tuple[Edit, ...]:
    """An assertion of an inner function keeps what it found and goes on: one that failed there could leave others waiting for ever."""
    if not (spot.inner and isinstance(spot.node, ast.Assert)):
        return (text.after(spot.node, f"{name}.append(True)", beside=not isinstance(spot.node, COMPOUND)),)
    (start, end), (begins, ends) = text.span(spot.node), text.span(spot.node.test)
    return (Edit(start, begins, f"{name}.append("), Edit(ends, end, ")"))


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
