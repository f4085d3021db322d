"""rows -> Summary: counts, rates with best and worst case, and the warnings that change how to read them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.trial import Outcome
from harness.metrics.row import Row

BROKEN_BOUND = 0.05
"""Above this share of broken trials in a cell no verdict is given."""
FEW_TASKS = 10


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where there is not just one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Counts(msgspec.Struct, frozen=True):
    planned: int
    passed: int
    failed: int
    broken: int
    invalid: int
    pending: int


class Cell(msgspec.Struct, frozen=True):
    """One model under one agent. Rates are over decided trials; None where there are none.

    `best` counts broken, disputed and suspicious trials as passed, `worst` as failed; `judged` is False above 5 % broken.
    """

    model: str
    agent: str
    counts: Counts
    rate: float | None
    best: float | None
    worst: float | None
    judged: bool
    turns: float | None
    tokens: float | None
    cost_usd: float | None
    seconds: float | None
    thinking: str = ""
    """The level the model thought at; several, where trials differ."""


class Summary(msgspec.Struct, frozen=True):
    run: str
    counts: Counts
    cells: tuple[Cell, ...]
    warnings: tuple[str, ...]
    rows: tuple[Row, ...]


def summary(run: str, rows: tuple[Row, ...]) -> Summary:
    """All of a run's rows, pending ones included."""
    pairs = sorted({(row.model, row.agent) for row in rows})
    cells = tuple(_cell(pair, tuple(row for row in rows if (row.model, row.agent) == pair)) for pair in pairs)
    return Summary(run, counts(rows), cells, _warnings(rows), rows)


def counts(rows: Iterable[Row]) -> Counts:
    """Every row is in exactly one of the five."""
    outcomes = [row.outcome for row in rows]
    return Counts(len(outcomes), *(outcomes.count(outcome.value) for outcome in Outcome))


def _cell(pair: tuple[str, str], rows: tuple[Row, ...]) -> Cell:
    told = counts(rows)
    doubtful = sum(row.outcome == "broken" or row.reason in ("disputed", "suspicious") for row in rows)
    decided = told.passed + told.failed
    sure = told.passed - sum(row.outcome == "passed" and row.reason in ("disputed", "suspicious") for row in rows)
    wide = decided + told.broken
    done = [row for row in rows if row.outcome in ("passed", "failed")]
    costs = [row.cost_usd for row in done if row.cost_usd is not None]
    return Cell(
        pair[0], pair[1], told, _share(told.passed, decided), _share(sure + doubtful, wide), _share(sure, wide),
        told.broken <= BROKEN_BOUND * max(1, told.planned),
        _mean([row.turns for row in done]), _mean([row.tokens.input + row.tokens.out for row in done]),
        sum(costs) if costs else None, _mean([row.seconds.model + row.seconds.tool + row.seconds.harness for row in done]),
        ", ".join(sorted({row.thinking for row in rows if row.thinking})),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(figures: list[int] | list[float]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def _warnings(rows: tuple[Row, ...]) -> tuple[str, ...]:
    flags = sorted({flag for row in rows for flag in row.flags if flag != "no oracle"})
    told = [f"{flag}: {counted(sum(flag in row.flags for row in rows), 'trial')}" for flag in flags]
    small = [row for row in rows if row.window.asked and row.window.granted and row.window.granted < row.window.asked]
    if small:
        told.append(f"the server granted a smaller window than asked: {counted(len(small), 'trial')}")
    tasks = len({row.task for row in rows})
    if tasks < FEW_TASKS:
        told.append(f"{counted(tasks, 'task')} {'is' if tasks == 1 else 'are'} too few to rank models by")
    return tuple(told)
