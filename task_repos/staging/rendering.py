"""Modules and their visible tests as text: the shape's own part, the function that a stage is about, and the calls of others."""

from __future__ import annotations

from typing import Any

from task_repos.staging.graph import Caller, Graph, Module, Target
from task_repos.staging.imports import head, merged, topped
from task_repos.staging.kinds import link_text, outcome
from task_repos.staging.shapes import console, history, parser, policy, record, report, service, store
from task_repos.staging.shapes.thing import Page

PAGES = {
    "record": record.page, "policy": policy.page, "history": history.page, "parser": parser.page, "store": store.page,
    "report": report.page, "service": service.page, "console": console.page,
}  # fmt: skip


def caller_text(graph: Graph, caller: Caller, called: str) -> str:
    """The caller's source when it calls the target as `called`."""
    return link_text(caller.link, caller.name, caller.noun, graph.targets[caller.target].body.kind.gives, called)


def module(graph: Graph, held: Module) -> str:
    """The module's text as the repository begins with it."""
    page = PAGES[held.shape](held.thing)
    own = [target for target in graph.targets if target.module == held.index]
    callers = [caller for caller in graph.callers if caller.module == held.index]
    imports = merged([*page.imports, *needed(graph, own, callers, held)])
    parts = [page.text, *(target.text for target in own), *(caller_text(graph, each, graph.targets[each.target].name) for each in callers)]
    return topped(page.doc, head(imports, graph.package), parts)


def needed(graph: Graph, own: list[Target], callers: list[Caller], held: Module) -> list[tuple[str, tuple[str, ...]]]:
    """What targets and callers import."""
    found = [("collections.abc", each.body.kind.typing) for each in own if each.body.kind.typing]
    found += [("collections.abc", each.link.typing) for each in callers if each.link.typing]
    for each in callers:
        target = graph.targets[each.target]
        if target.module != held.index:
            found.append((graph.home(target).dotted, (target.name,)))
    return found


def module_test(graph: Graph, held: Module) -> str:
    """The module's visible tests: those of its shape, of its target, and of its calls."""
    page: Page = PAGES[held.shape](held.thing)
    own = [target for target in graph.targets if target.module == held.index]
    callers = [caller for caller in graph.callers if caller.module == held.index]
    names = (*(each.name for each in own), *(each.name for each in callers))
    imports = merged([*page.test_imports, *([(held.dotted, names)] if names else [])])
    parts = [page.test, *(target_test(target) for target in own), *(caller_test(each) for each in callers)]
    return head(imports, graph.package) + "\n\n" + "\n\n".join(part.strip("\n") + "\n" for part in parts)


def target_test(target: Target, name: str = "") -> str:
    """Checks of the target, under another name where one is given."""
    name = name or target.name
    lines = [f"    assert {name}({arguments(sample)}) == {shown(value(target, sample))}" for sample in target.body.kind.samples]
    return f"def test_{name}() -> None:\n" + "\n".join(lines) + "\n"


def caller_test(caller: Caller) -> str:
    """Nothing comes of nothing: all that holds of a caller whatever its stage makes of it."""
    nothing = "[]" if isinstance(caller.link.sample, list) else "{}"
    gives = "{}" if "-> dict" in caller.link.body else "[]"
    return f"def test_{caller.name}_of_nothing() -> None:\n    assert {caller.name}({nothing}) == {gives}\n"


def value(target: Target, sample: tuple[Any, ...]) -> Any:
    """What the target gives for these arguments."""
    return outcome((target.text,), target.name, sample)


def called_value(graph: Graph, caller: Caller, stamp: str) -> Any:
    """What the caller gives for its sample; `stamp`: the source of a function `stamp` that goes around the call, or empty."""
    target = graph.targets[caller.target]
    called = f"stamp({target.name})" if stamp else target.name
    return outcome((target.text, stamp, caller_text(graph, caller, called)), caller.name, (caller.link.sample,))


def arguments(sample: tuple[Any, ...]) -> str:
    return ", ".join(shown(each) for each in sample)


def shown(found: Any) -> str:
    """A literal with double quotes, as the formatter would have it."""
    if isinstance(found, str):
        return f'"{found}"'
    if isinstance(found, list):
        return f"[{', '.join(shown(each) for each in found)}]"
    if isinstance(found, dict):
        return "{" + ", ".join(f"{shown(key)}: {shown(each)}" for key, each in found.items()) + "}"
    return repr(found)
