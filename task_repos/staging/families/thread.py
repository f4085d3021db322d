"""T6: values that were told once are threaded into distant modules, each by a stage of its own."""

from __future__ import annotations

import re
from functools import partial

from harness.core.memory import Item, Use
from harness.core.predicates import Calls, Constant, Defines, Every
from task_repos.staging.draw import Draw
from task_repos.staging.families.rename import answer, covered, everything, imported, passing, test_path, test_point
from task_repos.staging.graph import Caller, Target
from task_repos.staging.ground import Ground, turned
from task_repos.staging.imports import swapped
from task_repos.staging.kinds import KINDS
from task_repos.staging.lexicon import code, nonce
from task_repos.staging.rendering import called_value, caller_text
from task_repos.staging.work import Act, Mind, Mutant, Point, Telling, Tree, Work, played, read, replace, shell

TEMPLATE = "thread"
WORDED = tuple(kind for kind in KINDS if kind.gives == "str")


class Thread:
    """Every stage uses one value, told in an earlier request, in one module and all its callers."""

    id, about, ruled, kinds = "T6", "thread values that were told once into distant modules", True, WORDED

    def works(self, ground: Ground) -> tuple[Work, ...]:
        return turned(tuple(work(ground, target, told=False) for target in ground.graph.targets), ground.seed)


FAMILY = Thread()


class Fact:
    """A value of the desk whose name stands for it in requests."""

    def __init__(self, ground: Ground, target: Target) -> None:
        draw = ground.draw.child(f"fact/{target.name}")
        self.id, self.desk, self.value = f"code{target.index + 1}", nonce(draw).capitalize(), code(draw)
        self.constant = f"{target.fresh[1].upper()}_CODE"
        self.text = draw.pick((
            f"The code of the {self.desk} desk is `{self.value}`.", f"`{self.value}` is the code of the {self.desk} desk.", f"The {self.desk} desk has the code `{self.value}`.",
        ))  # fmt: skip

    def telling(self) -> Telling:
        return Telling(Item(self.id, "fact", self.text, (self.value,), value=self.value), self.text)


def work(ground: Ground, target: Target, *, told: bool) -> Work:
    """The stage about this function; `told`: its own request says the value, and nothing need be kept in mind."""
    draw, house, path = ground.draw.child(f"thread/{target.name}"), ground.house, ground.graph.home(target).path
    fact, new = Fact(ground, target), house.named(target.fresh, everything(ground))
    opening = draw.pick((
        f"What `{target.name}` in `{path}` gives shall show which desk it went over.", f"The desk has to be seen in all that comes from `{target.name}` (`{path}`).",
        f"This one is about `{target.name}` in `{path}`: its answers go out with a desk's code.",
    ))  # fmt: skip
    needs = () if told else (fact.id,)
    scope = tuple(dict.fromkeys(ground.graph.modules[caller.module].path for caller in ground.graph.calling(target)))
    stamped = Every((Constant(path, fact.constant, f'"{fact.value}"'), Defines(path, new, "function")))
    points = (
        Point(_first(draw, fact, path, target, told=told), stamped, partial(_unstamped, path, new, fact), (path,), (*needs, *house.ids("naming"))),
        Point(_second(draw, target), _passed(ground, target, new), partial(_unpassed, ground, target, new), scope, house.ids("naming")),
        test_point(ground, target, new, draw),
    )  # fmt: skip
    names = ("test_code_and_function", "test_callers_pass_it_through", "test_callers_answers", "test_own_test")
    tells = () if told else (fact.telling(),)
    return Work(
        f"thread:{target.index}", TEMPLATE, opening, points, partial(acts, ground, target, fact), _hidden(ground, target, fact, new), names,
        tells=tells, needs=needs, made=(ground.graph.home(target).dotted, new),
    )


def _first(draw: Draw, fact: Fact, path: str, target: Target, *, told: bool) -> str:
    verb, thing = target.fresh
    which = f"the code of the {fact.desk} desk" + (f" (`{fact.value}`)" if told else draw.pick((", which I told you", ", as told", ", which you know")))
    return draw.pick((
        f"Give `{path}` the constant `{fact.constant}`: {which}. Beside it stands a new function, its name made of the words *{verb}* and *{thing}* in this order, that takes a text and returns it with the code and a colon in front.",
        f"`{path}` gets a constant `{fact.constant}` with {which}, and a new function named by the words *{verb}*, *{thing}* (that order): text in, code and colon and text out.",
        f"In `{path}`, set `{fact.constant}` to {which}; a new function (the words of its name: *{verb}*, then *{thing}*) puts it and a colon before the text that it is given.",
    ))  # fmt: skip


def _second(draw: Draw, target: Target) -> str:
    return draw.pick((
        f"Every caller of `{target.name}` in the package passes the result through the new function.", f"Wherever the package calls `{target.name}`, the new function goes around the call.",
        f"All calls of `{target.name}` in the package are wrapped into the new function.",
    ))  # fmt: skip


def _passed(ground: Ground, target: Target, new: str) -> Every:
    return Every(tuple(Calls(ground.graph.modules[each.module].path, each.name, new) for each in ground.graph.calling(target)))


def function(name: str, constant: str) -> str:
    return f'def {name}(text: str) -> str:\n    """The text with the desk\'s code in front."""\n    return f"{{{constant}}}:{{text}}"\n'


