"""What one stage of T5 is about: a function, the two constants beside the one that shows its answers, and how that is checked."""

from __future__ import annotations

import itertools
import json
import re

import msgspec

from harness.core.predicates import Constant, Defines, Every, Predicate
from task_repos.staging.families.decisions import NOTES, Version
from task_repos.staging.families.rename import everything, test_path
from task_repos.staging.graph import Caller, Module, Target
from task_repos.staging.ground import Ground
from task_repos.staging.rendering import arguments, called_value, shown, value
from task_repos.staging.work import Tree

MADE_UP = "unknown"
"""What a worker puts in who has no idea."""


class Reviewed(msgspec.Struct, frozen=True):
    """`signs`, `voids`: the values that its constants have, first when it is made, then after rework if there is any."""

    ground: Ground
    target: Target
    signs: tuple[str, ...]
    voids: tuple[str, ...]

    @property
    def home(self) -> Module:
        return self.ground.graph.home(self.target)

    @property
    def path(self) -> str:
        return self.home.path

    @property
    def tests(self) -> str:
        """The file with the tests of its module."""
        return f"tests/test_{self.home.thing.noun}_{self.home.shape}.py"

    @property
    def new(self) -> str:
        """The name that who keeps all rules gives the new function."""
        return self.ground.house.named(self.target.fresh, everything(self.ground))

    @property
    def note(self) -> str:
        return f"{NOTES}{'_'.join(self.target.fresh)}.md"

    @property
    def callers(self) -> tuple[Caller, ...]:
        return self.ground.graph.calling(self.target)

    @property
    def callers_paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self.where, self.callers)))

    @property
    def others(self) -> tuple[str, ...]:
        """Modules of its callers besides its own."""
        return tuple(path for path in self.callers_paths if path != self.path)

    def where(self, caller: Caller) -> str:
        return self.ground.graph.modules[caller.module].path

    def constant(self, topic: str) -> str:
        return f"{self.target.fresh[1].upper()}_{'SIGN' if topic == 'ids' else 'VOID'}"

    def function(self, name: str) -> str:
        """The new function under this name."""
        header = self.target.body.text(name).partition("\n")[0]
        names = re.findall(r"(\w+): ", header.partition(")")[0])
        return (
            f'{header}\n    """Give what `{self.target.name}` gives as an id, or our word for nothing."""\n    found = {self.target.name}({", ".join(names)})\n'
            f'    return f"{{{self.constant("ids")}}}{{found}}" if found else {self.constant("voids")}\n'
        )

    def shown(self, place: int) -> Predicate:
        """The function with both constants, as they are when it is made (0) or after rework (-1)."""
        sign, void = (json.dumps(values[place]) for values in (self.signs, self.voids))
        return Every((Constant(self.path, self.constant("ids"), sign), Constant(self.path, self.constant("voids"), void), Defines(self.path, self.new, "function")))

    def other(self, tree: Tree, topic: str, said: str) -> tuple[tuple[str, str | None], ...]:
        """The module with another value in this constant."""
        return ((self.path, re.sub(rf'^{self.constant(topic)} = ".*"$', f'{self.constant(topic)} = "{said}"', tree[self.path], flags=re.MULTILINE)),)

    def own_test(self, name: str) -> str:
        """Assertions that hold whatever the constants are."""
        found = [(sample, value(self.target, sample)) for sample in self.target.body.kind.samples]
        return "".join(f"    assert {name}({arguments(sample)}){f'.endswith({shown(gives)})' if gives else ''}\n" for sample, gives in found)

    def follows(self, version: Version) -> tuple[str, str]:
        """A test, and its name, that the rework has been done."""
        name, constant = f"test_rework_of_{version.topic}", self.constant(version.topic)
        return f'\n\ndef {name}() -> None:\n    from {self.home.dotted} import {constant}\n\n    assert {constant} == "{version.value}"\n', name


def hidden(one: Reviewed, note: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Text, names of tests that come to pass, and of those that stay so. `note`: where notes go, or empty where there are to be none."""
    sign, void = one.constant("ids"), one.constant("voids")
    given = [(each, value(one.target, each)) for each in one.target.body.kind.samples]
    samples = "".join(f"    assert new({arguments(each)}) == {f'{sign} + {shown(gives)}' if gives else void}\n" for each, gives in given)
    calls = "".join(f'    assert calls("{one.where(each)}", "{each.name}", "{one.new}")\n    assert not calls("{one.where(each)}", "{each.name}", "{one.target.name}")\n' for each in one.callers)
    text = f"""def test_sign_and_word() -> None:
    from {one.home.dotted} import {sign}, {void}

    assert {sign} in {json.dumps(one.signs)}
    assert {void} in {json.dumps(one.voids)}


def test_new_function() -> None:
    from {one.home.dotted} import {sign}, {void}
    from {one.home.dotted} import {one.new} as new

    assert {sign} != {void}
{samples}

def test_callers_use_it() -> None:
{calls}

def test_callers_answers() -> None:
{"".join(_answers(one, caller) for caller in one.callers)}

def test_own_test() -> None:
    assert mentions("{test_path(one.target)}", "{one.new}")


def test_note() -> None:
    assert {"" if note else "not "}Path("{one.note}").is_file()
"""
    names = ("test_sign_and_word", "test_new_function", "test_callers_use_it", "test_callers_answers", "test_own_test")
    head = "from pathlib import Path\n\n\n"
    return (head + text, (*names, "test_note"), ()) if note else (head + text, names, ("test_note",))


def _answers(one: Reviewed, caller: Caller) -> str:
    """The caller's answer for its sample, by the constants as they may be."""
    found = [called_value(one.ground.graph, caller, _stamp(sign, void)) for sign, void in itertools.product(one.signs, one.voids)]
    module = one.ground.graph.modules[caller.module].dotted
    return f"    from {module} import {caller.name}\n\n    assert {caller.name}({shown(caller.link.sample)}) in ({', '.join(map(shown, found))},)\n"


def _stamp(sign: str, void: str) -> str:
    return f'def stamp(text: str) -> str:\n    return f"{sign}{{text}}" if text else "{void}"\n'
