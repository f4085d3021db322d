"""Look-alikes of the server's: a template that leaves out old reasoning, counts that are missing, a cache that is hit, a summary that keeps all."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.corpus.families.compaction import narrowed, summary, told
from harness.corpus.placing import drawn
from harness.corpus.script import Base, Case, Say, Server

KINDS: Final = ("thoughts", "uncounted", "cached", "kept")
SORT: Final = "alike"
BASES: Final = ("desk", "brief")
THOUGHT: Final = "Let me see what this asks for, and in which of the modules it belongs; I had better keep to what holds here. "


def plant(kind: str, base: Base, dice: Random) -> Case:
    """`thoughts` is allowed A7: that reasoning was left out is told, as what it is. Raises Unfit."""
    made = {"thoughts": _thoughts, "uncounted": _uncounted, "cached": _cached, "kept": _kept}[kind](base, dice)
    return Case("", "alike", "alike_server", base.seed, made, allowed=("A7",) if kind == "thoughts" else ())


def _thoughts(base: Base, dice: Random) -> Base:
    """The count falls at a new request, because the template leaves the old reasoning out: nothing that anybody said is lost."""

    def thought(say: Say) -> Say:
        return msgspec.structs.replace(say, thinking=THOUGHT * dice.randrange(1, 12))

    return msgspec.structs.replace(base, says=tuple(map(thought, base.says)), server=Server(forgets=True))


def _uncounted(base: Base, dice: Random) -> Base:
    """Some counts are missing, or all of them."""
    if dice.random() < 0.3:
        return msgspec.structs.replace(base, server=Server(counts=False))
    names = tuple(say.name for say in base.says if dice.random() < 0.3) or (drawn(dice, base.says).name,)
    return msgspec.structs.replace(base, server=Server(silent=names))


def _cached(base: Base, _dice: Random) -> Base:
    """Most of a prompt comes from the cache, and the server says so."""
    return msgspec.structs.replace(base, server=Server(cached=True))


def _kept(base: Base, dice: Random) -> Base:
    """A summary in which everything that was told stands as it was. Raises Unfit for a base whose items no summary could lose."""
    made, stage = narrowed(base, dice)
    return msgspec.structs.replace(made, summary=(summary(tuple(told(base, stage).values())),))
