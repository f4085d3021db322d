"""G1 to G5: own work undone, put back, broken unnoticed, edited from memory of what it was, or written twice."""

from __future__ import annotations

import ast
import re
from random import Random
from typing import Final

import msgspec

from harness.core.memory import Milestone, Use
from harness.core.predicates import Says
from harness.corpus.families.constraints import LATE, shown
from harness.corpus.placing import (
    Unfit,
    after,
    also,
    arguments,
    before,
    calling,
    changed,
    drawn,
    marked,
    replace,
    stages,
    tree,
    tree_before,
    write,
)
from harness.corpus.script import Base, Called, Case, Say, Truth

KINDS: Final = ("G1", "G2", "G3", "G4", "G5")
SORT: Final = "fault"
BASES: Final = ("desk", "staged")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made, truth = {"G1": _undone, "G2": _put_back, "G3": _unnoticed, "G4": _stale, "G5": _twice}[kind](base, dice)
    return Case("", "fault", "regressions", base.seed, made, (truth,))


def _undone(base: Base, dice: Random) -> tuple[Base, Truth]:
    """A later edit takes out what an earlier point asked for: its line in the registry, or what its test tests."""
    say = drawn(dice, tuple(say for mark in ("register", "define") for say in marked(base, mark) if say.stage >= LATE))
    milestone, path = drawn(dice, _said(base, say))
    text = tree(base, say.name)[path]
    pattern = _pattern(milestone)
    lines = [line for line in text.splitlines(keepends=True) if pattern in line]
    gone = text
    for line in lines:
        gone = gone.replace(line, "")
    if len(lines) == 1 and text.count(lines[0]) == 1 and not path.startswith("tests/"):
        made = also(base, say.name, replace(path, lines[0], ""))
    else:
        made = also(base, say.name, write(path, gone or "# nothing\n"))
    if dict(base.files).get(path) == gone or any(tree(base, each.name).get(path) == gone for each in base.says):
        raise Unfit  # that would be a revert
    return made, Truth("G1", milestone.id, say.name, say.name, proofs=shown(base, made, say.name))


def _put_back(base: Base, dice: Random) -> tuple[Base, Truth]:
    """The registry gets just the bytes it had before the request before this one."""
    register = drawn(dice, tuple(say for say in marked(base, "register") if say.stage >= LATE))
    earlier = drawn(dice, tuple(say for say in marked(base, "register", (register.stage - 1,))))
    path = arguments(earlier.calls[0])["path"]
    last = drawn(dice, marked(base, "test", (register.stage - 1,)))
    old = tree_before(base, earlier.name)[path]
    back = Say(f"{last.name}.back", last.stage, "The registry looks odd to me; I write it as it was.", (write(path, old),), "back")
    made = _fitted(base, last, back, path)
    return made, Truth("G2", path, back.name, back.name, proofs=shown(made_without(made, back.name), made, back.name))


def _fitted(base: Base, last: Say, back: Say, path: str) -> Base:
    """The later edits of the path as they are after it was put back: each counts on from there."""
    made = after(base, last.name, back)
    for say in base.says:
        if say.stage > last.stage and any(arguments(call).get("path") == path for call in say.calls):
            made = changed(made, (say.name,), lambda each: _counted(each, path))
    return made


def _counted(say: Say, path: str) -> Say:
    """`COUNT` is one less from there on."""
    def less(call: Use) -> Use:
        if arguments(call).get("path") != path:
            return call
        return Use(call.tool, re.sub(r"COUNT = (\d+)", lambda found: f"COUNT = {int(found[1]) - 1}", call.arguments))

    return msgspec.structs.replace(say, calls=tuple(map(less, say.calls)))


def made_without(base: Base, name: str) -> Base:
    """The base with that turn doing nothing."""
    return calling(base, name)


def _unnoticed(base: Base, dice: Random) -> tuple[Base, Truth]:
    """The last edit breaks what passed; the run is red, and the work is handed back all the same."""
    if base.manifest.family != "desk":
        raise Unfit  # the others' tests are not run
    last = max(stages(base))
    say = drawn(dice, marked(base, "define", (last,)))
    path = drawn(dice, tuple(path for path, _ in base.files if path.endswith("settings.py")))
    made = also(base, say.name, replace(path, '"""\n', '"""\n\n# BROKEN\n'))
    finish = marked(base, "finish", (last,))[0]
    return made, Truth("G3", "", say.name, finish.name, proofs=shown(base, made, say.name))


def _stale(base: Base, dice: Random) -> tuple[Base, Truth]:
    """An edit whose passage stood there until the worker itself wrote another in its place; then it looks, and edits as it should."""
    say = drawn(dice, tuple(say for mark in ("register", "define") for say in marked(base, mark) if say.stage >= LATE))
    now = tree_before(base, say.name)
    legal = [(each, call) for each in base.says if each.stage < say.stage for call in each.calls if _outlived(base, each, call, now)]
    _, call = drawn(dice, legal)
    given = arguments(call)
    name = f"{say.name}.stale"
    stale = Say(name, say.stage, "I bring that passage up to date.", (replace(given["path"], given["old"], given["new"] + "# as agreed\n"),), "stale")
    made = before(base, say.name, stale)
    return made, Truth("G4", given["path"], name, name, proofs=(Called(name, "replace", ok=False),))


def _outlived(base: Base, say: Say, call: Use, now: dict[str, str]) -> bool:
    if call.tool != "replace":
        return False
    given = arguments(call)
    here = now.get(given["path"], "")
    return len(given["old"].strip()) >= 8 and given["old"] not in here and given["old"].strip() not in here and given["old"] in tree_before(base, say.name)[given["path"]]


def _twice(base: Base, dice: Random) -> tuple[Base, Truth]:
    """A function it wrote for an earlier request, once more in another module and by another name."""
    if base.manifest.family != "desk":
        raise Unfit
    say = drawn(dice, tuple(say for say in marked(base, "define") if say.stage >= LATE))
    other = drawn(dice, marked(base, "define", range(1, say.stage)))
    path = arguments(other.calls[0])["path"]
    module = ast.parse(tree(base, other.name)[path])
    known = {node.name for node in ast.parse(dict(base.files)[path]).body if isinstance(node, ast.FunctionDef)}
    node = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name not in known)
    suffix = node.name.rsplit("_", 1)[-1]
    node.name, aside = f"once_more_{dice.randrange(10, 99)}_{suffix}", f"{path.split('/')[0]}/aside.py"
    made = also(base, say.name, write(aside, f'"""What is used beside."""\n\n\n{ast.unparse(node)}\n'))
    return made, Truth("G5", "", say.name, say.name, proofs=shown(base, made, say.name))


def _said(base: Base, say: Say) -> tuple[tuple[Milestone, str], ...]:
    """Points of earlier requests that one line of one file shows, which holds when the turn ends."""
    now = tree(base, say.name)
    found = []
    for each in base.manifest.milestones:
        if each.stage < say.stage and each.until is None and isinstance(each.predicate, Says) and len(each.predicate.paths) == 1:
            path = each.predicate.paths[0]
            if "*" not in path and _pattern(each) in now.get(path, "") and (path.startswith("tests/") or '"' in each.predicate.pattern):
                found.append((each, path))
    return tuple(found)


def _pattern(milestone: Milestone) -> str:
    """The plain words of a milestone's pattern."""
    return milestone.predicate.pattern.replace(r"\b", "") if isinstance(milestone.predicate, Says) else ""
