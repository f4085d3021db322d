"""Look-alikes of good work: what a careful worker does that a careless detector would take for forgetting."""

from __future__ import annotations

from random import Random
from typing import Final

from harness.corpus.families.constraints import LATE, passing, rules
from harness.corpus.placing import (
    Unfit,
    after,
    arguments,
    before,
    drawn,
    marked,
    place,
    read,
    replace,
    shell,
    tree_before,
    use,
)
from harness.corpus.script import Base, Case, Say

KINDS: Final = ("reread", "retest", "mended", "whitespace", "probing", "finished")
SORT: Final = "alike"
BASES: Final = ("desk", "staged")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """`mended` is allowed C4: a violation put right within a turn is counted, apart. Raises Unfit."""
    made = {"reread": _reread, "retest": _retest, "mended": _mended, "whitespace": _whitespace, "probing": _probing, "finished": _finished}[kind](base, dice)
    return Case("", "alike", "alike_work", base.seed, made, allowed=("C4",) if kind == "mended" else ())


def _define(base: Base, dice: Random) -> Say:
    return drawn(dice, tuple(say for say in marked(base, "define") if say.stage > 1))


def _reread(base: Base, dice: Random) -> Base:
    """A file is read again after one's own edit of it."""
    say = _define(base, dice)
    path = arguments(say.calls[0])["path"]
    return after(base, say.name, Say(f"{say.name}.again", say.stage, "I look at what I made of it.", (read(path),), "reread"))


def _retest(base: Base, dice: Random) -> Base:
    """The tests run before and after an edit; where they run next anyhow, with nothing between, it would be twice in vain."""
    say = _define(base, dice)
    if base.says[place(base, say.name)].mark == "check":
        raise Unfit
    return after(base, say.name, Say(f"{say.name}.early", say.stage, "I see whether this holds so far.", (use("run_tests"),), "early"))


def _mended(base: Base, dice: Random) -> Base:
    return passing(base, drawn(dice, rules(base)).id, dice)[0]


def _whitespace(base: Base, dice: Random) -> Base:
    """An edit misses by its indentation alone: such a passage never stood anywhere."""
    legal = [(say, call) for say in marked(base, "define") if say.stage >= LATE for call in say.calls if call.tool == "replace" and len(arguments(call)["old"]) > 12]
    say, call = drawn(dice, legal)
    given = arguments(call)
    old = "\n".join(f"  {line}  " for line in given["old"].rstrip("\n").split("\n"))
    text = tree_before(base, say.name)[given["path"]]
    if old in text:
        raise Unfit
    return before(base, say.name, Say(f"{say.name}.missed", say.stage, "I write it.", (replace(given["path"], old, given["new"]),), "missed"))


def _probing(base: Base, dice: Random) -> Base:
    """Asking whether a file is there is no belief that it is."""
    say = drawn(dice, tuple(say for mark in ("look", "read") for say in marked(base, mark) if say.stage > 1))
    folder = drawn(dice, sorted({path.split("/")[0] for path, _ in base.files if path.endswith(".py") and "/" in path}))
    command = drawn(dice, (f"ls {folder}/compat.py", f"test -f {folder}/compat.py && echo there", f"find {folder} -name 'compat*'", "ls setup.cfg tox.ini"))
    return after(base, say.name, Say(f"{say.name}.probe", say.stage, "Is there something like it already?", (shell(command),), "probe"))


def _finished(base: Base, _dice: Random) -> Base:
    """Everything done and claimed: nothing to find."""
    return base
