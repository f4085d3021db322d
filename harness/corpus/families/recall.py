"""D1: a fact told once and needed later comes out wrong, or not at all."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Item, Use
from harness.core.predicates import At, Holds
from harness.corpus.families.constraints import shown, slipped
from harness.corpus.placing import changed, drawn, stages
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("D1",)
SORT: Final = "fault"
BASES: Final = ("desk", "staged")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Wrong by a letter or two, wrong altogether, or left empty. Raises Unfit."""
    item, stage = drawn(dice, uses(base))
    made, names = slipped(base, item.id, (stage,))
    how = drawn(dice, ("as written", "near", "empty"))
    if how != "as written":
        made = _with(base, names, item.value, "" if how == "empty" else near(item.value, dice))
    onset, end = names[0], next(say.name for say in base.says if say.stage == stage and say.mark == "finish")
    return Case("", "fault", "recall", base.seed, made, (Truth(kind, item.id, onset, end, proofs=shown(base, made, onset)),))


def uses(base: Base) -> tuple[tuple[Item, int], ...]:
    """Facts that have a value (those with one late use are sleepers, and their loss is C3), with each late stage at whose end it must stand in the code."""
    items = {item.id: item for item in base.manifest.items if item.kind == "fact" and item.manner == "fact" and item.value and not item.supersedes}
    return tuple(
        (items[each.item], each.occasion.stage)
        for each in base.manifest.constraints
        if each.item in items and isinstance(each.occasion, At) and isinstance(each.predicate, Holds) and each.occasion.stage > 1
        and (items[each.item].until or 1_000) > each.occasion.stage
        and each.occasion.stage in stages(base) and _used(base, items[each.item], each.occasion.stage)
    )  # fmt: skip


def near(value: str, dice: Random) -> str:
    """The value with one of its digits, or else a letter in the middle, another."""
    places = [place for place, letter in enumerate(value) if letter.isdigit()] or [len(value) // 2]
    at = drawn(dice, places)
    other = str((int(value[at]) + 1 + dice.randrange(8)) % 10) if value[at].isdigit() else "h" if value[at] != "h" else "y"
    return f"{value[:at]}{other}{value[at + 1:]}"


def _used(base: Base, item: Item, stage: int) -> bool:
    return any(item.value in call.arguments for say in base.says if say.stage == stage for call in say.calls) and any(
        slip.item == item.id for say in base.says if say.stage == stage for slip in say.slips
    )


def _with(base: Base, names: tuple[str, ...], value: str, other: str) -> Base:
    def change(say: Say) -> Say:
        return msgspec.structs.replace(say, calls=tuple(Use(call.tool, call.arguments.replace(value, other)) for call in say.calls))

    return changed(base, names, change)
