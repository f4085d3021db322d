"""What a plan will take and what it can show, as figures for every output of an estimate; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from harness.answer.outlook.promise import gate_finds
from harness.answer.outlook.sizes import DOUBT, Basis, Pool
from harness.core.machine import Needs
from harness.core.measured import Measured
from harness.metrics.statistics import sameness
from harness.metrics.statistics.power import detectable
from harness.metrics.statistics.tally import Tally

Question = Literal["compare", "gate"]
LOW, HIGH = 0.1, 0.9
"""A range holds eight of ten nights, as far as the doubts of the sizes are right."""
FEWEST = 10
"""Common tasks below which a comparison says no word and a gate decides nothing."""
MOST_TASKS = 10_000
MEASURABLE = 40
"""Tasks from which on the smallest difference falls with the square root of their number, whatever the plan has."""


class Span(msgspec.Struct, frozen=True):
    """The likely figure and what eight of ten nights stay between; `low` <= `likely` <= `high`."""

    low: float
    likely: float
    high: float


class Rest(msgspec.Struct, frozen=True):
    """So many tasks of the plan rest on this basis, and it on so many earlier trials."""

    basis: Basis
    tasks: int
    past: int


class CellForecast(msgspec.Struct, frozen=True):
    """Of an agent with a model: its trials, the seconds of one, those of them at the model, the USD of one (None: no price), and what that rests on."""

    agent: str
    model: str
    trials: int
    seconds: float
    model_seconds: float
    usd: float | None
    bases: tuple[Rest, ...]


class ModelMeasure(msgspec.Struct, frozen=True):
    """What was measured of a model with an agent."""

    model: str
    agent: str
    measured: Measured


class Money(msgspec.Struct, frozen=True):
    """`usd` None: nothing here has a price. `cap_after`: trials that have ended when the likely night reaches its `cap`, None: it does not.

    `models`: whose tokens are counted, and the dates of their prices; `unpriced`: hosted models that nobody knows the price of.
    """

    usd: Span | None
    cap: float
    cap_after: int | None
    models: tuple[tuple[str, str], ...]
    unpriced: tuple[str, ...]


class Disk(msgspec.Struct, frozen=True):
    """`needs`: images to pull, load or build, None where no engine could be asked; the record's growth in bytes, `per_trial` from so many `runs`, 0: assumed."""

    needs: Needs | None
    record: float
    per_trial: float
    runs: int


class Power(msgspec.Struct, frozen=True):
    """`detects`: the smallest difference found with 80 % power, 0..1, 1: none. A gate also wants to see a drop of the margin itself, and so finds a
    true drop of the margin half of the time however many trials there are; `shows` is what its test alone shows, for a comparison the same.

    `wanted`: about how many tasks would show the margin; None: these do, or nobody has so many. `seen`: tasks whose earlier outcomes shape the
    figures; 0: a quarter of the tasks is taken to be trivial, a quarter impossible.
    """

    question: Question
    detects: float
    shows: float
    margin: float
    wanted: int | None
    seen: int

    @property
    def answers(self) -> bool:
        return self.shows <= self.margin


class Equality(msgspec.Struct, frozen=True):
    """What "equal within the margin" takes. `chance`: that this plan shows it of two models of one true rate, 0..1; `wanted`: about how many tasks do
    in 80 of 100 plans, None: nobody has so many; `identical`: the fewest where not one task differs. `seen` as in `Power`.
    """

    margin: float
    chance: float
    wanted: int | None
    identical: int
    seen: int


class Chosen(msgspec.Struct, frozen=True):
    """What `--hours` made of a plan: so many of its tasks and attempts. `fits`: False where not even one block does."""

    hours: float
    tasks: tuple[str, ...]
    of_tasks: int
    attempts: int
    of_attempts: int
    seed: int
    fits: bool


