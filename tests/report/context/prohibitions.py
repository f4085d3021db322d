"""Accounts of tasks with a rule that nobody guesses and a prohibition that is, and re-rolls by who was never told of it."""

from __future__ import annotations

import random

from msgspec import structs

from harness.metrics.context.account import Account, Held
from harness.report.context.given import Untold
from tests.report.context.populations import TURNS, a_chance, a_rule, an_account

HALF = 12_000
TASKS = 20


def frozen(name: str = "frozen", **more: object) -> Held:
    return structs.replace(a_rule(name), **{"manner": "prohibition", "habit": "counter", **more})


def account(task: int, draw: random.Random, *, guess: float = 0.0, items: tuple[Held, ...] = (), **more: object) -> Account:
    """A rule that is never guessed and a prohibition that is, remembered alike: half of the time 12,000 tokens back."""
    chances = [
        a_chance(turn, item=name, distance=turn * 1000, honoured=draw.random() < 1 / (1 + (turn * 1000 / HALF) ** 2) or draw.random() < often)
        for turn in range(2, TURNS + 1, 2)
        for name, often in (("suffix", 0.0), ("frozen", guess))
    ]
    given = {"family": "T1", "items": items or (a_rule(), frozen()), "chances": tuple(chances), "findings": (), **more}
    return an_account(task, f"task-{task:02d}", **given)  # type: ignore[arg-type]


def population(tasks: int = TASKS, **more: object) -> tuple[Account, ...]:
    draw = random.Random(7)
    return tuple(account(task, draw, **more) for task in range(tasks))  # type: ignore[arg-type]


def replayed(accounts: tuple[Account, ...], honoured: int, rolls: int = 4, item: str = "frozen") -> tuple[Untold, ...]:
    """One place of the item in each trial, of whose re-rolls so many honour it."""
    return tuple(Untold(each.model, each.agent, each.trial, item, 20, honoured, rolls) for each in accounts)
