"""E1, E2: the same look once more at what has not changed, with the first one still in sight, or out of it."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Use
from harness.corpus.families.compaction import narrowed, summary, told
from harness.corpus.placing import Unfit, after, drawn, place, read, shell
from harness.corpus.script import Base, Called, Case, Say, Truth, Viewed

KINDS: Final = ("E1", "E2")
SORT: Final = "fault"
BASES: Final = ("desk", "brief", "staged")
LONGEST: Final = 4_000
"""Characters of a file that is shown whole."""
SHORTEST: Final = 40


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made, truth = {"E1": _in_sight, "E2": _out_of_sight}[kind](base, dice)
    return Case("", "fault", "exploring", base.seed, made, (truth,))


def untouched(base: Base) -> tuple[tuple[str, str], ...]:
    """Files that no turn reads, writes or names in a command, with their words; Python's alone, and none so long that it would be cut."""
    calls = "\n".join(call.arguments for say in base.says for call in say.calls)
    return tuple((path, text) for path, text in base.files if path.endswith(".py") and path not in calls and SHORTEST <= len(text) <= LONGEST)


def _in_sight(base: Base, dice: Random) -> tuple[Base, Truth]:
    """A file that nobody edits read again, whole or in part, some turns later; or a command again, with nothing but another look between."""
    path, text = drawn(dice, untouched(base))
    at = drawn(dice, range(2, len(base.says) - 6))
    say = base.says[at]
    first, name = f"{say.name}.look", f"{say.name}.relook"
    if dice.random() < 0.4:
        command = drawn(dice, (f"cat {path}", f"grep -n '' {path}", f"head -n 40 {path}"))
        looks = (
            Say(first, say.stage, "I look at that file.", (shell(command),), "aside"), Say(f"{say.name}.beside", say.stage, "And how long it is.", (shell(f"wc -c {path}"),), "aside"),
            Say(name, say.stage, "What was in that file?", (shell(command),), "again"),
        )  # fmt: skip
        made = _inside(base, say, looks)
        return made, Truth("E1", path, name, name, proofs=(Called(first, "shell", ok=True), Called(name, "shell", ok=True), Viewed(_line(text), there=True)))
    later = base.says[at + dice.randrange(2, 6)]
    made = _inside(base, say, (Say(first, say.stage, "I look at that file.", (read(path),), "aside"),))
    made = _inside(made, later, (Say(name, later.stage, "What was in that file?", (_part(path, text, dice),), "again"),))
    return made, Truth("E1", path, name, name, proofs=(Called(name, "read", ok=True), Viewed(_line(text), there=True)))


def _part(path: str, text: str, dice: Random) -> Use:
    """All of it, or some of the lines that the first look has shown."""
    lines = text.count("\n")
    return read(path, dice.randrange(1, 3), lines) if dice.random() < 0.4 and lines >= 3 else read(path)


def _line(text: str) -> str:
    return max(text.splitlines(), key=len)


def _inside(base: Base, say: Say, says: tuple[Say, ...]) -> Base:
    """After that turn, or before it where it hands back: what follows a hand-back belongs to the next request."""
    at = place(base, say.name) - (say.mark == "finish")
    return msgspec.structs.replace(base, says=(*base.says[:at], *says, *base.says[at:]))


def _out_of_sight(base: Base, dice: Random) -> tuple[Base, Truth]:
    made, name, line = evicted(base, dice)
    return made, Truth("E2", "", name, name, visible=False, proofs=(Called(name, "read", ok=True), Viewed(line, there=False)))


def evicted(base: Base, dice: Random) -> tuple[Base, str, str]:
    """A file is read, a summary that keeps all that was told takes it out of sight, and it is read again: the base, the name of that turn, a line of the file. Raises Unfit."""
    if base.name != "brief":
        raise Unfit
    path, text = drawn(dice, tuple(each for each in untouched(base) if each[0].endswith("schema.py")))
    made, stage = narrowed(base, dice)
    first = next(say for say in made.says if say.stage == stage - 1)
    made = after(made, first.name, Say(f"{first.name}.look", first.stage, "I look at that file.", (read(path),), "aside"))
    later = drawn(dice, tuple(say for say in made.says if say.stage == stage and say.mark in ("register", "test")))
    name = f"{later.name}.relook"
    made = after(made, later.name, Say(name, stage, "What was in that file?", (read(path),), "again"))
    return msgspec.structs.replace(made, summary=(summary(tuple(told(base, stage).values())),)), name, _line(text)
