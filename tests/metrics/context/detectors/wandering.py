"""Tries drawn by chance, full of slips: for what must hold whatever is found in them."""

from __future__ import annotations

import random
from collections.abc import Callable

from harness.core.memory import Constraint, Manifest
from harness.core.predicates import At, Says
from tests.metrics.context.detectors.played import (
    FROZEN,
    NEW,
    OLD,
    PORT,
    SUFFIX,
    Play,
    constant,
    function,
    holding,
    named,
    unchanged,
)

MANIFEST = Manifest(
    items=(SUFFIX, FROZEN, PORT, OLD, NEW),
    constraints=(named(), unchanged(), Constraint("port", Says(("pkg/net.py",), "48213"), At(2))),
    milestones=(constant("PORT", 1), holding(2, "9038", ("new",)), constant("PORT", 3, ("port",))),
)
FILES = {"pkg/__init__.py": "", "pkg/net.py": "HOST = 1\n", "pkg/a.py": function("a_op"), "migrations/one.py": "A = 1\n", "tests/test_a.py": ""}
VALUES = ("48213", "4771", "9038", "17")
PATHS = ("pkg/net.py", "pkg/a.py", "pkg/b.py", "pkg/c.py", "migrations/one.py", "pkg/settlement.py")


def wander(seed: int, turns: int = 30, idle: Callable[[int], int] = lambda _: 0) -> Play:
    """`idle`: how many turns without an act come before each one."""
    draw = random.Random(seed)
    play = Play(MANIFEST, FILES).hear("Begin.", request=True)
    for number in range(turns):
        for _ in range(idle(number)):
            play.over()
        if draw.random() < 0.08:
            play.finish(draw.choice(("1.1", "all tests pass")), draw.choice(("", "2.1: later")))
            continue
        for _ in range(draw.choice((1, 1, 1, 2))):
            act(play, draw)
        play.over(draw.choice(("", "", "I revert that.")))
    return play


def act(play: Play, draw: random.Random) -> None:
    path, value = draw.choice(PATHS), draw.choice(VALUES)
    match draw.randint(0, 9):
        case 0 | 1:
            play.write("pkg/net.py", f"HOST = 1\nPORT = {value}\n")
        case 2 | 3:
            name = draw.choice("abcdefgh") + draw.choice(("_op", "_op", ""))
            play.write(f"pkg/{name}.py", function(name, f"return {value}"))
        case 4:
            play.replace("pkg/net.py", f"PORT = {value}", f"PORT = {draw.choice(VALUES)}")
        case 5:
            play.write("migrations/one.py", f"A = {draw.randint(1, 3)}\n")
        case 6 if path in play.files:
            play.shell(f"git rm {path}", gone=(path,))
        case 7:
            play.test(*draw.choice((("3 passed", 0), ("FAILED tests/test_a.py::test_a\n1 failed", 1))))
        case 8:
            play.write("pkg/use.py", f"from pkg.a import {draw.choice(('a_op', 'b_op', 'none'))}\n")
        case _:
            play.read(path)
