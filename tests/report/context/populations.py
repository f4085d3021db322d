"""Accounts by hand whose population is known: each opportunity of a simulated agent is honoured with a chance that falls with distance."""

from __future__ import annotations

import random

from harness.core.findings import Finding
from harness.metrics.context.account import Account, Call, Chance, Held, Mark, Pulse, Taken

TURNS = 40
GOOD = frozenset({"A1", "A2", "A3", "C1", "C2", "C3", "D1", "L1", "J1"})


def an_account(number: int, task: str, *, half: float = 0.0, model: str = "ollama/made", seed: int = 0, **more: object) -> Account:
    """Forty turns of 1,000 tokens with an opportunity for a rule every fourth turn. `half`: the distance at which half are violated, 0: never."""
    draw = random.Random(ascii((seed, number, task, model)))
    chances = tuple(_chance(turn, draw, half) for turn in range(4, TURNS + 1, 4))
    slips = [each for each in chances if not each.honoured]
    findings = tuple(a_finding("C1", each.turn, each.turn, distance=each.distance) for each in slips[:1] if each.turn > 4)
    calls = tuple(Call(turn, turn * 1000, draw.random() < 0.1 * turn / TURNS, turn % 3 == 0, "J1") for turn in range(1, TURNS + 1))
    calls = tuple(Call(each.turn, each.depth, each.bad, each.seen, "J1" if each.bad else "") for each in calls)
    given = {
        "stop": "answered", "items": (a_rule(),), "pulses": pulses(), "chances": chances, "findings": findings, "calls": calls,
        "marks": (Mark("s01.1", "1.1", 1, (), ((1, True),), True),), **more,
    }  # fmt: skip
    return Account(f"t{number:04d}", task, "coder", model, "", 1, "abcdef012345", **given)  # type: ignore[arg-type]


def a_rule(name: str = "suffix", **more: object) -> Held:
    given = {"shows": (1, 9), "spans": ((1, 30),), "text": "Names end with _op.", **more}
    return Held(name, "rule", "rehearsed", "arbitrary", 1, **given)  # type: ignore[arg-type]


def pulses(count: int = TURNS, window: int = 65_536) -> tuple[Pulse, ...]:
    return tuple(Pulse(turn, 1 + (turn - 1) // 10, turn * 1000, window, turn * 1000 / window, 200, turn * 1000, "", 0, 1, 0, turn % 2) for turn in range(1, count + 1))


def _chance(turn: int, draw: random.Random, half: float) -> Chance:
    distance = turn * 1000
    kept = draw.random() < 1 / (1 + (distance / half) ** 2) if half else True
    return a_chance(turn, honoured=kept, distance=distance)


def a_chance(turn: int, *, honoured: bool = True, distance: int | None = 1000, visible: bool = True, item: str = "suffix", **more: object) -> Chance:
    given = {"fill": turn / TURNS, "exposures": 2, **more}
    return Chance(item, turn, 1, "", turn * 1000 - 1000, "pkg/a.py:f", honoured, None, turn, visible, distance, turn - 1, **given)  # type: ignore[arg-type]


def a_finding(kind: str, turn: int, onset: int = 0, **more: object) -> Finding:
    given = {"item": "suffix", "detail": "kept 2 times, then not", "evidence": (turn * 10,), "visible": True, "fill": 0.5, **more}
    return Finding(kind=kind, turn=turn, onset=onset or turn, known=turn, **given)  # type: ignore[arg-type]


def a_cut(turn: int = 5, kind: str = "A1", *, declared: bool = False) -> Taken:
    return Taken(turn, kind, 900, ("suffix",), 3, declared)


def a_population(tasks: int = 12, trials: int = 3, **more: object) -> tuple[Account, ...]:
    """So many tasks, each tried so often."""
    return tuple(an_account(place * trials + each + 1, f"task-{place:03d}", **more) for place in range(tasks) for each in range(trials))  # type: ignore[arg-type]
