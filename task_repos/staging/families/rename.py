"""T1: an API is renamed function by function, every caller moves, and the old name stays as a deprecated alias."""

from __future__ import annotations

import re
from functools import partial

from harness.core.memory import Use
from harness.core.predicates import Absent, Calls, Defines, Every, Predicate, Says, Warns
from task_repos.staging.draw import Draw
from task_repos.staging.graph import Caller, Target
from task_repos.staging.ground import Ground, turned
from task_repos.staging.imports import swapped, with_bare, with_sibling
from task_repos.staging.kinds import KINDS
from task_repos.staging.rendering import arguments, called_value, caller_text, shown, value
from task_repos.staging.work import Act, Mind, Mutant, Point, Tree, Work, played, read, replace, shell, write

TEMPLATE = "rename"


class Rename:
    """Every stage is about one function, with as many callers as any other."""

    id, about, ruled, kinds = "T1", "rename an API over its callers, the old names kept as deprecated aliases", True, KINDS

    def works(self, ground: Ground) -> tuple[Work, ...]:
        return turned(tuple(work(ground, target) for target in ground.graph.targets), ground.seed)


FAMILY = Rename()


def work(ground: Ground, target: Target) -> Work:
    """The stage about this function."""
    draw, house = ground.draw.child(f"rename/{target.name}"), ground.house
    path, new = ground.graph.home(target).path, named(ground, target)
    opening = draw.pick((
        f"`{target.name}` in `{path}` is to get a better name.", f"Next is `{target.name}` in `{path}`: its name says too little.",
        f"Please rename `{target.name}`, which stands in `{path}`.",
    ))  # fmt: skip
    scope = tuple(dict.fromkeys((path, *(ground.graph.modules[caller.module].path for caller in ground.graph.calling(target)))))
    points = (
        Point(_first(draw, target), _moved(ground, target, new), partial(_unmoved, ground, target, new), scope, house.ids("naming")),
        Point(_second(draw, target), Warns(path, target.name, new), partial(_unwarned, ground, target), (path,), house.ids("naming")),
        test_point(ground, target, new, draw),
    )  # fmt: skip
    return Work(
        f"rename:{target.index}", TEMPLATE, opening, points, partial(acts, ground, target), _hidden(ground, target, new),
        ("test_new_name", "test_old_name_warns", "test_callers_use_the_new_name", "test_own_test"), keeps=("test_callers_answers",),
        made=(ground.graph.home(target).dotted, new),
    )  # fmt: skip


def everything(ground: Ground) -> Mind:
    """The mind of who forgets nothing of the rules."""
    return Mind(frozenset(ground.house.rules), {})


def named(ground: Ground, target: Target) -> str:
    return ground.house.named(target.fresh, everything(ground))


def test_path(target: Target) -> str:
    return f"tests/test_{'_'.join(target.fresh)}.py"


def test_point(ground: Ground, target: Target, new: str, draw: Draw) -> Point:
    """The request for a test of what is new."""
    path = test_path(target)
    text = draw.pick((
        f"Add `{path}` with a test of the new function.", f"Cover the new function by a test in a new file, `{path}`.", f"A new file `{path}` tests the new function.",
    ))  # fmt: skip
    items = ground.house.ids("naming", "header", "index")

    def mutants(tree: Tree) -> tuple[Mutant, ...]:
        return Mutant("no test file", ((path, None),)), Mutant("a test of something else", ((path, tree[path].replace(new, target.name + "_x")),))

    return Point(text, Says((path,), rf"\b{re.escape(new)}\b"), mutants, (path,), items)


def tested_text(ground: Ground, target: Target, new: str, mind: Mind, body: str) -> str:
    """The test file that the oracle adds."""
    module = ground.graph.home(target).dotted
    return ground.house.opened(f"from {module} import {new}\n\n\ndef test_{new}() -> None:\n{body}", mind)


def checks(target: Target, name: str) -> str:
    """Assertions over the samples of the target under this name."""
    return "".join(f"    assert {name}({arguments(sample)}) == {shown(value(target, sample))}\n" for sample in target.body.kind.samples)


def _first(draw: Draw, target: Target) -> str:
    verb, thing = target.fresh
    return draw.pick((
        f"Its new name is made of the words *{verb}* and *{thing}*, in this order. Every caller in the package uses the new name.",
        f"Call it by the words *{verb}*, *{thing}* (that order), and move all callers in the package over.",
        f"The words of the new name are *{verb}* and then *{thing}*; no module of the package goes on calling the old one.",
    ))  # fmt: skip


