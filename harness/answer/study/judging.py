"""The word on each claim, by the rule that was written down before any outcome: supported, contradicted, inconclusive or void; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from harness.answer.probe.attribution import At, Told, by_stage
from harness.answer.probe.deciding import FRESH, FULL
from harness.answer.probe.stages import even
from harness.answer.study.chances import Given, Row, differences, owned, rows
from harness.answer.study.claims import Claim, Word
from harness.metrics.context.account import LOSSES
from harness.metrics.statistics.differences import paired
from harness.metrics.statistics.floors import OPPORTUNITIES, TASKS, lacking
from harness.metrics.statistics.several import benjamini_hochberg, holm
from harness.metrics.statistics.signs import sign_flip
from harness.report.summary import counted

LEVEL = 0.05


class Verdict(msgspec.Struct, frozen=True):
    """Of one claim for one model. `estimate`, `low`, `high`: -1..1, None where nothing was compared; `p`: two-sided, against the threshold;
    `adjusted`: after Holm among primary endpoints, after Benjamini and Hochberg among the others. `sides`: opportunities (or re-rolls) of a and b.
    """

    claim: str
    words: str
    model: str
    word: Word
    why: str
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    tasks: int
    sides: tuple[int, int]
    primary: bool


class Health(msgspec.Struct, frozen=True):
    """Of one model's part in a study. `cut`: trials from which the server took something that nobody had declared; `inferred`: trials whose
    views are only inferred; `arms`: why its replays say nothing, ""; `even`: late stages less early ones in failures under a fresh view.
    """

    model: str
    trials: int
    cut: int
    inferred: int
    arms: str
    even: tuple[float, float, float] | None


def verdicts(claims: Sequence[Claim], given: Sequence[Given], probes: Sequence[Told]) -> tuple[tuple[Verdict, ...], tuple[Health, ...]]:
    """For every model, in the order of the claims. Holm goes over the primary endpoints of all models together."""
    every = rows(given)
    models = sorted({each.account.model for each in given})
    healths = tuple(_health(model, given, probes) for model in models)
    made = [_verdict(claim, [row for row in every if row.model == health.model], health, probes) for health in healths for claim in claims]
    by_id = {claim.id: claim for claim in claims}
    return tuple(_worded(each, by_id[each.claim]) for each in _adjusted(made)), healths


def _health(model: str, given: Iterable[Given], probes: Iterable[Told]) -> Health:
    mine = [each.account for each in owned(given) if each.account.model == model]
    told = [each for each in probes if each.model == model]
    cut = sum(any(one.kind in LOSSES and not one.declared for one in account.cuts) for account in mine)
    why = next((each.void for each in told if each.void), "") if told else "no replays yet"
    return Health(model, len(mine), cut, sum(account.inferred for account in mine), why, _even([at for each in told for at in each.points]))


def _even(points: Sequence[At]) -> tuple[float, float, float] | None:
    found = even(by_stage(points))
    return (found.estimate, found.low, found.high) if found and not lacking(found.points, found.tasks) else None


def _verdict(claim: Claim, mine: Sequence[Row], health: Health, probes: Iterable[Told]) -> Verdict:
    found, sides = _replayed(health.model, probes) if claim.measure == "replayed" else _kept(claim, mine)
    void = _void(claim, health)
    few = _few(len(found), sides)
    word: Word = "void" if void else "inconclusive"
    return Verdict(claim.id, claim.words, health.model, word, void or few, *_figures(found, claim.threshold), None, len(found), sides, claim.primary)


def _figures(found: Sequence[float], threshold: float) -> tuple[float | None, float | None, float | None, float | None]:
    """Estimate, bounds and p."""
    if not found:
        return None, None, None, None
    told = paired(found)
    return told.estimate, told.low, told.high, sign_flip(found, shift=threshold) if threshold else told.p


def _kept(claim: Claim, mine: Sequence[Row]) -> tuple[list[float], tuple[int, int]]:
    found, one, two = differences(mine, claim.a, claim.b, claim.within)
    return [found[task] for task in sorted(found)], (one, two)


def _replayed(model: str, probes: Iterable[Told]) -> tuple[list[float], tuple[int, int]]:
    """By task, points weighing what they stand for; those chosen because they had failed are in nothing."""
    sums: dict[str, list[float]] = {}
    full_rolls = fresh_rolls = 0
    for at in (at for each in probes if each.model == model for at in each.points):
        full, fresh = at.counts.get(FULL), at.counts.get(FRESH)
        if at.void or at.point.on_failure or not (full and fresh and full.rolls and fresh.rolls):
            continue
        held = sums.setdefault(at.point.place.task, [0.0, 0.0])
        held[0] += at.point.weight * (full.failed / full.rolls - fresh.failed / fresh.rolls)
        held[1] += at.point.weight
        full_rolls, fresh_rolls = full_rolls + full.rolls, fresh_rolls + fresh.rolls
    return [total / weight for _, (total, weight) in sorted(sums.items()) if weight], (full_rolls, fresh_rolls)


def _void(claim: Claim, health: Health) -> str:
    """Why nothing can be said whatever the figures are, or ""."""
    if claim.clean and health.cut:
        return f"the server took something from the view in {health.cut} of {counted(health.trials, 'trial')} (A > 0)"
    if claim.clean and health.inferred:
        return f"what the server made of the view is only inferred in {health.inferred} of {counted(health.trials, 'trial')}: A = 0 is not proven"
    if claim.arms and health.arms:
        return health.arms
    if claim.arms and health.even is not None and not health.even[1] <= 0 <= health.even[2]:
        value, low, high = (100 * each for each in health.even)
        return f"late stages are not as hard as early ones under a fresh view ({value:+.0f} points, {low:+.0f} to {high:+.0f}): not exchangeable"
    return ""


def _few(tasks: int, sides: tuple[int, int]) -> str:
    if tasks >= TASKS and min(sides) >= OPPORTUNITIES:
        return ""
    return f"{counted(tasks, 'task')} with {sides[0]} and {sides[1]} opportunities: no word under {TASKS} tasks and {OPPORTUNITIES} on each side"


def _adjusted(made: Sequence[Verdict]) -> list[Verdict]:
    """Only what has a p and enough behind it counts as a test."""
    tested = [each for each in made if each.p is not None and not each.why]
    first = [each for each in tested if each.primary]
    rest = [each for each in tested if not each.primary]
    found = dict(zip(map(id, first), holm([each.p or 0.0 for each in first]), strict=True))
    found |= dict(zip(map(id, rest), benjamini_hochberg([each.p or 0.0 for each in rest]), strict=True))
    return [msgspec.structs.replace(each, adjusted=found.get(id(each))) for each in made]


def _worded(each: Verdict, claim: Claim) -> Verdict:
    if each.why or each.low is None or each.high is None or each.adjusted is None:
        return each
    beyond = each.high < claim.threshold, each.low > claim.threshold
    far = beyond if claim.side == "below" else (beyond[1], beyond[0])
    bound = f"{100 * claim.threshold:+.0f} points"
    if not any(far):
        return msgspec.structs.replace(each, word="inconclusive", why=f"the interval crosses {bound}")
    if each.adjusted >= LEVEL:
        name = "Holm" if claim.primary else "Benjamini and Hochberg"
        return msgspec.structs.replace(each, word="inconclusive", why=f"not beyond {bound} once all tests are counted ({name}: p = {each.adjusted:.2g})")
    word: Word = "supported" if far[0] else "contradicted"
    return msgspec.structs.replace(each, word=word, why=f"the interval lies {'below' if beyond[0] else 'above'} {bound}")
