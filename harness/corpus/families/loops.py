"""F1 to F3: the same over and over, to and fro over the same trees, or many turns that come to nothing."""

from __future__ import annotations

from random import Random
from typing import Final

from harness.core.memory import Use
from harness.corpus.placing import Unfit, after, before, drawn, marked, read, replace, shell, stages, tree, without
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("F1", "F2", "F3")
SORT: Final = "fault"
BASES: Final = ("desk",)
SAME, ERRORS, WORDLESS, STEPS = 4, 3, 3, 6
"""The published thresholds: of the same act with the same result, with the same error, of the same message or an empty one, of two acts in turn."""
IDLE: Final = 12
ENOUGH: Final = 4
"""Edits that come back to where they began twice."""


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made, first, last = {"F1": _repeats, "F2": _to_and_fro, "F3": _idles}[kind](base, dice)
    return Case("", "fault", "loops", base.seed, made, (Truth(kind, "", first, last, visible=None),))


def _repeats(base: Base, dice: Random) -> tuple[Base, str, str]:
    how = drawn(dice, ("same", "turns", "error", "empty", "words"))
    if how in ("empty", "words"):
        return _wordless(base, dice, "" if how == "empty" else drawn(dice, ("Everything is in place.", "I go on with the next step now.", "Let me think about this again.")))
    say = drawn(dice, tuple(say for say in marked(base, "read") if say.stage > 1))
    package = base.manifest.milestones[0].scope[0].split("/")[0]
    if how == "same":
        calls = [drawn(dice, (read(f"{package}/schema.py"), shell("cat check.sh"), shell(f"ls {package}")))] * (SAME + dice.randrange(3))
    elif how == "error":
        calls = [drawn(dice, (shell(f"python3 -B -c 'import {package}.schema as it; it.TABLES[9]'"), read(f"{package}/settings.py", 900, 0)))] * (ERRORS + 1 + dice.randrange(2))
    else:
        calls = [read(f"{package}/schema.py"), shell("cat check.sh")] * (STEPS // 2 + dice.randrange(2))
    made, names = _put(base, say, calls, "I look once more.")
    return made, names[0], names[len(calls) - 1 if how == "error" else SAME - 1 if how == "same" else STEPS - 1]


def _put(base: Base, say: Say, calls: list[Use], text: str) -> tuple[Base, list[str]]:
    names = [f"{say.name}.round{number}" for number in range(1, len(calls) + 1)]
    return after(base, say.name, *(Say(name, say.stage, text, (call,), "round") for name, call in zip(names, calls, strict=True))), names


def _wordless(base: Base, dice: Random, text: str) -> tuple[Base, str, str]:
    """In place of handing back: after the third the agent hands back without a claim, and everything has been done."""
    end = drawn(dice, marked(base, "finish"))
    names = [f"{end.name}.mute{number}" for number in range(1, WORDLESS + 1)]
    made = before(base, end.name, *(Say(name, end.stage, text, (), "mute") for name in names))
    return without(made, end.name), names[0], names[-1]


def _to_and_fro(base: Base, dice: Random) -> tuple[Base, str, str]:
    """One setting there and back, there and back: each second edit leaves the tree as it was."""
    last = max(stages(base))
    say = drawn(dice, tuple(say for mark in ("read", "register") for say in marked(base, mark) if 1 < say.stage < last))
    path = next(path for path, _ in base.files if path.endswith("settings.py"))
    if "PAGE = 40\n" not in tree(base, say.name)[path]:
        raise Unfit
    there, back = replace(path, "PAGE = 40\n", "PAGE = 60\n"), replace(path, "PAGE = 60\n", "PAGE = 40\n")
    made, names = _put(base, say, [there, back] * (ENOUGH // 2 + dice.randrange(2)), "Perhaps the page is better the other way.")
    return made, names[0], names[ENOUGH - 1]


def _idles(base: Base, dice: Random) -> tuple[Base, str, str]:
    """Commands that all say the same; or files already seen, over and over, in an order that is never the same twice."""
    say = drawn(dice, tuple(say for say in marked(base, "read") if say.stage > 1))
    turns = IDLE + 2 + dice.randrange(4)
    if dice.random() < 0.5:
        words = dice.sample(range(100, 999), turns)
        made, names = _put(base, say, [shell(f"echo ok  # step {word}") for word in words], "I make up my mind.")
        return made, names[1], names[IDLE]
    # None of these is read by anybody else: every one is seen once here, and from then on there is nothing new.
    paths = [path for path, _ in base.files if path.endswith((".sh", "__init__.py", "schema.py", "settings.py"))]
    order, previous = list(paths), paths[-1]
    while len(order) < len(paths) + turns:
        previous = dice.choice([path for path in paths if path not in (previous, order[-2])])
        order.append(previous)
    made, names = _put(base, say, [read(path) for path in order], "I look around.")
    return made, names[len(paths)], names[len(paths) + IDLE - 1]
