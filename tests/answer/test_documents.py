"""Every field that a baseline, a gate or a trend writes is in docs/json.md, and every name that may be accepted in docs/gate.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.answer.night.baseline import Baseline, BaselineRun
from harness.answer.night.departures import NAMES, Departure
from harness.answer.night.gate import Accepted, Against, Gate
from harness.answer.night.judging import Judged, Rate, TaskThen, Trial
from harness.answer.night.nights import Damaged, Line, Night, Point, Trend, Turning
from harness.answer.night.sheets import Ends, Sheet
from harness.answer.side import Identity, Who
from harness.metrics.statistics.stratified import Change

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORDS = (
    Baseline, BaselineRun, Sheet, Ends, Identity, Who, Gate, Against, Accepted, Judged, Rate, TaskThen, Trial, Change, Trend, Night, Line, Point, Turning, Damaged, Departure,
)  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_documented(record: type) -> None:
    """Under the name it has in JSON."""
    text = (DOCS / "json.md").read_text("utf-8")
    assert not [name for name in record.__struct_encode_fields__ if f"`{name}`" not in text]  # type: ignore[attr-defined]


def test_every_name_that_may_be_accepted_is_documented() -> None:
    """In the table of what has to be alike."""
    text = (DOCS / "gate.md").read_text("utf-8")
    assert not [name for name in NAMES if f"`{name}`" not in text]
