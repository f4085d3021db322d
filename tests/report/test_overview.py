"""Every figure of an overview, worked out by hand from the rows it is made of."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harness.core.agent import Stop
from harness.core.facts import ModelFacts, Window
from harness.metrics.environment import Environment
from harness.metrics.row import RowDigests, Seconds, Tokens
from harness.report.overview import About, overview
from tests.cli.rows import a_row
from tests.report.runs import FORK, HOSTED, LOCAL, a_run, some_rows


def test_planned_is_the_sum_of_what_became_of_it() -> None:
    """In the whole and in every cell."""
    told = a_run()
    for each in (told.counts, *(cell.counts for cell in told.cells)):
        assert each.planned == each.passed + each.failed + each.broken + each.invalid + each.pending
    assert (told.counts.planned, told.counts.broken, told.counts.invalid, told.counts.pending) == (18, 1, 1, 1)
    assert [(cell.model, cell.agent) for cell in told.cells] == [(HOSTED, "coder"), ("none", "oracle"), (LOCAL, "coder")]


def test_a_rate_is_the_mean_over_tasks_with_its_bounds_around() -> None:
    """task-0: 2 of 2, task-1: 0 of 1 and one broken, task-2: 0 of 1: a third; had the broken one passed or failed, a half or a third."""
    cell = a_run().cells[2]
    assert (cell.tasks, cell.rate, cell.worst, cell.best) == (3, pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(0.5))
    assert cell.interval is not None
    assert cell.interval.low < 1 / 3 < cell.interval.high
    assert cell.judged is False
    assert [(each.k, each.tasks) for each in cell.at_k] == [(1, 3), (2, 1)]


@pytest.mark.parametrize("reason", ["disputed", "suspicious"])
def test_a_doubtful_trial_widens_the_bounds_and_is_a_warning(reason: str) -> None:
    """Whether it was called passed or failed."""
    rows = (a_row(trial="t1"), a_row(trial="t2", task="b", outcome="failed", reason=reason))
    told = overview(About("r"), rows)
    assert (told.cells[0].rate, told.cells[0].worst, told.cells[0].best) == (0.5, 0.5, 1.0)
    assert next(caution for caution in told.cautions if caution.kind == reason).trials == ("t2",)


def test_sizes_time_money_and_speed_are_sums_of_the_rows() -> None:
    """Quartiles by outcome; seconds by who spent them; USD by what was paid for; tokens per second by the server's clock."""
    hosted, _, local = a_run().cells
    failed = next(each for each in local.by_outcome if each.outcome == "failed")
    assert (failed.n, failed.turns.q1, failed.turns.median, failed.turns.q3) == (2, 22.5, 25.0, 27.5)
    assert failed.fill is not None
    assert failed.fill.largest == pytest.approx(3000 / 32768)
    assert (local.time.prefill, local.time.decode, local.time.model_other, local.time.tool) == (150.0, 300.0, 150.0, 75.0)
    assert (hosted.time.prefill, hosted.time.model_other, local.time.total) == (0.0, 840.0, 705.0)
    assert (local.speed.prefill, local.speed.decode, local.speed.overall) == (500.0, 50.0, 25.0)
    assert (hosted.speed.prefill, hosted.speed.decode, hosted.speed.overall) == (None, None, 25.0)
    assert hosted.cost is not None
    assert (hosted.cost.total, hosted.cost.lost, hosted.cost.per_pass) == (pytest.approx(3.6), 1.5, pytest.approx(0.9))
    assert local.cost is None


@pytest.mark.parametrize(("model", "speed"), [("scripted/demo", None), ("simulated/logistic-d50=3000-slope=3", None), ("ollama/simulated", 25.0)])
def test_what_no_model_stands_behind_has_no_speed(model: str, speed: float | None) -> None:
    """A script's pace is none of a model's: its seconds are told and no tokens per second, whatever it says that it wrote."""
    row = a_row(model=model, tokens=Tokens(1000, 0, 250, None), seconds=Seconds(10.0, None, None, 1.0, 1.0, 0.0, 1.0))
    (cell,) = overview(About("r"), (row,)).cells
    assert cell.time.model_other == 10.0
    assert (cell.speed.prefill, cell.speed.decode, cell.speed.overall) == (None, None, speed)


def test_every_stop_has_its_count_and_they_add_up() -> None:
    """Zeros, too; a pending trial has no end."""
    told = dict(a_run().cells[2].stops)
    assert set(told) == {*(stop.value for stop in Stop), "none"}
    assert (sum(told.values()), told["turns"], told["none"], told["gave_up"]) == (6, 1, 1, 0)


def test_tool_calls_are_told_by_model_and_blame() -> None:
    """Agents that ask no model are no model's health."""
    hosted, local = a_run().health
    assert (hosted.model, hosted.trials, hosted.replies) == (HOSTED, 6, 210)
    assert (hosted.calls, hosted.well_formed, hosted.failed, hosted.malformed_model, hosted.leaked) == (228, 222, 12, 6, 6)
    assert local.model == LOCAL


def test_the_grid_has_a_mark_for_every_trial() -> None:
    """Task by combination, by attempt, each with its id."""
    told = a_run()
    assert [row.task for row in told.grid] == ["task-0", "task-1", "task-2"]
    marks = [mark for row in told.grid for place in row.marks for mark in place]
    assert {mark.trial for mark in marks} == {row.trial for row in told.rows}
    assert [(mark.attempt, mark.outcome, mark.reason) for mark in told.grid[1].marks[2]] == [(1, "failed", "wrong"), (2, "broken", "sandbox")]


