"""What a violation hangs on: distance, fullness, exposures, clearings, kind of rule, template of the stage, and which model it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from harness.metrics.context.account import Chance as Opportunity
from harness.metrics.statistics import floors
from harness.metrics.statistics.hazard import Chance, Effect, hazards
from harness.report.context.kinds import Ready

CHANCES = 10_000
"""Opportunities that the model is fitted to; more tell little more and take minutes. Whole trials, first attempts first."""
WORDS = {"log2 distance": "twice the tokens back", "fill": "a full window against an empty one", "exposures": "twice the exposures"}
SHOWN = 6
"""Ratios in one sentence; the JSON has them all."""


class Ratio(msgspec.Struct, frozen=True):
    """A hazard ratio with its 95 % interval over tasks: how many times likelier a violation is per unit of `column`."""

    column: str
    ratio: float
    low: float
    high: float
    p: float


class Factors(msgspec.Struct, frozen=True):
    """`ratios`: empty with `lacking`. `spread`: standard deviation over tasks of the log hazard. `of`: opportunities in view, before any
    cut, across no interlude; `hidden`, `cut`: those left out. `warnings`: what can't be told apart.
    """

    ratios: tuple[Ratio, ...]
    spread: float | None
    of: int
    violations: int
    tasks: int
    hidden: int
    cut: int
    warnings: tuple[str, ...] = ()
    lacking: str = ""


def factors(groups: Mapping[str, Sequence[Ready]]) -> Factors:
    """`groups`: name of a model -> its trials; of several, each model is told against the one with most opportunities.

    An association: only where a task's plan has assigned a distance is it more. Opportunities under the floor, or that all ended alike, tell nothing.
    """
    every = [(name, one.account, each) for name, one in _sampled(groups) for each in one.counting]
    sound = [(name, account, each) for name, account, each in every if each.visible and not each.cut and each.distance is not None and not each.inherited]
    tasks = len({account.task for _, account, _ in sound})
    violated = sum(not each.honoured for _, _, each in sound)
    left = sum(not each.visible for _, _, each in every), sum(each.cut for _, _, each in every)
    why = floors.lacking(len(sound), tasks)
    if not why and violated in (0, len(sound)):
        why = f"every one of {len(sound)} opportunities was {'violated' if violated else 'honoured'}: no hazard can be told from another"
    if why:
        return Factors((), None, len(sound), violated, tasks, *left, lacking=why)
    full = all(each.fill is not None for _, _, each in sound)
    manners = {(account.task, item.id): item.manner for _, account, _ in sound for item in account.items}
    told = hazards([_chance((name, manners[account.task, each.item]), account.task, each, full=full) for name, account, each in sound])
    return Factors(tuple(_ratio(each) for each in told.effects), told.spread, len(sound), violated, tasks, *left, warnings=told.warnings + (() if full else ("a window is not known, so fullness is left out",)))


def _sampled(groups: Mapping[str, Sequence[Ready]]) -> Iterator[tuple[str, Ready]]:
    """Whole trials, those of all models by turns, whatever came of them."""
    every = [(name, one) for name, known in groups.items() for one in known]
    count = 0
    for name, one in sorted(every, key=lambda pair: (pair[1].account.attempt, pair[1].account.task, pair[0], pair[1].account.trial)):
        count += len(one.counting)
        if count > CHANCES:
            return
        yield name, one


def _chance(kind: tuple[str, str], task: str, each: Opportunity, *, full: bool) -> Chance:
    """`kind`: model and manner. `full`: whether every window is known; where one is not, fullness tells nothing."""
    (name, manner), distance = kind, float(max(1, each.distance or 1))
    return Chance(task, name, not each.honoured, distance, (each.fill or 0.0) if full else 0.0, each.template, manner, each.exposures, bool(each.compacted))


def _ratio(effect: Effect) -> Ratio:
    return Ratio(effect.column, *effect.ratio, effect.p)


def said(told: Factors) -> str:
    """The ratios in words, those that stand clear of 1 first; "" where there is nothing to say."""
    if told.lacking or not told.ratios:
        return ""
    ordered = sorted(told.ratios, key=lambda each: (each.low <= 1 <= each.high, -abs(math.log(max(1e-9, each.ratio)))))
    parts = [f"{WORDS.get(each.column, each.column)} {_times(each.ratio)} ({_times(each.low)} to {_times(each.high)})" for each in ordered[:SHOWN]]
    more = f"; {len(ordered) - SHOWN} more in --json" if len(ordered) > SHOWN else ""
    doubt = f"; doubtful: {'; '.join(told.warnings)}" if told.warnings else ""
    return f"a violation is so many times as likely: {', '.join(parts)}{more}; {told.violations} of {told.of:,} opportunities, {told.tasks} tasks{doubt}"


def _times(ratio: float) -> str:
    if ratio >= 1000:
        return "over 1,000"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
