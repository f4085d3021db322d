"""Rows come from the cache where today's judge made them, and are the same when they come from the traces."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.metrics.row import Row
from harness.report.overview import overview
from harness.report.readout import about, rows
from harness.store.sqlite import RunStore
from tests.report.recorded import RUN, TASK, record

TASKS = {TASK.id: TASK}


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return record(tmp_path)


def kept(store: RunStore, judge: str, **fields: object) -> None:
    """Keep the settled trials' rows, changed so that they show where they come from."""
    made = {row.trial: msgspec.json.encode(msgspec.structs.replace(row, **fields)) for row in rows(store, TASKS) if row.outcome != "pending"}
    store.keep_rows(judge, made)


def test_kept_rows_are_what_the_traces_say(store: RunStore) -> None:
    """Through the cache and back nothing is lost; what is not settled is read from its trace."""
    before = rows(store, TASKS, "judge")
    kept(store, "judge")
    assert rows(store, TASKS, "judge") == before
    assert [row.outcome for row in before] == ["passed", "failed", "pending"]


def test_another_judge_reads_for_itself(store: RunStore) -> None:
    """A row kept by another version of the harness says nothing; without a judge none is used."""
    kept(store, "yesterday", host="from the cache")
    assert {row.host for row in rows(store, TASKS, "yesterday")} == {"from the cache", ""}
    assert {row.host for row in rows(store, TASKS, "today")} == {"a-host", ""}
    assert {row.host for row in rows(store, TASKS)} == {"a-host", ""}


def test_a_spoilt_kept_row_is_read_from_its_trace(store: RunStore) -> None:
    """It is a cache: what can't be decoded is made again."""
    store.keep_rows("judge", {"t0001": b"{", "t0002": b'{"trial": 1}'})
    assert [row.host for row in rows(store, TASKS, "judge")] == ["a-host", "a-host", ""]


def test_a_kept_row_needs_no_task(store: RunStore) -> None:
    """What was settled can be reported although its task is gone."""
    kept(store, "judge")
    told: tuple[Row, ...] = rows(store, TASKS, "judge")
    assert len(told) == 3


def test_the_run_tells_about_itself(store: RunStore) -> None:
    """Its facts and those notes that change how figures read."""
    store.note("limit", "10 USD are spent")
    store.note("paid", "0.1")
    told = about(store)
    assert (told.run, told.name, told.created[:10], told.harness, told.notes) == (RUN, "nightly", "2026-01-01", "0.1.0 h", (("limit", "10 USD are spent"),))


def test_what_was_chosen_for_a_night_is_told(store: RunStore) -> None:
    """A rate over a part of the plan says so."""
    store.keep("chosen", '{"hours":8.0,"tasks":["a","b"],"of_tasks":40,"attempts":2,"of_attempts":3,"seed":0,"fits":true}')
    assert overview(about(store), ()).warnings[-1] == "for 8 hours 2 of 40 tasks and 2 of 3 attempts of the plan were chosen"
