"""What else a study shows of each model: how long items were kept by class, and how far back; exploratory, no word hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from harness.answer.study.chances import Given, owned, paired_as
from harness.answer.study.claims import Study
from harness.answer.study.designs import MANNERS
from harness.metrics.context.account import Account
from harness.metrics.statistics.floors import lacking
from harness.metrics.statistics.retention import GUESSABLE, Mark, Probe, retention
from harness.metrics.statistics.spells import DRIFT
from harness.metrics.statistics.survival import rmst
from harness.report.context.guesses import UNMEASURED, shows_memory
from harness.report.context.kinds import ready
from harness.report.context.watching import watched
from harness.report.summary import counted

HORIZON = 80.0


class Figure(msgspec.Struct, frozen=True):
    """`value` with its 95 % bounds in `unit`, None with `lacking`. `n`: spells or opportunities. A bound of None is beyond what was measured. `left`:
    opportunities left out because they are of prohibitions whose guesses nobody stated.
    """

    model: str
    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    tasks: int
    lacking: str = ""
    left: int = 0


def figures(study: Study, given: Sequence[Given]) -> tuple[Figure, ...]:
    """Retention of fading, survival of rules; of budget the verdicts say it all."""
    given = owned(given)
    models = sorted({each.account.model for each in given})
    if study == "fading":
        return tuple(figure for model in models for figure in _retained(model, given))
    if study == "rules":
        return tuple(figure for model in models for figure in _survived(model, given))
    return ()


def _retained(model: str, given: Sequence[Given]) -> Iterator[Figure]:
    """By the manifest alone: prohibitions of which nobody said how often they are guessed show no memory and are left out, and counted."""
    every = [each for one in given if one.account.model == model for each in _probes(one.account)]
    probes = [probe for probe, memory in every if memory]
    left = len(every) - len(probes)
    tasks = len({probe.task for probe in probes})
    why = lacking(len(probes), tasks)
    try:
        found = None if why else retention(probes)
    except ValueError as fault:
        found, why = None, str(fault)
    for name in ("D50", "D85"):
        mark = (found.half if name == "D50" else found.effective) if found else Mark(None, None, None)
        beyond = "" if found is None or mark.distance is not None else f"beyond {found.until:,.0f} tokens, the longest distance measured"
        yield Figure(model, name, "tokens", mark.distance, mark.low, mark.high, len(probes), tasks, why or beyond, left)


def _probes(account: Account) -> Iterator[tuple[Probe, bool]]:
    """Each with whether it tells of memory. A study's own replays have no arm that was never told, so the manifest alone knows of guesses."""
    sound = {item.id: item for item in account.items if item.validated and (item.guess or 0.0) <= GUESSABLE}
    for each in account.chances:
        if each.item in sound and each.visible and each.distance is not None and not (each.cut or each.aside or each.inherited):
            kept, item = each.honoured or each.repaired is not None, sound[each.item]
            probe = Probe(paired_as(account), float(max(1, each.distance)), kept, item.guess or 0.0, each.item)
            yield probe, shows_memory(item, UNMEASURED.of(account, item))


def _survived(model: str, given: Sequence[Given]) -> Iterator[Figure]:
    """By class of items and by number of rules, under the plain variant."""
    mine = [each for each in given if each.account.model == model and not each.account.variant]
    for manner in MANNERS:
        yield _kept(model, f"kept to turn {HORIZON:.0f}, {manner}", [_only(each.account, manner) for each in mine])
    for count in sorted({each.labels["rules"] for each in mine if "rules" in each.labels}, key=int):
        yield _kept(model, f"kept to turn {HORIZON:.0f}, among {counted(int(count), 'rule')}", [each.account for each in mine if each.labels.get("rules") == count])


def _only(account: Account, manner: str) -> Account:
    items = tuple(item for item in account.items if item.manner == manner)
    ids = {item.id for item in items}
    return msgspec.structs.replace(account, items=items, chances=tuple(each for each in account.chances if each.item in ids))


def _kept(model: str, name: str, accounts: Sequence[Account]) -> Figure:
    spells = watched(map(ready, accounts), "turns").spells
    tasks = len({spell.task for spell in spells})
    why = lacking(len(spells), tasks).replace("opportunities", "items watched", 1)
    if why:
        return Figure(model, name, "turns", None, None, None, len(spells), tasks, why)
    gone = all(spell.cause == DRIFT for spell in spells)  # then the curve is known to its end
    until = HORIZON if gone else min(HORIZON, max(spell.time for spell in spells))
    told = rmst(spells, until)
    return Figure(model, name if until == HORIZON else f"{name} (watched to {until:.0f})", "turns", told.value, told.low, told.high, len(spells), tasks)