def acts(ground: Ground, target: Target, fact: Fact, mind: Mind, tree: Tree) -> tuple[Act, ...]:
    """Search, read, put the code in, wrap the calls, test."""
    path, new = ground.graph.home(target).path, ground.house.named(target.fresh, mind)
    known = mind.values.get(fact.id, fact.value) or "UNKNOWN-0000"
    callers = ground.graph.calling(target)
    first = _stamping(ground, target, (fact.constant, known), mind, tree)
    second = _wrapping(ground, target, mind, played(tree, first))
    others = tuple(dict.fromkeys(ground.graph.modules[caller.module].path for caller in callers if caller.module != target.module))
    sample = f'    assert {new}("post") == "{known}:post"\n'
    return (
        Act(f"I look for the callers of {target.name}.", (shell(f"grep -rnw {target.name} --include=*.py ."),)),
        Act("I read its module and those that call it.", tuple(read(each) for each in (path, *others))),
        Act(f"I add {fact.constant} and {new}.", (*first, *ground.house.logged((path,), mind, f"`{fact.constant}` and `{new}`", tree))),
        Act("I wrap the calls.", (*second, *ground.house.logged(others, mind, f"answers pass through `{new}`", tree))),
        Act("I add a test.", covered(ground, target, mind, new, sample)),
    )  # fmt: skip


def _stamping(ground: Ground, target: Target, told: tuple[str, str], mind: Mind, tree: Tree) -> tuple[Use, ...]:
    path, new = ground.graph.home(target).path, ground.house.named(target.fresh, mind)
    added = f'{target.text}\n\n{told[0]} = "{told[1]}"\n\n\n{ground.house.dressed(function(new, told[0]), mind)}'
    calls = [replace(path, target.text, added)]
    calls += [replace(path, *_wrapped(ground, target, caller, new)) for caller in ground.graph.calling(target) if caller.module == target.module]
    calls += imported(ground, path, tree, mind, warnings=False)
    return (*calls, *ground.house.trespasses(path, mind, played(tree, tuple(calls))))


def _wrapped(ground: Ground, target: Target, caller: Caller, new: str) -> tuple[str, str]:
    return caller_text(ground.graph, caller, target.name), caller_text(ground.graph, caller, f"{new}({target.name})")


def _wrapping(ground: Ground, target: Target, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    calls: list[Use] = []
    new, module = ground.house.named(target.fresh, mind), ground.graph.home(target).dotted
    for caller in ground.graph.calling(target):
        if caller.module != target.module:
            path = ground.graph.modules[caller.module].path
            calls += [replace(path, *swapped(tree[path], module, target.name, (target.name, new))), replace(path, *_wrapped(ground, target, caller, new))]
    calls += passing(ground, target, mind, played(tree, tuple(calls)))
    return (*calls, *_touched(ground, target, mind, tree, new))


def _touched(ground: Ground, target: Target, mind: Mind, tree: Tree, new: str) -> tuple[Use, ...]:
    """What a worker does to the frozen folder who has lost that rule."""
    if ground.house.frozen(mind):
        return ()
    caller, module = ground.graph.calling(target)[0], ground.graph.home(target).dotted
    path = next(each for each in tree if "/legacy/" in each and f"def old_{caller.name}(" in tree[each])
    before, after = (text.replace(f"def {caller.name}(", f"def old_{caller.name}(") for text in _wrapped(ground, target, caller, new))
    return replace(path, *swapped(tree[path], module, target.name, (target.name, new))), replace(path, before, after)


def _hidden(ground: Ground, target: Target, fact: Fact, new: str) -> str:
    home, stamp = ground.graph.home(target), function("stamp", "CODE").replace("def stamp", f'CODE = "{fact.value}"\n\n\ndef stamp')
    calls = "\n".join(answer(ground, caller, called_value(ground.graph, caller, stamp)) for caller in ground.graph.calling(target))
    passed = "".join(
        f'    assert calls("{ground.graph.modules[each.module].path}", "{each.name}", "{new}")\n' for each in ground.graph.calling(target)
    )
    return f"""def test_code_and_function() -> None:
    from {home.dotted} import {fact.constant}, {new}

    assert {fact.constant} == "{fact.value}"
    assert {new}("east post") == "{fact.value}:east post"


def test_callers_pass_it_through() -> None:
{passed}

def test_callers_answers() -> None:
{calls}

def test_own_test() -> None:
    assert mentions("{test_path(target)}", "{new}")
"""


def _unstamped(path: str, new: str, fact: Fact, tree: Tree) -> tuple[Mutant, ...]:
    """A code that was made up, and a function of another name."""
    return (
        Mutant("a code made up", ((path, tree[path].replace(fact.value, "UNKNOWN-0000")),)),
        Mutant("another name", tuple((each, re.sub(rf"\b{new}\b", f"other_{new}", text)) for each, text in tree.items() if each.endswith(".py") and new in text)),
    )


def _unpassed(ground: Ground, target: Target, new: str, tree: Tree) -> tuple[Mutant, ...]:
    """One caller overlooked, and all of them."""
    def bare(callers: tuple[Caller, ...]) -> tuple[tuple[str, str], ...]:
        made = dict(tree)
        for caller in callers:
            path = ground.graph.modules[caller.module].path
            before, after = _wrapped(ground, target, caller, new)
            made[path] = made[path].replace(after, before)
        return tuple((path, text) for path, text in made.items() if text != tree[path])

    callers = ground.graph.calling(target)
    return Mutant("a caller overlooked", bare(callers[-1:])), Mutant("no caller wrapped", bare(callers))
