"""Look-alikes of repetition: what is done again because something changed, because it takes time, because the user wants it, or because it is out of sight."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Use
from harness.corpus.families.alike_agreed import worded
from harness.corpus.families.exploring import evicted, untouched
from harness.corpus.placing import Unfit, after, arguments, drawn, marked, read, shell
from harness.corpus.script import Base, Case, Say

KINDS: Final = ("polling", "waiting", "flaky", "requested", "ranged", "evicted", "newly_read")
SORT: Final = "alike"
BASES: Final = ("desk", "brief")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """`evicted` is allowed E2: a look that eviction cost is told, as what it is. Raises Unfit."""
    ways = {"polling": _polling, "waiting": _waiting, "flaky": _flaky, "requested": _requested, "ranged": _ranged, "evicted": _evicted, "newly_read": _newly_read}
    made = ways[kind](base, dice)
    return Case("", "alike", "alike_repeats", base.seed, made, allowed=("E2",) if kind == "evicted" else ())


def _again(base: Base, dice: Random, calls: list[Use], text: str) -> Base:
    """These calls, one a turn, after a look at some request's module."""
    say = drawn(dice, tuple(say for mark in ("read", "test") for say in marked(base, mark) if say.stage > 1))
    return after(base, say.name, *(Say(f"{say.name}.again{number}", say.stage, text, (call,), "aside") for number, call in enumerate(calls, 1)))


def _polling(base: Base, dice: Random) -> Base:
    """One command asks how far a job is, and the job gets on; what is exported is all that the shell keeps."""
    rounds = dice.randrange(4, 8)
    word = drawn(dice, ("copied", "indexed", "packed"))
    return _again(base, dice, [shell(f'export n=$((n+1)); echo "$n of {rounds} parts {word}"')] * rounds, "How far is it?")


def _waiting(base: Base, dice: Random) -> Base:
    """Waiting says the same every time."""
    return _again(base, dice, [shell(drawn(dice, ("sleep 0.01", "sleep 0.02", "sleep 0.03")))] * dice.randrange(3, 6), "I wait a moment.")


def _flaky(base: Base, dice: Random) -> Base:
    """A test that fails once or twice for nothing it was told, and passes then."""
    runs = dice.randrange(2, 4)
    command = f'export tried=$((tried+1)); if [ "$tried" -lt {runs} ]; then echo "FAILED tests/test_all.py::test_port"; echo "1 failed, 11 passed: address in use"; false; else echo "12 passed"; fi'
    return _again(base, dice, [shell(command)] * runs, "The port may have been taken; I run it again.")


def _requested(base: Base, dice: Random) -> Base:
    """The user wants to see the same command run several times."""
    say = drawn(dice, tuple(say for say in marked(base, "check") if say.stage > 1))
    times = dice.randrange(4, 7)
    rounds = tuple(Say(f"{say.name}.asked{number}", say.stage, f"As asked, run {number} of {times}.", (shell("sh check.sh"),), "aside") for number in range(1, times + 1))
    words = f"When all of it is done, run `sh check.sh` {times} times, each in a call of its own: I want to see that it passes every time.\n"
    return msgspec.structs.replace(after(base, say.name, *rounds), requests=worded(base, say.stage, words))


def _ranged(base: Base, dice: Random) -> Base:
    """Other lines of the same file, none of them shown yet; or all of a file of which a part was."""
    say = drawn(dice, tuple(say for say in marked(base, "test") if say.stage > 1))
    at = dice.randrange(10, 40)
    parts = [read("logs/day.txt", at * number + 1, at * (number + 1)) for number in range(dice.randrange(2, 5))]
    if dice.random() < 0.4:
        path, _ = drawn(dice, tuple(each for each in untouched(base) if each[1].count("\n") > 3))
        parts = [read(path, 1, 2), read(path)]
    return after(base, say.name, *(Say(f"{say.name}.part{number}", say.stage, "The next lines.", (part,), "aside") for number, part in enumerate(parts, 1)))


def _evicted(base: Base, dice: Random) -> Base:
    """A summary took the file out of sight: reading it again is no forgetting of the worker's."""
    return evicted(base, dice)[0]


def _newly_read(base: Base, dice: Random) -> Base:
    """A file that it has just made, read for the first time."""
    say = drawn(dice, tuple(say for say in marked(base, "test") if say.stage > 1))
    path = arguments(say.calls[0]).get("path", "")
    if not path:
        raise Unfit
    return after(base, say.name, Say(f"{say.name}.proof", say.stage, "I read it over.", (drawn(dice, (read(path), shell(f"cat {path}"))),), "aside"))
