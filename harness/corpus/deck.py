"""The deck: which families there are, and the cases that a seed draws from them. Pure but for the looking into the folder."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from random import Random
from typing import Final, Protocol, cast

import msgspec

from harness.corpus import families as room
from harness.corpus.bases.desk import based, drawn_desk
from harness.corpus.placing import Unfit, misfits, place
from harness.corpus.script import Base, Case, Sort

VERSION: Final = 2
"""Of the corpus: families, bases and matching. A change that could change a figure changes this."""
DESKS: Final = 40
"""Seeds of desks: enough that no detector could know them, few enough that their first trees are made once for several runs."""
TRIES: Final = 60
ON_PURPOSE: Final = frozenset({"stale", "missed", "formatted"})
"""Marks of turns whose edit misses, or finds what only a formatter wrote."""


class Family(Protocol):
    """See harness.corpus."""

    KINDS: tuple[str, ...]
    SORT: Sort
    BASES: tuple[str, ...]

    def plant(self, kind: str, base: Base, dice: Random, /) -> Case: ...


class Draw(msgspec.Struct, frozen=True):
    """One case to be drawn. `number` counts from 0 within a family's kind."""

    family: str
    kind: str
    number: int


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """By the names of their modules, in order of these."""
    names = sorted(each.name for each in pkgutil.iter_modules(room.__path__))
    modules = {name: import_module(f"{room.__name__}.{name}") for name in names}
    return {name: cast("Family", module) for name, module in modules.items() if hasattr(module, "plant")}


def kinds(family: Family, name: str) -> tuple[str, ...]:
    return family.KINDS or (name,)


def draws(positives: int, alike: int, mixes: int, only: str = "") -> tuple[Draw, ...]:
    """`positives` of each planted kind, `mixes` in all, and look-alikes `alike` in all, dealt out evenly. `only`: faults of this kind alone, and no mix."""
    words = [(name, kind) for name, family in families().items() if family.SORT in ("alike", "clean") for kind in kinds(family, name)]
    made = [Draw(name, kind, number) for name, kind, family in _faults(only) for number in range(mixes if family.SORT == "mix" else positives)]
    return (*made, *(Draw(*words[number % len(words)], number // len(words)) for number in range(alike if words else 0)))


def _faults(only: str) -> Iterator[tuple[str, str, Family]]:
    for name, family in families().items():
        for kind in kinds(family, name):
            wanted = kind == only if only else True
            if family.SORT in ("fault", "mix") and wanted:
                yield name, kind, family


def drawn_case(draw: Draw, seed: int, staged: tuple[Base, ...] = ()) -> Case:
    """The case of a draw: the same for the same seed and staged bases. Raises ValueError where the family finds a place in none of many bases."""
    family = families()[draw.family]
    dice = Random(f"{VERSION} {seed} {draw.family} {draw.kind} {draw.number}")  # noqa: S311  a corpus is drawn, not guarded
    names = tuple(name for name in family.BASES if name != "staged" or staged)
    for _ in range(TRIES):
        base = drawn_base(dice, names, staged)
        try:
            case = family.plant(draw.kind, base, dice)
        except Unfit:
            continue
        if _fits(case):
            return msgspec.structs.replace(case, name=f"{draw.kind}-{draw.family}-{draw.number}", sort=family.SORT, family=draw.family, seed=seed)
    raise ValueError(f"{draw.family} finds no place for {draw.kind} in {TRIES} bases")


def drawn_base(dice: Random, names: tuple[str, ...], staged: tuple[Base, ...]) -> Base:
    """One of the bases that a family can work on."""
    name = dice.choice(names)
    if name == "staged":
        return staged[dice.randrange(len(staged))]
    seed = dice.randrange(DESKS)
    return based(drawn_desk(seed, stages=4 if name == "short" else 5 + seed % 3, told=name != "brief"), seed)


def _fits(case: Case) -> bool:
    """No edit misses but on purpose, and no two turns have one name."""
    says = case.base.says
    missed = {name for name in misfits(case.base) if says[place(case.base, name) - 1].mark not in ON_PURPOSE}
    return not missed and len({say.name for say in says}) == len(says)
