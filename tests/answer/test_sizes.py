"""How large a trial is taken to be: the nearest basis first, and figures that can be reckoned by hand."""

from __future__ import annotations

import pytest

from harness.answer.outlook.sizes import (
    FIRST,
    GROWS,
    TURNS,
    WRITES,
    Cell,
    Past,
    Sought,
    assumed,
    at_speed,
    pools,
    recorded,
)
from harness.core.facts import ModelFacts, Price
from harness.core.measured import Measured
from harness.core.trial import Parent
from harness.metrics.environment import Environment
from harness.metrics.money import Money
from harness.metrics.row import Row, RowDigests, Seconds, Tokens
from tests.cli.rows import a_row

PRICE = Price("2026-01-01", 10.0, 50.0, 1.0, 12.5)
SERVER = "http://127.0.0.1:11434"
MINE = Cell("coder", "ollama/q", "sha256:q", SERVER, "on", measured=Measured(prefill=1000.0, decode=50.0))


def past_row(task: str, digest: str = "sha256:q", server: str = SERVER, **fields: object) -> Row:
    """A trial of 30 s at the model and 12 elsewhere."""
    given: dict[str, object] = {
        "model": "ollama/q", "thinking": "on", "digests": RowDigests(f"sha256:{task}", "", "", "", digest), "task": task,
        "environment": Environment("h", "{}", 7, ModelFacts("ollama", "q", server=server, digest=digest)),
        "seconds": Seconds(30.0, 10.0, 20.0, 5.0, 4.0, 99.0, 3.0), "tokens": Tokens(50_000, 0, 1000, None), "peak_prompt": 8000,
    }  # fmt: skip
    return a_row(**(given | fields))


def test_the_nearest_basis_is_taken() -> None:
    """This model on this task, on other tasks, other models on this task at its speeds, else what is assumed; a trial that broke or forked is none."""
    past = Past([
        past_row("one"), past_row("two", digest="sha256:other"), past_row("three", outcome="broken"),
        past_row("three", parent=Parent("r", "t0001", 1, 3, "short")), past_row("four", thinking="off"), past_row("one", server="elsewhere"),
    ])  # fmt: skip
    names = [Sought(f"sha256:{name}") for name in ("one", "two", "three")]
    same, other, third = pools(MINE, names, past, 150)
    assert (same.basis, other.basis, third.basis) == ("same", "model", "model")
    assert same.sizes == other.sizes == (recorded(past_row("one"), MINE),)
    assert same.mean.model_s == 30
    assert same.mean.other_s == 12, "waiting is nobody's"
    stranger = Cell("coder", "ollama/new", "sha256:new", SERVER, "on", measured=MINE.measured)
    assert [pool.basis for pool in pools(stranger, names, past, 150)] == ["speeds", "speeds", "assumed"]
    assert [pool.basis for pool in pools(Cell("oracle", "none", asks=False), names, past, 150)] == ["assumed"] * 3


def test_a_tier_borrows_of_no_other() -> None:
    """Trials of small staged tasks tell nothing of large ones, nor of tasks that are not staged; those of the tier do, whatever its dials."""
    rows = [past_row("one", task_source="staged:S,family=T1"), past_row("two", task_source="staged: S ,seed=3")]
    words = ["staged:L,family=T1,count=10", "staged:S,family=T6#T6-*", "bundled", "staged:S"]
    asked = [Sought(f"sha256:{word}", word) for word in words]
    found = pools(MINE, asked, Past(rows), 150)
    assert [(pool.basis, len(pool.sizes)) for pool in found] == [("assumed", 1), ("model", 2), ("assumed", 1), ("model", 2)]
    assert [pool.basis for pool in pools(MINE, asked, Past([past_row("one")]), 150)] == ["assumed", "assumed", "model", "assumed"]
    assert pools(MINE, [Sought("sha256:one", "staged:L")], Past(rows), 150)[0].basis == "same", "the task itself, whatever it was made by"


def test_other_trials_at_this_models_speed() -> None:
    """The largest prompt is read once and the rest comes from the cache; what a server said of its cache holds."""
    assert at_speed(past_row("one"), MINE).model_s == pytest.approx(8000 / 1000 + 1000 / 50)
    assert at_speed(past_row("one", tokens=Tokens(50_000, 45_000, 1000, None)), MINE).model_s == pytest.approx(5000 / 1000 + 1000 / 50)


def test_what_is_assumed_can_be_reckoned() -> None:
    """Turns, tokens and speeds as they are said; no more turns than the plan allows; grading as the reference solution took."""
    fresh = FIRST + (TURNS - 1) * (GROWS + WRITES)
    assert assumed(MINE, 150).model_s == pytest.approx(fresh / 1000 + TURNS * WRITES / 50)
    assert assumed(MINE, 1).model_s == pytest.approx(FIRST / 1000 + WRITES / 50)
    slow = Cell("coder", "ollama/q", "sha256:q", SERVER)
    assert assumed(slow, 150).model_s > assumed(MINE, 150).model_s
    assert assumed(MINE, 150).usd is None, "a local price is not 0"
    oracle = past_row("one", agent="oracle", model="none", seconds=Seconds(0, None, None, 1.0, 2.0, 0.0, 3.0))
    assert assumed(Cell("idle", "none", asks=False), 150, [oracle]).other_s == 6.0
    assert all(assumed(Cell("coder", model), 150).model_s < 0.001 for model in ("scripted/demo", "simulated/never"))


def test_money_is_as_it_was_paid_or_at_todays_price() -> None:
    """With the same price what was paid, lost tries included; with another the tokens again; without one nothing is said."""
    facts = ModelFacts("claude", "c", price=PRICE)
    row = past_row("one", digest="", model="claude/c", environment=Environment("h", "{}", 7, facts), cost_usd=0.5, money=Money(0.3, 0.0, 0.0, 0.2, 0.1))
    cell = Cell("coder", "claude/c", hosted=True, price=PRICE)
    assert recorded(row, cell).usd == pytest.approx(0.6)
    dearer = Cell("coder", "claude/c", hosted=True, price=Price("2026-06-01", 20.0, 100.0, 2.0, 25.0))
    assert recorded(row, dearer).usd == pytest.approx((8000 * 25 + 42_000 * 2 + 1000 * 100) / 1e6)
    assert recorded(row, MINE).usd is None
