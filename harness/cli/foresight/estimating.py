"""An estimate: what models were asked and measured, what earlier runs took, and the plan's night played with both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from harness.answer.outlook.choosing import choose, order
from harness.answer.outlook.forecast import (
    FEWEST,
    CellForecast,
    Chosen,
    Disk,
    Estimate,
    ModelMeasure,
    Money,
    Power,
    Question,
    cap_after,
    cell_forecast,
    equality,
    powers,
    span,
)
from harness.answer.outlook.sizes import Cell, Past, Pool, Sought, kin, pools
from harness.answer.side import tallies
from harness.cli.foresight.earlier import Earlier
from harness.cli.foresight.foreseen import Ground, Night, drawn, likely, trials
from harness.cli.preparing.prelude import Met
from harness.core.facts import PLAYED, ModelFacts
from harness.core.machine import Needs
from harness.core.measured import Measured
from harness.core.trial import AS_USERS_RUN_IT
from harness.engine.lineup import served
from harness.metrics.statistics.power import detectable
from harness.metrics.statistics.tally import Tally
from harness.plan import NO_MODEL, Combination
from harness.report.summary import counted
from harness.settings import Settings
from harness.wiring.lanes import lanes

GROWS_BY = 2e6
"""Bytes that a record is taken to grow by for a trial where no earlier run tells."""
SHAPED = 10
"""Tasks that must have been seen before their outcomes shape what a plan can show."""


class Basis(msgspec.Struct, frozen=True):
    """What an estimate is made from, gathered once. `measured` by (model, agent)."""

    met: Met
    measured: Mapping[tuple[str, str], Measured]
    earlier: Earlier
    past: Past
    ground: Ground
    seen: tuple[Tally, ...]


def basis(met: Met, measured: Mapping[tuple[str, str], Measured], earlier: Earlier, settings: Settings) -> Basis:
    """Pools for each cell on each task, and the outcomes that are known of the plan's tasks."""
    past = Past(earlier.rows)
    cells = tuple(_cell(pair, met.facts.get(pair.model), measured) for pair in met.combinations if not pair.variant)
    ids = tuple(task.id for task in met.tasks)
    found: dict[tuple[str, str, str], Pool] = {}
    for cell in cells:
        made = pools(cell, (Sought(task.digest, task.provenance.source) for task in met.tasks), past, met.plan.limits.turns)
        found |= {(cell.agent, cell.model, task): pool for task, pool in zip(ids, made, strict=True)}
    limits = {served(entry.use, variant): entry.concurrency or 1 for entry in met.plan.models for variant in ("", AS_USERS_RUN_IT)}
    ground = Ground(met.plan, ids, met.combinations, cells, found, lanes(met.plan, settings), limits)
    return Basis(met, measured, earlier, past, ground, _seen(met, cells, past))


def _cell(pair: Combination, facts: ModelFacts | None, measured: Mapping[tuple[str, str], Measured]) -> Cell:
    if pair.model == NO_MODEL or facts is None:
        return Cell(pair.agent, pair.model, asks=False)
    hosted = facts.remote or facts.price is not None
    return Cell(
        pair.agent, pair.model, facts.digest, facts.server, facts.thinking, hosted, True, facts.price, measured.get((pair.model, pair.agent)),
    )  # fmt: skip


def _seen(met: Met, cells: Sequence[Cell], past: Past) -> tuple[Tally, ...]:
    """Outcomes on the plan's own tasks, of the cell that most of them are known of; too few have no shape."""
    digests = {task.digest for task in met.tasks}
    each = [tallies(row for row in past.of(cell) if row.digests.task in digests) for cell in cells if cell.asks]
    most = max(each, key=len, default={})
    return tuple(most.values()) if len(most) >= SHAPED else ()


def questions(ground: Ground) -> tuple[Question, ...]:
    """Two cells that ask can be compared; one can be held against an earlier night."""
    asking = sum(cell.asks for cell in ground.cells)
    return ("compare", "gate") if asking > 1 else ("gate",) if asking else ()


def chosen(found: Basis, hours: float) -> Chosen:
    """As much of the plan as fits, for what it may show. The tasks are drawn by the plan's seed."""
    ground, plan = found.ground, found.met.plan
    asked = (*questions(ground), "gate")[0]
    tasks = order(ground.tasks, plan.seed)
    choice = choose(
        tasks, plan.attempts, ground.block, hours,
        lambda some, attempts: likely(ground, some, attempts).hours,
        lambda count, attempts: detectable(count, attempts, seen=found.seen, question=asked, max_drop=0.0) if count >= FEWEST else 1.0,
    )  # fmt: skip
    return Chosen(hours, choice.tasks, len(tasks), choice.attempts, plan.attempts, plan.seed, choice.fits)


def narrowed(met: Met, picked: Chosen) -> Met:
    """The plan with the tasks and attempts that were chosen, in the order of the draw, so that what a short night leaves undone was drawn last."""
    by_id = {task.id: task for task in met.tasks}
    plan = msgspec.structs.replace(met.plan, attempts=picked.attempts, fresh=min(met.plan.fresh, picked.attempts))
    return msgspec.structs.replace(met, plan=plan, tasks=tuple(by_id[task] for task in picked.tasks))


