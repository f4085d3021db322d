"""Rates told apart by the model's cutoff and by the clock, and drafts that stand outside all rates."""

from __future__ import annotations

import msgspec
import pytest

from harness.report.cells import cells
from harness.report.markdown import markdown
from harness.report.overview import About, overview
from harness.report.strata import by_clock, by_cutoff, side
from tests.cli.rows import a_row

MODEL = "ollama/m"
PLAN = '{"models":[{"use":"ollama/m","cutoff":"2025-06"}]}'


def rows(*given: dict[str, object]) -> tuple:
    return tuple(a_row(**{"trial": f"t{number:04d}", "task": f"task-{number}", "model": MODEL, "tries": 1, **each}) for number, each in enumerate(given, 1))


PASSED, FAILED = {"outcome": "passed", "reason": "solved"}, {"outcome": "failed", "reason": "wrong"}


@pytest.mark.parametrize(
    ("created", "cutoff", "name"),
    [
        ("2024-01-31", "2025-06", "before"), ("2025-06-30", "2025-06", "before"), ("2025-07", "2025-06", "after"), ("2025-06", "2025-06-15", "before"),
        ("2025-06-16", "2025-06-15", "after"), ("", "2025-06", "unknown"), ("2025-07", "", "unknown"), ("some day", "2025-06", "unknown"),
    ],
)  # fmt: skip
def test_what_may_have_been_read_counts_as_before(created: str, cutoff: str, name: str) -> None:
    """The benefit of the doubt goes to contamination, never to the model."""
    assert side(created, cutoff) == name


def test_rates_are_split_by_the_cutoff_that_the_plan_states() -> None:
    """Three strata with their own rates; none where no model states a cutoff."""
    held = rows(PASSED | {"task_created": "2024-05"}, FAILED | {"task_created": "2026-01-02"}, FAILED | {"task_created": ""})
    told = overview(About("r", plan=PLAN), held)
    assert [(each.name, each.trials, each.rate) for each in told.cells[0].by_cutoff] == [("before", 1, 1.0), ("after", 1, 0.0), ("unknown", 1, 0.0)]
    assert "| before | after | unknown |" in markdown(told)
    assert by_cutoff(held, {}) == ()


def test_passes_are_counted_by_the_clock_of_the_whole_work() -> None:
    """The same trials under 15 minutes, an hour, no clock, and the task's own; () where no task has one."""
    held = rows(PASSED | {"clock_s": 600.0, "official_s": 300.0}, PASSED | {"clock_s": 1800.0, "official_s": 3600.0}, FAILED | {"clock_s": 1.0, "official_s": 60.0})
    assert [(each.name, each.passed, each.trials) for each in by_clock(held)] == [("15 min", 1, 3), ("1 h", 2, 3), ("unlimited", 2, 3), ("official", 1, 3)]
    assert by_clock(rows(PASSED)) == ()


def test_a_draft_counts_as_a_trial_and_in_no_rate() -> None:
    """planned still adds up; the rate is that of accepted tasks alone, and a caution names the others."""
    held = rows(PASSED, FAILED | {"draft": True})
    (cell,) = cells(held)
    assert (cell.counts.planned, cell.rate, cell.best, cell.worst) == (2, 1.0, 1.0, 1.0)
    told = overview(About("r"), held)
    assert [each.trials for each in told.cautions if each.kind == "draft"] == [("t0002",)]
    assert msgspec.json.decode(msgspec.json.encode(told))["cells"][0]["counts"]["failed"] == 1
