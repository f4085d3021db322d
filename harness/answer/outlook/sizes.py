"""How large a trial of a model on a task will be: from earlier trials where there are any, else from stated assumptions; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from harness.core.chat import Usage
from harness.core.facts import Price, played
from harness.core.measured import Measured
from harness.metrics.row import Row
from harness.metrics.spend import cost

Basis = Literal["same", "model", "speeds", "assumed"]
"""What a size rests on. `same`: this model on this task; `model`: this model on other tasks of its kin; `speeds`: what other models (or this one on
another server) needed for this task, at this model's speeds; `assumed`: the sizes below, which nothing here has shown."""

DOUBT: dict[Basis, float] = {"same": 0.12, "model": 0.25, "speeds": 0.4, "assumed": 0.86}
"""How far a whole cell may be off its basis: the standard deviation of the logarithm of one factor for all of its trials. 0.86 holds eight of
ten within a third and three times the assumption; the others are our own experience of nights that repeat, of new tasks, of other models."""

TURNS, FIRST, GROWS, WRITES = 30, 3000, 750, 250
"""Assumed of a trial: its turns; tokens of the first prompt; and of each turn those a tool adds and those the model writes."""
OPENING_S, TURN_S, GRADING_S = 4.0, 1.5, 10.0
"""Assumed seconds beside the model: machine and images, the tools of a turn, grading."""
READS, SPEAKS = 500.0, 20.0
"""Assumed tokens a second of a local model that could not be measured."""
HOSTED_READS, HOSTED_SPEAKS = 3000.0, 60.0
"""And of a hosted one, which is never measured."""
AT_ONCE = 1e9
"""And of a script."""
COUNTED = ("passed", "failed")
STAGED = "staged:"
"""How the word of a source begins whose tasks are made to the size of a tier."""


class Cell(msgspec.Struct, frozen=True):
    """An agent with a model, as the plan has them and as the model was found to be. `asks`: False for an agent without a model."""

    agent: str
    model: str
    digest: str = ""
    server: str = ""
    thinking: str = ""
    hosted: bool = False
    asks: bool = True
    price: Price | None = None
    measured: Measured | None = None

    @property
    def name(self) -> str:
        """What tells the model in a row: the digest of its weights, else what it is called."""
        return self.digest or self.model

    @property
    def speeds(self) -> tuple[float, float]:
        """Tokens a second read and written: measured, else assumed."""
        if played(self.model):
            return AT_ONCE, AT_ONCE
        read, written = (HOSTED_READS, HOSTED_SPEAKS) if self.hosted else (READS, SPEAKS)
        if self.measured is None:
            return read, written
        return self.measured.prefill or read, self.measured.decode or written


class Size(msgspec.Struct, frozen=True):
    """One trial: seconds at the model (waiting for a place left out) and elsewhere, and USD, None without a price."""

    model_s: float
    other_s: float
    usd: float | None = None

    @property
    def seconds(self) -> float:
        return self.model_s + self.other_s


class Pool(msgspec.Struct, frozen=True):
    """What trials of a cell on a task were like, or are assumed to be; at least one."""

    basis: Basis
    sizes: tuple[Size, ...]

    @property
    def mean(self) -> Size:
        """Of each figure its own mean."""
        count = len(self.sizes)
        paid = [each.usd for each in self.sizes if each.usd is not None]
        return Size(
            sum(each.model_s for each in self.sizes) / count, sum(each.other_s for each in self.sizes) / count,
            sum(paid) / len(paid) if paid else None,
        )  # fmt: skip


class Sought(msgspec.Struct, frozen=True):
    """A task whose size is asked for: its digest, and the word of the source that it came from."""

    digest: str
    source: str = ""


def kin(source: str) -> str:
    """Whose trials may stand for one another's: staged tasks of one tier, and all tasks that are not made to a size. Between tiers lies a factor of seven and more."""
    if not source.startswith(STAGED):
        return ""
    return source.partition("#")[0].partition(",")[0].replace(" ", "")


