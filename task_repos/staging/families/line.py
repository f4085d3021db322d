"""The ground of T3: a line that is waited in, functions that block in it, and in which layer each of them stands."""

from __future__ import annotations

from typing import Final

import msgspec

from task_repos.staging.draw import Draw
from task_repos.staging.graph import Caller, Graph, Module, Target
from task_repos.staging.imports import head, merged, topped
from task_repos.staging.rendering import PAGES, arguments, caller_test, caller_text, needed, target_test
from task_repos.staging.work import Tree

LAYERS: Final = 3
"""Functions that stand upon one another: the first asks the line itself, each other the one below it for its ticket."""
LINE: Final = '''"""The line at the desks: a ticket is drawn, and after a while it is one's turn."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

WHILE = 0.001
"""Seconds until it is one's turn."""
OPENED: list[tuple[str, str]] = []
"""(key, ticket) of every turn that was awaited."""


def wait(ticket: object) -> str:
    """Stand in line with the ticket; nothing else can run meanwhile."""
    time.sleep(WHILE)
    return str(ticket)


async def take(ticket: object, key: str) -> str:
    """Await one's turn with the ticket, which lets others run; the key opens the line of a desk."""
    await asyncio.sleep(WHILE)
    OPENED.append((key, str(ticket)))
    return str(ticket)


def settled(answer: Any) -> Any:
    """The answer itself, or what it comes to if it has to be awaited; for those who can't await."""
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


async def _awaited(answer: Any) -> Any:
    return await answer
'''


class Rung(msgspec.Struct, frozen=True):
    """A target in its place. `layer` from 0; `below`, `above`: the targets next to it in its column."""

    target: Target
    column: int
    layer: int
    below: Target | None
    above: Target | None


def rungs(graph: Graph) -> dict[int, Rung]:
    """By the target's index. Whoever stands above is in a later module, so that no import points upwards."""
    ordered = sorted(graph.targets, key=lambda target: target.module)
    count = -(-len(ordered) // LAYERS)
    columns = [ordered[start::count] for start in range(count)]
    return {
        target.index: Rung(target, number, layer, column[layer - 1] if layer else None, column[layer + 1] if layer + 1 < len(column) else None)
        for number, column in enumerate(columns) for layer, target in enumerate(column)
    }  # fmt: skip


def upwards(places: list[int], rungs: dict[int, Rung]) -> list[int]:
    """The same targets' indices, where each column keeps the places it has and fills them from its lowest layer up."""
    waiting = {rung.column: sorted((each for each in places if rungs[each].column == rung.column), key=lambda each: rungs[each].layer) for rung in rungs.values()}
    return [waiting[rungs[each].column].pop(0) for each in places]


def ticket(graph: Graph, rung: Rung, called: str = "") -> str:
    """The source of what a function draws its ticket by; `called`: how it calls the one below, if not by its name."""
    if rung.below is None:
        return f'"{graph.home(rung.target).thing.noun}"'
    return f"{called or rung.below.name}({arguments(rung.below.body.kind.samples[0])})"


def waits(text: str, line: str) -> str:
    """The function with this line below its docstring."""
    first, doc, rest = text.split("\n", 2)
    return f"{first}\n{doc}\n    {line}\n{rest}"


def blocking(graph: Graph, rung: Rung) -> str:
    """The function as the repository begins with it."""
    return waits(rung.target.text, f"wait({ticket(graph, rung)})")


def ground(graph: Graph, base: Tree, draw: Draw) -> dict[str, str]:
    """The base with the line, functions that wait in it, and tests that take an answer in either form."""
    del draw
    found = rungs(graph)
    made = {**base, f"{graph.package}/line.py": LINE}
    for held in graph.modules:
        own = [found[target.index] for target in graph.targets if target.module == held.index]
        callers = [caller for caller in graph.callers if caller.module == held.index]
        if own:
            made[held.path] = _module(graph, held, own, callers)
        if callers:
            made[f"tests/test_{held.thing.noun}_{held.shape}.py"] = _test(graph, held, own, callers)
    return dict(sorted(made.items()))


def _module(graph: Graph, held: Module, own: list[Rung], callers: list[Caller]) -> str:
    page = PAGES[held.shape](held.thing)
    below = [(graph.home(rung.below).dotted, (rung.below.name,)) for rung in own if rung.below]
    imports = [*page.imports, *needed(graph, [rung.target for rung in own], callers, held), (f"{graph.package}.line", ("wait",)), *below]
    parts = [page.text, *(blocking(graph, rung) for rung in own), *(caller_text(graph, each, graph.targets[each.target].name) for each in callers)]
    return topped(page.doc, head(merged(imports), graph.package), parts)


def _test(graph: Graph, held: Module, own: list[Rung], callers: list[Caller]) -> str:
    page = PAGES[held.shape](held.thing)
    names = (*(rung.target.name for rung in own), *(each.name for each in callers))
    imports = merged([*page.test_imports, (held.dotted, names), (f"{graph.package}.line", ("settled",))])
    either = [caller_test(each).replace(f"assert {each.name}(", f"assert settled({each.name}(").replace(") ==", ")) ==") for each in callers]
    parts = [page.test, *(target_test(rung.target) for rung in own), *either]
    return head(imports, graph.package) + "\n\n" + "\n\n".join(part.strip("\n") + "\n" for part in parts)