def _second(draw: Draw, target: Target) -> str:
    return draw.pick((
        f"`{target.name}` stays in its module as a deprecated alias that calls the new function and warns with `DeprecationWarning` (`stacklevel=2`).",
        f"Keep `{target.name}` beside it for a while: it warns with `DeprecationWarning`, `stacklevel=2`, and calls the new function.",
        f"Whoever still calls `{target.name}` gets a `DeprecationWarning` (`stacklevel=2`) and the new function's answer.",
    ))  # fmt: skip


def _moved(ground: Ground, target: Target, new: str) -> Predicate:
    home, package = ground.graph.home(target), ground.graph.package
    own = [Calls(home.path, caller.name, new) for caller in ground.graph.calling(target) if caller.module == target.module]
    gone = Absent(target.name, (f"{package}/**/*.py",), (home.path, f"{package}/legacy/**"))
    return Every((Defines(home.path, new, "function"), gone, *own))


def renamed_text(ground: Ground, target: Target, mind: Mind) -> str:
    """The function under its new name, with the alias below."""
    new = ground.house.named(target.fresh, mind)
    names = re.findall(r"(\w+): ", target.text.partition(")")[0])
    header = target.text.partition("\n")[0]
    alias = (
        f'{header}\n    """Deprecated: use `{new}`."""\n    warnings.warn("{target.name} is deprecated, use {new}", DeprecationWarning, stacklevel=2)\n'
        f"    return {new}({', '.join(names)})\n"
    )  # fmt: skip
    return f"{ground.house.dressed(target.body.text(new), mind)}\n\n{alias}"


def acts(ground: Ground, target: Target, mind: Mind, tree: Tree) -> tuple[Act, ...]:
    """Search, read, rename, move the callers, test."""
    path, new = ground.graph.home(target).path, ground.house.named(target.fresh, mind)
    callers = ground.graph.calling(target)
    first = _renaming(ground, target, mind, tree)
    second = _moving(ground, target, mind, played(tree, first))
    others = tuple(dict.fromkeys(ground.graph.modules[caller.module].path for caller in callers if caller.module != target.module))
    said = f"`{target.name}` is `{new}` now"
    return (
        Act(f"I look for everything that uses {target.name}.", (shell(f"grep -rnw {target.name} --include=*.py ."),)),
        Act("I read its module and those that call it.", tuple(read(each) for each in (path, *others))),
        Act(f"I rename it to {new} and leave an alias.", (*first, *ground.house.logged((path,), mind, said, tree))),
        Act("I move the callers.", (*second, *ground.house.logged(others, mind, f"calls `{new}`", tree))),
        Act("I add a test.", covered(ground, target, mind, new)),
    )  # fmt: skip


def covered(ground: Ground, target: Target, mind: Mind, new: str, body: str = "") -> tuple[Use, ...]:
    """The calls that add the test file."""
    path = test_path(target)
    return (write(path, tested_text(ground, target, new, mind, body or checks(target, new))), *ground.house.indexed(path, mind))


def imported(ground: Ground, path: str, tree: Tree, mind: Mind, *, warnings: bool) -> tuple[Use, ...]:
    """The calls that add what a changed module imports, each on the text that the one before leaves."""
    calls: tuple[Use, ...] = ()
    if warnings and "import warnings\n" not in tree[path]:
        calls += (replace(path, *with_bare(tree[path], "warnings")),)
    tree = played(tree, calls)
    if ground.house.decorates(mind) and f"from {ground.graph.package} import marks\n" not in tree[path]:
        calls += (replace(path, *with_sibling(tree[path], ground.graph.package, "marks")),)
    return calls