def test_the_environment_names_each_thing_once() -> None:
    """What never began says nothing; seeds are one per attempt at a task."""
    told = a_run().environment
    assert [(each.model, each.trials, each.window.granted) for each in told.models] == [(LOCAL, 5, 32768), (HOSTED, 6, 65536)]
    assert [(each.task, each.trials) for each in told.tasks] == [("task-0", 6), ("task-1", 6), ("task-2", 5)]
    assert len(told.seeds) == 6
    assert [(each.word, each.trials) for each in told.limits] == [('{"turns":150}', 17)]
    assert (told.machines[0].machine.pids, told.hosts[0].word, told.harnesses[0].word) == (512, "a-host", "0.1.0 sha256:h")


def environment(**facts: Any) -> Environment:
    return Environment("h", model=ModelFacts("k", "m", **facts))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"window": Window(100, 90)}, "smaller_window"),
        ({"environment": environment(on_gpu=0.4)}, "offload"),
        ({"environment": environment(on_gpu=0.0)}, "offload"),
        ({"flags": ("thinking dropped by the server",)}, "thinking_dropped"),
        ({"flags": ("code left the machine",)}, "remote"),
        ({"flags": ("weaker sandbox",)}, "weaker_sandbox"),
        ({"flags": ("truncation not excluded",)}, "truncation"),
        ({"flags": ("reward by script",)}, "reward_by_script"),
        ({"flags": ("a word of later days",)}, "flag"),
        ({"flags": ("unvalidated",)}, "unvalidated"),
        ({"oracle": False}, "unvalidated"),
        ({"flags": ("suspicious",)}, "suspicious"),
        ({"parent": FORK}, "forks"),
        ({"parent": FORK, "origin": "continued"}, "continued"),
    ],
)
def test_what_changes_how_to_read_the_numbers_is_a_warning(fields: dict[str, Any], kind: str) -> None:
    """Each names the trials it concerns, and stands beside nothing else but that tasks are few."""
    plain = tuple(a_row(trial=f"t{number}", task=f"task-{number}") for number in range(10))
    assert overview(About("r"), plain).cautions == ()
    told = overview(About("r"), (*plain, msgspec.structs.replace(plain[0], trial="t10", task="task-10", **fields)))
    assert [(caution.kind, caution.trials) for caution in told.cautions] == [(kind, ("t10",))]


def test_what_is_whole_is_no_warning() -> None:
    """A model wholly on the GPU, one that does not tell, and a window as asked."""
    rows = (a_row(environment=environment(on_gpu=1.0), window=Window(100, 100)), a_row(trial="t2", environment=environment(), window=Window(None, 90)))
    assert [caution.kind for caution in overview(About("r"), rows).cautions] == ["few_tasks"]


def test_above_five_percent_broken_there_is_no_verdict() -> None:
    """One of twenty is a verdict, two are none."""
    rows = tuple(a_row(trial=f"t{number}", task=f"task-{number}") for number in range(20))
    broken = {number: msgspec.structs.replace(rows[number], outcome="broken", reason="model") for number in (0, 1)}
    one, two = overview(About("r"), (broken[0], *rows[1:])), overview(About("r"), (broken[0], broken[1], *rows[2:]))
    assert (one.cells[0].judged, two.cells[0].judged) == (True, False)
    assert [caution.kind for caution in (*one.cautions, *two.cautions)] == ["broken"]
    assert two.warnings[0] == "10 % of coder x m/x broke, above 5 %: no rate is given"


def test_trials_that_have_told_nothing_do_not_dilute_what_broke() -> None:
    """One of two that ended is half, however many are pending or invalid."""
    kinds = ("passed", "broken", *["pending"] * 30, *["invalid"] * 30)
    rows = tuple(a_row(trial=f"t{number}", task=f"task-{number}", outcome=kind) for number, kind in enumerate(kinds))
    told = overview(About("r"), rows)
    assert told.cells[0].judged is False
    assert told.warnings[0].startswith("50 % of ")


def test_a_trial_that_never_met_its_model_changed_nothing() -> None:
    """Its server was gone before it could tell its digest, and that is no other model."""
    met, unmet = (a_row(trial=f"t{number}", task=f"task-{number}", digests=RowDigests("d", "", "", "", digest)) for number, digest in enumerate(("sha256:m", "")))
    assert "mixed_model" not in {caution.kind for caution in overview(About("r"), (met, unmet)).cautions}


def test_what_changed_under_way_is_said() -> None:
    """Another model behind the same name, another harness, a change that the user accepted, a limit of the run."""
    rows = tuple(
        msgspec.structs.replace(row, digests=msgspec.structs.replace(row.digests, model=row.trial)) if row.trial in ("t0001", "t0004") else row
        for row in some_rows()
    )
    notes = (("limit", "10 USD are spent"), ("accepted", '{"field":"limits.turns","then":"150","now":"200"}'), ("accepted", "words"))
    told = overview(About("r", notes=notes), rows)
    assert {"mixed_model", "limit", "changed"} <= {caution.kind for caution in told.cautions}
    assert "limits.turns changed while the run was under way, from 150 to 200" in told.warnings


def test_tries_and_origins_are_counted() -> None:
    """A continued trial has a parent, and is no fork."""
    rows = (
        a_row(tries=3, origin="restarted"), a_row(trial="t2", tries=2, origin="continued", parent=FORK), a_row(trial="t3", parent=FORK), a_row(trial="t4"),
    )  # fmt: skip
    made = overview(About("r"), rows).origins
    assert (made.tries, made.retried, made.restarted, made.continued, made.forks) == (7, 2, 1, 1, 1)


def test_a_run_without_rows_has_an_overview() -> None:
    """Nothing planned is nothing wrong."""
    told = overview(About("r"), ())
    assert (told.counts.planned, told.cells, told.grid) == (0, (), ())