def estimated(found: Basis, tasks: Sequence[str], attempts: int, needs: Needs | None, picked: Chosen | None = None) -> Estimate:
    """Of so much of the plan; `needs`: the images that it still asks of the engine."""
    plan, ground = found.met.plan, found.ground
    night, nights = likely(ground, tasks, attempts), drawn(ground, tasks, attempts)
    power = powers(len(tasks), attempts, plan.margin, found.seen, questions(ground))
    count, grown = len(night.ends), found.earlier.grown or GROWS_BY
    told = Estimate(
        len(tasks), attempts, min(plan.fresh, attempts), count, plan.parallel, span(night.hours, [each.hours for each in nights]),
        tuple(_cells(ground, tasks, attempts)), _measures(found.measured), _money(found, night, nights),
        Disk(needs, count * grown, grown, found.earlier.weighed), power, chosen=picked,
        equal=equality(len(tasks), attempts, plan.margin, found.seen, questions(ground)),
    )  # fmt: skip
    return msgspec.structs.replace(told, warnings=(*_warnings(told, found.met, night), *_sizeless(found, tasks)))


def _cells(ground: Ground, tasks: Sequence[str], attempts: int) -> list[CellForecast]:
    counts: dict[tuple[str, str], int] = {}
    for key in trials(ground, tasks, attempts).values():
        counts[key.agent, key.model] = counts.get((key.agent, key.model), 0) + 1
    made = [cell_forecast(cell.agent, cell.model, [ground.pools[cell.agent, cell.model, task] for task in tasks], attempts) for cell in ground.cells]
    return [msgspec.structs.replace(each, trials=counts[each.agent, each.model]) for each in made]


def _measures(measured: Mapping[tuple[str, str], Measured]) -> tuple[ModelMeasure, ...]:
    return tuple(ModelMeasure(model, agent, each) for (model, agent), each in measured.items())


def _money(found: Basis, night: Night, nights: Sequence[Night]) -> Money:
    facts = found.met.facts
    priced = tuple((use, each.price.date) for use, each in facts.items() if each.price is not None)
    unpriced = tuple(use for use, each in facts.items() if each.price is None and each.remote)
    cap, cost = found.met.plan.run_limits.cost_usd, night.cost
    usd = None if cost is None else span(cost, [each.cost or 0.0 for each in nights])
    after = cap_after(night.ends, night.usd, cap)
    return Money(usd, cap, after if after is not None and after < len(night.ends) else None, priced, unpriced)


def _warnings(told: Estimate, met: Met, night: Night) -> list[str]:
    """What a user should know before the night and not after it."""
    found, hours = [], met.plan.run_limits.hours
    if told.chosen is not None and not told.chosen.fits:
        found.append(f"{told.chosen.hours:g} hours are too few for one block of one attempt; what they leave undone stays pending")
    elif hours is not None and told.hours.likely > hours:
        ended = sum(end <= 3600 * hours for end in night.ends.values())
        found.append(f"the run ends after its {hours:g} hours, with about {ended} of {told.trials} trials done")
    if told.money.cap_after is not None:
        found.append(f"the cap of {told.money.cap:g} USD (--max-cost) would end this night after about {told.money.cap_after} of {told.trials} trials")
    found += [_unanswered(power, told.tasks, told.attempts) for power in told.power if not power.answers]
    if told.disk.needs is not None and not told.disk.needs.fits:
        found.append("the images do not fit on the engine's disk")
    return found


def _sizeless(found: Basis, tasks: Sequence[str]) -> list[str]:
    """Staged tasks whose size is assumed alike for each tier, though between tiers lies a factor of seven and more."""
    sources = {task.id: kin(task.provenance.source) for task in found.met.tasks}
    asking = [cell for cell in found.ground.cells if cell.asks]
    lost = {(sources[task], cell.model) for cell in asking for task in tasks if sources[task] and found.ground.pools[cell.agent, cell.model, task].basis == "assumed"}
    return [f"{model}: no earlier trial of it on tasks of {source}, so a trial of any size is assumed; run one attempt of one such task first" for source, model in sorted(lost)]


def _unanswered(power: Power, tasks: int, attempts: int) -> str:
    what = "comparing two of its models" if power.question == "compare" else "a gate against an earlier night"
    shows = "shows no difference at all" if power.shows >= 1 else f"shows a difference of {100 * power.shows:.0f} points or more"
    shows = f"says nothing of fewer than {FEWEST} tasks" if tasks < FEWEST else f"{shows} with 80 % power"
    would = f"about {power.wanted:,} tasks with {counted(attempts, 'attempt')} each would" if power.wanted else "more attempts, or thousands of tasks, would"
    return f"this plan can't answer its own question: {what} {shows}, and {100 * power.margin:.0f} points matter (margin); {would}"


def scripted(met: Met) -> bool:
    """Whether no model of the plan is a real one."""
    return all(facts.kind in PLAYED for facts in met.facts.values())
