"""Rows made by hand for pages of answers: models of a stated skill at tasks of a drawn difficulty, the same for ever; nobody's figures."""

from __future__ import annotations

import random

import msgspec

from harness.answer.compare.compared import Wish, answered
from harness.answer.compare.comparison import Answer
from harness.answer.compare.question import Known, ask
from harness.answer.night.gate import Tonight
from harness.answer.night.nights import Trend
from harness.answer.night.trend import Entry, trend
from harness.answer.side import sides
from harness.core.facts import ModelFacts, Window
from harness.metrics.environment import Environment
from harness.metrics.money import Money
from harness.metrics.row import Calls, Row, RowDigests, Seconds, Tokens
from harness.plan import FRESH

RUN = "20260102-220000-cafe"
SEED = 7
WORK = ("rename", "split", "cache", "parser", "retry", "schema", "paging", "locale", "queue", "export")
PLACES = ("ledger", "weather", "scheduler", "mailer", "billing")
REASONS = ("wrong", "wrong", "wrong", "empty", "limit_turns", "window")


class Player(msgspec.Struct, frozen=True):
    """`skill` is added to a task's ease, both about -1..1; `seconds`, `usd` (None for a local model): of a usual trial.

    `broken`, `disputed`: shares of the trials.
    """

    model: str
    skill: float
    seconds: float
    usd: float | None = None
    window: int = 32_768
    broken: float = 0.0
    disputed: float = 0.0


LOCAL = Player("ollama/made-27b:q4", -0.13, 420.0, broken=0.02, disputed=0.01)
HOSTED = Player("claude/made-large", 0.16, 150.0, 0.62)
MEDIUM = Player("openai/made-medium", 0.05, 260.0, 0.09)
SMALL = Player("ollama/made-8b:q8", -0.30, 190.0)
SAME = Player("ollama/made-27b:q8", -0.12, 610.0)


def rows(players: tuple[Player, ...], tasks: int, attempts: int, seed: int = SEED) -> tuple[Row, ...]:
    """In plan order: task by task, model by model. Tasks are as easy for every `seed`; many are trivial or out of reach, as in the field."""
    easing, drawn = random.Random(SEED), random.Random(seed)
    names = [f"{place}-{work}" for work in WORK for place in PLACES] + [f"task-{number:03d}" for number in range(tasks)]
    ease = {name: easing.choice((-1.2, -0.3, 0.0, 0.3, 1.2)) + easing.uniform(-0.3, 0.3) for name in names[:tasks]}
    keys = [(task, player, attempt) for task in ease for player in players for attempt in range(1, attempts + 1)]
    return tuple(_row(f"t{number:04d}", task, player, attempt, ease[task], drawn) for number, (task, player, attempt) in enumerate(keys, 1))


def _row(short: str, task: str, player: Player, attempt: int, ease: float, drawn: random.Random) -> Row:
    outcome, reason = _ended(player, ease, drawn)
    size = drawn.lognormvariate(0.0, 0.35) * (1.5 if outcome == "failed" else 1.0)
    kind, _, name = player.model.partition("/")
    window = Window(player.window, player.window)
    facts = ModelFacts(kind, name, digest=f"sha256:{player.model}", window=window)
    turns = round(24 * size)
    return Row(
        short, task, "coder", player.model, "", attempt, 1, outcome, reason, "answered", (), (), None, None, None, (), "2026-01-01", "made by hand", (),
        oracle=True, turns=turns,
        calls=Calls(ok=turns), tokens=Tokens(round(9_000 * size * turns / 4), 0, round(420 * turns), None),
        cost_usd=None if player.usd is None else round(player.usd * size, 4), seconds=Seconds(player.seconds * size, None, None, 30 * size, 1.0, 0.0, 6.0),
        window=window, thinking="", digests=RowDigests(f"sha256:{task}", "", "sha256:p", "sha256:t", facts.digest), host="nowhere",
        money=None if player.usd is None else _money(player.usd * size), environment=Environment("0.1 sha256:h", '{"turns": 100}', attempt, facts),
    )  # fmt: skip


def _ended(player: Player, ease: float, drawn: random.Random) -> tuple[str, str]:
    end, passes = drawn.random(), drawn.random() < min(0.98, max(0.02, 0.5 + ease + player.skill))
    if end < player.broken:
        return "broken", "model"
    if end < player.broken + player.disputed:
        return "failed", "disputed"
    return ("passed", "solved") if passes else ("failed", drawn.choice(REASONS))


def _money(usd: float) -> Money:
    return Money(*(usd * share for share in (0.3, 0.4, 0.1, 0.2, 0.0)))


def answer(players: tuple[Player, ...], tasks: int = 40, attempts: int = 3, **wish: object) -> Answer:
    """Of one run in which all of them took part."""
    known = Known(sides((RUN, row) for row in rows(players, tasks, attempts)), {})
    named = (players[0].model, players[1].model) if len(players) == 2 else ("", "")
    question = ask(known, *named)
    return answered(question, Wish(**{"k": attempts, **wish}))  # type: ignore[arg-type]


def nights(count: int = 12, tasks: int = 30, broken: int = 5) -> Trend:
    """One side, fresh seeds beside it. The `broken`th night breaks; from the seventh on the server is another one; the last two are worse."""
    made = [_night(number, tasks, broken=number == broken, worse=number > count - 2) for number in range(1, count + 1)]
    return trend([Entry(night, f"runs/{number}") for number, night in enumerate(made, 1)], None, 0.10)


def _night(number: int, tasks: int, *, broken: bool, worse: bool) -> Tonight:
    player = msgspec.structs.replace(LOCAL, skill=-0.24 if worse else 0.1, broken=0.12 if broken else 0.0)
    server, weights = "0.9.1" if number >= 7 else "0.9.0", "sha256:" + ("b" if worse else "a") * 64
    fixed, fresh = (rows((player,), tasks, 3, seed) for seed in (SEED + number, 100 + number))
    held = (*(_as(row, "", server, weights) for row in fixed), *(_as(row, FRESH, server, weights) for row in fresh))
    named = tuple(msgspec.structs.replace(row, trial=f"t{place:04d}") for place, row in enumerate(held, 1))
    return Tonight(f"202601{number:02d}-220000-cafe", "nightly", f"2026-01-{number:02d}T22:00:00+00:00", SEED, named)


def _as(row: Row, variant: str, server: str, weights: str) -> Row:
    facts = row.environment.model
    assert facts is not None
    seen = msgspec.structs.replace(facts, server_version=server, digest=weights)
    return msgspec.structs.replace(row, variant=variant, environment=msgspec.structs.replace(row.environment, model=seen))
