"""Stages drawn by chance, full of slips, each in a folder of its own with names and values that no other has."""

from __future__ import annotations

import random

from harness.core.memory import Item
from harness.core.predicates import Constant, Exists
from tests.metrics.context.detectors.episodes import Episode, body, fact, rule, suffixed
from tests.metrics.context.detectors.played import Play

FOLDERS = ("north", "south", "east", "west")
GUESSES = 4
"""Values that a stage may come to, of which the first is the one that was told."""


def strolls(seed: int) -> tuple[Episode, ...]:
    """One for each folder. Each ends with a green run of the tests: what a red one means to the stages after it is told apart."""
    return tuple(_episode(folder, seed) for folder in FOLDERS)


def _episode(folder: str, seed: int) -> Episode:
    def acts(play: Play, number: int) -> None:
        draw = random.Random(f"{folder}/{seed}")
        for _ in range(draw.randint(5, 14)):
            for _ in range(draw.choice((1, 1, 1, 2))):
                _act(play, draw, folder)
            play.over(draw.choice(("", "", "I revert that.")))
        play.test().over()
        play.finish(draw.choice((f"{number}.1", f"{number}.1, {number}.2; all tests pass", "")), draw.choice(("", f"{number}.2: later")))

    points = ((Constant(f"{folder}/{folder}_net.py", "PORT", _value(folder, 0)), (f"{folder}:fact",)), (Exists(f"{folder}/{folder}_a.py"), ()))
    bodies = {"net": "HOST = 1\n", "a": f"def {folder}_a_op():\n    return 1\n", "gone": "G = 1\n"}
    files = {f"{folder}/{folder}_{name}.py": text for name, text in bodies.items()}
    items: tuple[Item, ...] = (rule(folder), fact(folder, _value(folder, 0)))
    return Episode(folder, acts, points, items, (suffixed(folder),), files)


def _value(folder: str, number: int) -> str:
    return str(48_213 + 1_000 * FOLDERS.index(folder) + 17 * number)


def _act(play: Play, draw: random.Random, folder: str) -> None:
    path = f"{folder}/{folder}_{draw.choice(('net', 'a', 'b', 'c', 'use', 'gone'))}.py"
    value = _value(folder, draw.randrange(GUESSES))
    match draw.randint(0, 11):
        case 0 | 1:
            play.write(f"{folder}/{folder}_net.py", f"HOST = 1\nPORT = {value}\n")
        case 2 | 3:
            name = f"{folder}_{draw.choice('abcdefgh')}{draw.choice(('_op', '_op', ''))}"
            play.write(f"{folder}/{name}.py", f"def {name}():\n    return {value}\n")
        case 4:
            play.replace(f"{folder}/{folder}_net.py", f"PORT = {value}", f"PORT = {_value(folder, draw.randrange(GUESSES))}")
        case 5:
            again = body(f"{folder}_{draw.choice('pqr')}", draw.randint(1, 2)).replace("row.weight", f'row["{folder}"]')
            play.write(f"{folder}/{folder}_{draw.choice('xyz')}.py", again)
        case 6 if path in play.files:
            play.shell(f"git rm {path}", gone=(path,))
        case 7:
            play.test(*draw.choice((("3 passed", 0), (f"FAILED {folder}/test_{folder}.py::test_{folder}\n1 failed", 1))))
        case 8:
            play.write(f"{folder}/{folder}_use.py", f"from {folder}.{folder}_a import {folder}_{draw.choice(('a_op', 'b_op', 'none'))}\n")
        case 9:
            play.write(f"{folder}/{folder}_k.py", f"def {folder}_one():\n    raise NotImplementedError\n")
        case _:
            play.read(path)