class Estimate(msgspec.Struct, frozen=True):
    """The whole answer; `hours` from the first trial to the end of the last."""

    tasks: int
    attempts: int
    fresh: int
    trials: int
    parallel: int
    hours: Span
    cells: tuple[CellForecast, ...]
    measured: tuple[ModelMeasure, ...]
    money: Money
    disk: Disk
    power: tuple[Power, ...]
    warnings: tuple[str, ...] = ()
    chosen: Chosen | None = None
    equal: Equality | None = None
    """None where the plan has no two models."""


def span(likely: float, drawn: Sequence[float]) -> Span:
    """The range of the drawn figures around the likely one. No draws: no range."""
    ordered = sorted(drawn) or [likely]
    last = len(ordered) - 1
    return Span(min(likely, ordered[math.floor(LOW * last)]), likely, max(likely, ordered[math.ceil(HIGH * last)]))


def cell_forecast(agent: str, model: str, pools: Sequence[Pool], attempts: int) -> CellForecast:
    """Over the tasks' pools, one for each task."""
    means = [pool.mean for pool in pools]
    paid = [each.usd for each in means if each.usd is not None]
    return CellForecast(
        agent, model, len(pools) * attempts, sum(each.seconds for each in means) / len(means), sum(each.model_s for each in means) / len(means),
        sum(paid) / len(paid) if paid else None, tuple(_bases(pools)),
    )  # fmt: skip


def _bases(pools: Sequence[Pool]) -> Iterator[Rest]:
    for basis in DOUBT:
        found = [pool.sizes for pool in pools if pool.basis == basis]
        counts = [len(sizes) for sizes in found]
        if counts:  # the model's trials on other tasks are one pool for each kin, however many tasks of the plan rest on it
            shared = sum(map(len, {id(sizes): sizes for sizes in found}.values()))
            past = {"same": sum(counts), "model": shared, "speeds": sum(counts), "assumed": 0}[basis]
            yield Rest(basis, len(counts), past)


def cap_after(ends: Iterable[str], usd: Mapping[str, float | None], cap: float) -> int | None:
    """How many trials have ended, in this order, when what they cost reaches the cap; None where it never does. Nothing paid reaches no cap."""
    paid = 0.0
    for count, short in enumerate(ends, 1):
        paid += usd.get(short) or 0.0
        if paid and paid >= cap:
            return count
    return None


def powers(tasks: int, attempts: int, margin: float, seen: Sequence[Tally], questions: Iterable[Question]) -> tuple[Power, ...]:
    """What the plan can show of each question."""
    return tuple(_power(question, tasks, attempts, margin, seen) for question in questions)


def _power(question: Question, tasks: int, attempts: int, margin: float, seen: Sequence[Tally]) -> Power:
    def smallest(count: int) -> float:
        return detectable(count, attempts, seen=seen, question=question, max_drop=0.0)

    enough = tasks >= FEWEST
    shows = smallest(tasks) if enough else 1.0
    detects = gate_finds(tasks, attempts, seen, margin) if enough and question == "gate" else shows
    if shows <= margin:
        return Power(question, detects, shows, margin, None, len(seen))
    at = max(tasks, MEASURABLE)
    wanted = math.ceil(at * ((shows if at == tasks else smallest(at)) / margin) ** 2)
    return Power(question, detects, shows, margin, max(wanted, tasks + 1) if wanted <= MOST_TASKS else None, len(seen))


def equality(tasks: int, attempts: int, margin: float, seen: Sequence[Tally], questions: Iterable[Question]) -> Equality | None:
    """What it takes to call two of the plan's models equal; None where there are no two. No comparison says a word of fewer than FEWEST tasks."""
    if "compare" not in questions:
        return None
    wanted = sameness.wanted(attempts, margin, seen=seen)
    chance = sameness.chance(tasks, attempts, margin, seen=seen) if tasks >= FEWEST else 0.0
    return Equality(margin, chance, None if wanted is None else max(FEWEST, wanted), max(FEWEST, sameness.identical(margin)), len(seen))
