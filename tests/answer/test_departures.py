"""What a night was not run with as its baseline was, by the name under which it may be accepted."""

from __future__ import annotations

import msgspec
import pytest

from harness.answer.night.departures import departures, mixed
from harness.answer.side import Identity, Who, sides
from harness.core.chat import Sampling
from harness.core.facts import Window
from harness.metrics.environment import Environment
from harness.metrics.row import Row, RowDigests
from tests.answer.laid import FACTS, LIMITS, MODEL, a_night, suite

REPLACE = msgspec.structs.replace
TASKS = suite(3)


def identity(rows: tuple[Row, ...]) -> Identity:
    """Of the one side there."""
    (side,) = sides(("r", row) for row in rows)
    assert side.who == Who(MODEL, "coder")
    return side.identity


THEN = identity(a_night(TASKS))


def environment(**fields: object) -> Environment:
    return REPLACE(Environment("0.1.0 sha256:h", LIMITS, 7, FACTS), **fields)


CHANGED = {
    "model": a_night(TASKS, facts=REPLACE(FACTS, digest="sha256:bbbb")),
    "server": a_night(TASKS, facts=REPLACE(FACTS, server_version="0.10")),
    "window": a_night(TASKS, window=Window(None, 16384)),
    "sampling": a_night(TASKS, facts=REPLACE(FACTS, sampling=Sampling(temperature=0.2))),
    "thinking": a_night(TASKS, thinking=""),
    "prompts": a_night(TASKS, digests=RowDigests("", "", "sha256:other", "sha256:u", "")),
    "tools": a_night(TASKS, digests=RowDigests("", "", "sha256:p", "sha256:other", "")),
    "limits": a_night(TASKS, environment=environment(limits='{"turns":20}')),
    "harness": a_night(TASKS, environment=environment(harness="0.2.0 sha256:i")),
}
"""Name -> a night in which that alone differs."""


@pytest.mark.parametrize("name", CHANGED)
def test_each_thing_departs_under_its_own_name(name: str) -> None:
    """One name for one thing, with what was and what is."""
    now = REPLACE(identity(CHANGED[name]), tasks=THEN.tasks)
    (found,) = departures(THEN, now, THEN.tasks)
    assert found.name == name
    assert found.then != found.now


def test_quantisation_on_loading_is_another_model() -> None:
    """The same digest served at another precision departs as the model."""
    now = identity(a_night(TASKS, facts=REPLACE(FACTS, quantisation="Q8_0")))
    assert [found.name for found in departures(THEN, now, TASKS)] == ["model"]


def test_what_changes_nothing_is_no_departure() -> None:
    """Seeds of the sampling, where its values come from, and the money left of a run differ every night."""
    told = REPLACE(FACTS, sampling=REPLACE(FACTS.sampling, seed=99, origin="plan"))
    assert departures(THEN, identity(a_night(TASKS, facts=told, environment=environment(model=told, limits='{"turns":150,"cost_usd":0.5}'))), TASKS) == ()


def test_tasks_that_changed_or_went_are_named() -> None:
    """A task of another digest and one that is not planned any more depart; one that merely waits does not, and a new one neither."""
    now = identity(a_night({"task-00": "p", "task-09": "p"}, digests=RowDigests("sha256:new", "", "sha256:p", "sha256:u", "")))
    changed, gone = departures(THEN, now, ("task-00", "task-01", "task-09"))
    assert (changed.name, changed.tasks) == ("tasks", ("task-00",))
    assert (gone.name, gone.tasks) == ("tasks", ("task-02",))
    assert "task-02" in gone.sentence


def test_limits_are_told_by_name() -> None:
    """Only those that differ, not two long texts."""
    (found,) = departures(THEN, identity(CHANGED["limits"]), TASKS)
    assert (found.then, found.now) == ("turns 150", "turns 20")


def test_a_night_that_tells_nothing_departs_from_nothing() -> None:
    """Where every trial broke before a model opened, there is no telling."""
    silent = a_night(suite(3, "b"), thinking="", window=Window(), environment=Environment("0.1.0 sha256:h"), digests=RowDigests("", "", "", "", ""))
    assert departures(THEN, REPLACE(identity(silent), tasks=THEN.tasks), TASKS) == ()


def test_a_run_that_changed_under_way_is_mixed() -> None:
    """Two models in one side are told, and so is one task under two digests."""
    rows = (*a_night(TASKS), *a_night({"task-00": "p"}, facts=REPLACE(FACTS, digest="sha256:bbbb"), digests=RowDigests("sha256:new", "", "", "", "")))
    assert [found.name for found in mixed(identity(rows))] == ["model", "tasks"]
    assert mixed(THEN) == ()