def _renaming(ground: Ground, target: Target, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    path, new = ground.graph.home(target).path, ground.house.named(target.fresh, mind)
    calls = [replace(path, target.text, renamed_text(ground, target, mind))]
    calls += [
        replace(path, caller_text(ground.graph, caller, target.name), caller_text(ground.graph, caller, new))
        for caller in ground.graph.calling(target) if caller.module == target.module
    ]  # fmt: skip
    calls += imported(ground, path, tree, mind, warnings=True)
    return (*calls, *ground.house.trespasses(path, mind, played(tree, tuple(calls))))


def _moving(ground: Ground, target: Target, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    calls: list[Use] = []
    for caller in ground.graph.calling(target):
        if caller.module != target.module:
            calls += moved(ground, target, caller, tree, ground.house.named(target.fresh, mind))
    calls += passing(ground, target, mind, played(tree, tuple(calls)))
    return (*calls, *touched(ground, target, mind, tree, ground.house.named(target.fresh, mind)))


def passing(ground: Ground, target: Target, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    """What slips in who has lost a prohibition, while it moves the callers of other modules."""
    paths = (ground.graph.modules[caller.module].path for caller in ground.graph.calling(target) if caller.module != target.module)
    first = next(paths, "")
    return ground.house.trespasses(first, mind, tree) if first else ()


def moved(ground: Ground, target: Target, caller: Caller, tree: Tree, new: str) -> list[Use]:
    """The calls that let one caller use the new name alone."""
    path, module = ground.graph.modules[caller.module].path, ground.graph.home(target).dotted
    lines = swapped(tree[path], module, target.name, (new,))
    return [replace(path, *lines), replace(path, caller_text(ground.graph, caller, target.name), caller_text(ground.graph, caller, new))]


def touched(ground: Ground, target: Target, mind: Mind, tree: Tree, new: str) -> tuple[Use, ...]:
    """What a worker does to the frozen folder who has lost that rule."""
    if ground.house.frozen(mind):
        return ()
    caller, module = ground.graph.calling(target)[0], ground.graph.home(target).dotted
    path = next(each for each in tree if "/legacy/" in each and f"def old_{caller.name}(" in tree[each])
    before = caller_text(ground.graph, caller, target.name).replace(f"def {caller.name}(", f"def old_{caller.name}(")
    after = caller_text(ground.graph, caller, new).replace(f"def {caller.name}(", f"def old_{caller.name}(")
    return replace(path, *swapped(tree[path], module, target.name, (new,))), replace(path, before, after)


def _hidden(ground: Ground, target: Target, new: str) -> str:
    home, package = ground.graph.home(target), ground.graph.package
    samples = checks(target, "new")
    answers = "\n".join(answer(ground, caller, called_value(ground.graph, caller, "")) for caller in ground.graph.calling(target))
    return f"""def test_new_name() -> None:
    from {home.dotted} import {new} as new

{samples}

def test_old_name_warns() -> None:
    from {home.dotted} import {target.name} as old

    with pytest.warns(DeprecationWarning) as caught:
        assert old({arguments(target.body.kind.samples[0])}) == {shown(value(target, target.body.kind.samples[0]))}
    assert caught[0].filename == __file__


def test_callers_use_the_new_name() -> None:
    assert not users("{package}", "{target.name}", but=("{home.path}", "{package}/legacy/"))
    assert len(users("{package}", "{new}", but=("{home.path}",))) >= {_others(ground, target)}


def test_callers_answers() -> None:
{answers}

def test_own_test() -> None:
    assert mentions("{test_path(target)}", "{new}")
"""


def answer(ground: Ground, caller: Caller, expected: object) -> str:
    """A check of what a caller gives for its sample."""
    module = ground.graph.modules[caller.module].dotted
    return f"    from {module} import {caller.name}\n\n    assert {caller.name}({shown(caller.link.sample)}) == {shown(expected)}\n"


def _others(ground: Ground, target: Target) -> int:
    return len({caller.module for caller in ground.graph.calling(target) if caller.module != target.module})


def _unmoved(ground: Ground, target: Target, new: str, tree: Tree) -> tuple[Mutant, ...]:
    """A caller that was overlooked, and a name of other words."""
    caller = ground.graph.calling(target)[0]
    path = ground.graph.modules[caller.module].path
    plain = re.sub(rf"\b{new}\b", target.name, tree[path]) if caller.module != target.module else tree[path].replace(
        caller_text(ground.graph, caller, new), caller_text(ground.graph, caller, target.name))  # fmt: skip
    other = tuple((each, re.sub(rf"\b{new}\b", f"other_{new}", text)) for each, text in tree.items() if each.endswith(".py") and re.search(rf"\b{new}\b", text))
    return Mutant("a caller overlooked", ((path, plain),)), Mutant("another name", other)


def _unwarned(ground: Ground, target: Target, tree: Tree) -> tuple[Mutant, ...]:
    """An alias that is silent, and none at all."""
    path = ground.graph.home(target).path
    alias = renamed_text(ground, target, everything(ground)).rpartition("\n\n\n")[2]
    silent = "".join(line for line in alias.splitlines(keepends=True) if "warnings.warn" not in line)
    return Mutant("a silent alias", ((path, tree[path].replace(alias, silent)),)), Mutant("no alias", ((path, tree[path].replace(alias, "")),))