class Past:
    """Rows of earlier runs, found by what they are asked for. Only those that were judged and lived no other trial's past."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._of: dict[tuple[str, str, str, str], list[Row]] = {}
        self._on: dict[tuple[str, str], list[Row]] = {}
        self._tasks: dict[tuple[str, str, str, str], dict[str, list[Row]]] = {}
        for row in rows:
            if row.outcome in COUNTED and row.parent is None:
                self._put(row)

    def _put(self, row: Row) -> None:
        facts = row.environment.model
        name = (row.digests.model or row.model, row.agent, row.thinking, facts.server if facts else "")
        self._of.setdefault(name, []).append(row)
        self._tasks.setdefault(name, {}).setdefault(row.digests.task, []).append(row)
        self._on.setdefault((row.agent, row.digests.task), []).append(row)

    def of(self, cell: Cell) -> Sequence[Row]:
        """All trials of this cell at this server."""
        return self._of.get(_name(cell), ())

    def same(self, cell: Cell, task: str) -> Sequence[Row]:
        """Those on the task of this digest."""
        return self._tasks.get(_name(cell), {}).get(task, ())

    def others(self, agent: str, task: str) -> Sequence[Row]:
        """Trials of whatever model under this agent on the task."""
        return self._on.get((agent, task), ())


def _name(cell: Cell) -> tuple[str, str, str, str]:
    return cell.name, cell.agent, cell.thinking, cell.server


def pools(cell: Cell, tasks: Iterable[Sought], past: Past, most_turns: int) -> tuple[Pool, ...]:
    """The best basis there is for a cell on each task. `most_turns`: the plan's limit on a trial."""
    known: dict[str, list[Size]] = {}
    for row in past.of(cell):
        known.setdefault(kin(row.task_source), []).append(recorded(row, cell))
    of_kin = {name: tuple(sizes) for name, sizes in known.items()}
    return tuple(_pool(cell, task.digest, past, of_kin.get(kin(task.source), ()), most_turns) for task in tasks)


def _pool(cell: Cell, task: str, past: Past, known: tuple[Size, ...], most_turns: int) -> Pool:
    """`known`: its trials on tasks of this one's kin."""
    if rows := past.same(cell, task):
        return Pool("same", tuple(recorded(row, cell) for row in rows))
    if known:
        return Pool("model", known)
    if cell.asks and (rows := past.others(cell.agent, task)):
        return Pool("speeds", tuple(at_speed(row, cell) for row in rows))
    return Pool("assumed", (assumed(cell, most_turns, past.others("oracle", task)),))


def recorded(row: Row, cell: Cell) -> Size:
    """A trial as it was; money at today's price."""
    return Size(max(0.0, row.seconds.model), _elsewhere(row), _paid(row, cell))


def at_speed(row: Row, cell: Cell) -> Size:
    """Another model's trial, read and written at this one's speeds. Each prompt is taken to repeat the last one but for its end, and what is repeated to be read from the server's cache."""
    read, written = cell.speeds
    return Size(_fresh(row) / read + row.tokens.out / written, _elsewhere(row), _paid(row, cell))


def assumed(cell: Cell, most_turns: int, oracle: Sequence[Row] = ()) -> Size:
    """A trial of the assumed size; grading and machine as the task's reference solution took them, where it was run."""
    other = sum(map(_elsewhere, oracle)) / len(oracle) if oracle else OPENING_S + GRADING_S
    if not cell.asks:
        return Size(0.0, other)
    turns = min(TURNS, most_turns)
    fresh, out = FIRST + (turns - 1) * (GROWS + WRITES), turns * WRITES
    every = turns * FIRST + (GROWS + WRITES) * turns * (turns - 1) // 2
    read, written = cell.speeds
    return Size(fresh / read + out / written, other + turns * TURN_S, _priced(every, fresh, out, cell.price))


def _elsewhere(row: Row) -> float:
    return max(0.0, row.seconds.tool + row.seconds.harness + row.seconds.grading)


def _fresh(row: Row) -> int:
    """Prompt tokens that had to be read: what no cache gave; where none is told of, the largest prompt, which holds all earlier ones."""
    if row.tokens.cached:
        return max(0, row.tokens.input - row.tokens.cached)
    return row.peak_prompt or row.tokens.input


def _paid(row: Row, cell: Cell) -> float | None:
    """As it was paid where the price is still the same, else its tokens at today's."""
    facts = row.environment.model
    paid = row.cost_usd if row.money is None else row.money.total
    if paid is not None and row.model == cell.model and facts is not None and facts.price == cell.price:
        return paid
    return _priced(row.tokens.input, _fresh(row), row.tokens.out, cell.price)


def _priced(every: int, fresh: int, out: int, price: Price | None) -> float | None:
    """USD: what is new is written to the provider's cache, the rest read from it."""
    if price is None:
        return None
    return cost(Usage(every, every - fresh, fresh, out), price)
