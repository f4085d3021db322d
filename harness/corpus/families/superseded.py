"""L1 to L3: the older version of an instruction acted on, mixed with the newer, or put back where the newer stood."""

from __future__ import annotations

from random import Random
from typing import Final

from harness.core.memory import Item
from harness.corpus.families.constraints import shown, slipped
from harness.corpus.placing import Unfit, also, arguments, drawn, lost, marked, replace, tree_before
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("L1", "L2", "L3")
SORT: Final = "fault"
BASES: Final = ("desk",)


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    item = drawn(dice, tuple(item for item in base.manifest.items if item.supersedes and item.former))
    made, onset = {"L1": _older, "L2": _mixed, "L3": _back}[kind](base, item, dice)
    return Case("", "fault", "superseded", base.seed, made, (Truth(kind, item.id, onset, onset, proofs=shown(base, made, onset)),))


def _older(base: Base, item: Item, dice: Random) -> tuple[Base, str]:
    stage = drawn(dice, _stages(base, item))
    made, names = slipped(base, item.id, (stage,), "former")
    return made, drawn(dice, names[:1])


def _mixed(base: Base, item: Item, dice: Random) -> tuple[Base, str]:
    """The right value and, in the same module, the old one beside it."""
    say = drawn(dice, _writes(base, item, _stages(base, item)))
    path = _path(say, item)
    made = also(base, say.name, replace(path, f'RATE = "{item.value}"\n', f'RATE = "{item.value}"\nRATE_ABROAD = "{item.former[0]}"\n'))
    return made, say.name


def _back(base: Base, item: Item, dice: Random) -> tuple[Base, str]:
    """What an earlier request wrote with the newer value gets the old one again, while a later one is worked on."""
    written = _writes(base, item, _stages(base, item))
    say = drawn(dice, written[:-1])
    later = drawn(dice, marked(base, "register", range(say.stage + 1, max(_stages(base, item)) + 1)))
    path = _path(say, item)
    if f'RATE = "{item.value}"\n' not in tree_before(base, later.name)[path]:
        raise Unfit
    return also(base, later.name, replace(path, f'RATE = "{item.value}"\n', f'RATE = "{item.former[0]}"\n')), later.name


def _stages(base: Base, item: Item) -> tuple[int, ...]:
    return tuple(sorted({say.stage for say in base.says if lost(say, item.id, "former") is not None}))


def _writes(base: Base, item: Item, stages: tuple[int, ...]) -> tuple[Say, ...]:
    return tuple(say for say in base.says if say.stage in stages and any(f'RATE = \\"{item.value}\\"' in call.arguments for call in say.calls))


def _path(say: Say, item: Item) -> str:
    return next(arguments(call)["path"] for call in say.calls if item.value in call.arguments)
