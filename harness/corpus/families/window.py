"""A1 to A4: a server that cuts the prompt, drops messages, shifts while it writes, or refuses."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.corpus.placing import Unfit, after, drawn, marked, shell
from harness.corpus.script import Base, Case, Say, Server, Truth

KINDS: Final = ("A1", "A2", "A3", "A4")
SORT: Final = "fault"
BASES: Final = ("short",)
SMALL: Final = 4_096
"""Ollama's default on most machines: less than system text, tools and one long result together."""


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made = {"A1": _cut, "A2": _dropped, "A3": _shifted, "A4": _refused}[kind](base, dice)
    when = "refused" if kind == "A4" else "cut"
    return Case("", "fault", "window", base.seed, made, (Truth(kind, "", when=when, visible=None),))  # type: ignore[arg-type]


def logs(base: Base, name: str, count: int) -> Base:
    """With this many long results after that turn."""
    stage = next(say.stage for say in base.says if say.name == name)
    files = ("day", "night")
    return after(base, name, *(Say(f"{name}.log{each}", stage, f"I look at the {files[each]}.", (shell(f"cat logs/{files[each]}.txt"),), "aside") for each in range(count)))


def _cut(base: Base, dice: Random) -> Base:
    """One result alone is too long for a window that held everything before it."""
    over = drawn(dice, ("cut_024", "halve_034"))
    return msgspec.structs.replace(logs(base, base.says[0].name, 1), server=Server(window=SMALL, over=over))  # type: ignore[arg-type]


def _dropped(base: Base, dice: Random) -> Base:
    """Many messages that fit one by one, and not together: the oldest go, and with them the first request."""
    say = drawn(dice, base.says[1:-3])
    over = drawn(dice, ("cut_024", "halve_034"))
    return msgspec.structs.replace(logs(base, say.name, 2), server=Server(window=dice.choice((8_192, 9_000)), over=over))  # type: ignore[arg-type]


def _shifted(base: Base, dice: Random) -> Base:
    """The prompt fits and the answer does not: it goes on all the same, and ends as if nothing had happened."""
    window = 16_384
    name = drawn(dice, tuple(say.name for mark in ("define", "test", "read") for say in marked(base, mark)))
    says = tuple(msgspec.structs.replace(say, output=window + dice.randrange(10, 2_000)) if say.name == name else say for say in base.says)
    return msgspec.structs.replace(base, says=says, server=Server(window=window, over="halve_034"))


def _refused(base: Base, dice: Random) -> Base:
    if len(base.says) < 4:
        raise Unfit
    say = drawn(dice, base.says[1:-3])
    return msgspec.structs.replace(logs(base, say.name, 2), server=Server(window=8_192))
