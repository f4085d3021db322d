"""rows -> Overview: every figure of page, text, JSON, JUnit, summary and charts, so that none of them can say another number."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.metrics.row import Row
from harness.report.cautions import Caution, cautions, forked, noted
from harness.report.cells import Cell, cells
from harness.report.health import Health, health
from harness.report.summary import Counts, counts
from harness.report.surroundings import Surroundings, surroundings


class About(msgspec.Struct, frozen=True):
    """The run as its store has it: times as ISO text ("" when it has not finished), `plan` as JSON text, `notes` (kind, words) in order."""

    run: str
    name: str = ""
    created: str = ""
    finished: str = ""
    harness: str = ""
    host: str = ""
    plan: str = ""
    notes: tuple[tuple[str, str], ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """One trial in the grid."""

    trial: str
    attempt: int
    outcome: str
    reason: str


class GridRow(msgspec.Struct, frozen=True):
    """A task: `marks[i]` are its trials in `Overview.cells[i]`, by attempt."""

    task: str
    marks: tuple[tuple[Mark, ...], ...]


class Origins(msgspec.Struct, frozen=True):
    """Trials by how they came about. `tries`: all that were begun; `retried`: trials with more than one."""

    tries: int
    retried: int
    restarted: int
    continued: int
    forks: int


class Overview(msgspec.Struct, frozen=True):
    """Rates, shares and bounds in 0..1, times in seconds, money in USD; None where nothing was told."""

    about: About
    counts: Counts
    cautions: tuple[Caution, ...]
    cells: tuple[Cell, ...]
    grid: tuple[GridRow, ...]
    health: tuple[Health, ...]
    origins: Origins
    environment: Surroundings
    rows: tuple[Row, ...]

    @property
    def run(self) -> str:
        return self.about.run

    @property
    def warnings(self) -> tuple[str, ...]:
        """The cautions as sentences."""
        return tuple(caution.text for caution in self.cautions)


def overview(about: About, rows: Sequence[Row], *, curve: bool = True) -> Overview:
    """All of a run's rows, pending ones included, in plan order. `curve`: every k of pass@k, whose intervals cost a second in a large run."""
    held = tuple(rows)
    made = cells(held, curve=curve, cutoffs=_cutoffs(about.plan))
    told = (*cautions(held, made), *noted(about.notes))
    return Overview(about, counts(held), told, made, _grid(held, made), health(held), _origins(held), surroundings(held), held)


class _Model(msgspec.Struct):
    use: str = ""
    cutoff: str = ""


class _Plan(msgspec.Struct):
    models: tuple[_Model, ...] = ()


def _cutoffs(plan: str) -> dict[str, str]:
    """What each model states, as the plan has it."""
    held = msgspec.json.decode(plan, type=_Plan) if plan else _Plan()
    return {model.use: model.cutoff for model in held.models if model.cutoff}


def _grid(rows: tuple[Row, ...], made: tuple[Cell, ...]) -> tuple[GridRow, ...]:
    places = {(cell.model, cell.agent, cell.variant): index for index, cell in enumerate(made)}
    found: dict[str, list[list[Mark]]] = {}
    for row in rows:
        line = found.setdefault(row.task, [[] for _ in made])
        line[places[row.model, row.agent, row.variant]].append(Mark(row.trial, row.attempt, row.outcome, row.reason))
    return tuple(GridRow(task, tuple(tuple(sorted(marks, key=_order)) for marks in line)) for task, line in found.items())


def _order(mark: Mark) -> tuple[int, str]:
    return (mark.attempt, mark.trial)


def _origins(rows: tuple[Row, ...]) -> Origins:
    return Origins(
        sum(row.tries for row in rows), sum(row.tries > 1 for row in rows), sum(row.origin == "restarted" for row in rows),
        sum(row.origin == "continued" for row in rows), sum(map(forked, rows)),
    )  # fmt: skip
