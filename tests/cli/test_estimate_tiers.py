"""An estimate of staged tasks: trials of one tier stand for no other."""

from __future__ import annotations

import msgspec

from harness.answer.outlook.forecast_words import short
from harness.cli.preparing.prelude import Met
from tests.cli.test_estimate import LOCAL, a_met, rows, told


def _staged(met: Met, word: str) -> Met:
    """With other tasks, of that source."""
    tasks = (msgspec.structs.replace(task, digest=f"sha256:o{task.id}", provenance=msgspec.structs.replace(task.provenance, source=word)) for task in met.tasks)
    return msgspec.structs.replace(met, tasks=tuple(tasks))


def test_tiers_that_nobody_measured_are_named() -> None:
    """Earlier trials of small staged tasks stand for no large ones: the sizes are assumed, and a note says of which tier."""
    met = a_met(12, models=(LOCAL,))
    past = [msgspec.structs.replace(row, task_source="staged:S") for row in rows(met, LOCAL, 3.0)]
    found = told(_staged(met, "staged:L,family=T1"), past)
    assert [rest.basis for rest in found.cells[0].bases] == ["assumed"]
    assert "no earlier trial of it on tasks of staged:L" in " ".join(short(found))
    again = told(_staged(met, "staged:S,family=T1"), past)
    assert [(rest.basis, rest.past) for rest in again.cells[0].bases] == [("model", 36)]
    assert "staged:" not in " ".join(short(again))
