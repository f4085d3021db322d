"""What the plots of a group show, as figures: survival, retention, distance by fill, knowing and doing, why, and malformed calls over depth."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from harness.core.findings import Status
from harness.metrics.context.account import Account, Call
from harness.metrics.context.recalled import CELLS, cell
from harness.metrics.statistics import competing, depth, floors
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.depth import Contagion, Slope
from harness.metrics.statistics.floors import Rate, rate
from harness.metrics.statistics.parametric import Weibull, weibull
from harness.metrics.statistics.spells import DRIFT, Spell, longest
from harness.metrics.statistics.survival import Curve, Hazard, hazards, rmst, survival
from harness.report.context.factors import Factors, factors
from harness.report.context.guesses import UNMEASURED, Guesses
from harness.report.context.kinds import Ready
from harness.report.context.lines import lost
from harness.report.context.retained import Recalled, recalled
from harness.report.context.watching import CLOCKS, Clock, ends, watched

FIFTHS = 5
QUARTERS = 4
CALLS = 10_000
"""Calls that slope and contagion are told from; more say no more than these and take minutes. Whole trials, by their names."""
CHANCES = 100_000
"""Opportunities that the retention curve is told from, for the same reason."""
STRETCH, STRETCHES = 10, 6
"""Losses are told by stretches of ten turns; of a conversation with more than six of them by stretches so many times as long."""
HORIZON = {"turns": 80.0, "tokens": 128_000.0, "distance": 128_000.0}


class Kept(msgspec.Struct, frozen=True):
    """`curve`: Kaplan-Meier of the first violation; None with `lacking`. `mean`: restricted mean up to `horizon`. `drifted`: (time, share) of
    items that were lost by then, finish and crash being ends of their own. `ended`: items by what ended the watching. `weibull`: whether the hazard
    rises or falls over turns; None on other clocks and for fewer than five items lost. `hazard`: items lost by stretches of turns, of those still
    watched, as far as they are enough for a rate; on the clock of turns.
    """

    clock: str
    curve: Curve | None
    horizon: float
    mean: Estimate | None
    drifted: tuple[tuple[float, float], ...]
    ended: dict[str, int]
    never: int
    cut: int
    lacking: str
    clearings: tuple[float, ...] = ()
    weibull: Weibull | None = None
    hazard: tuple[Hazard, ...] = ()


class Cell(msgspec.Struct, frozen=True):
    """Opportunities between two distances (tokens) and two fills (0..1)."""

    since: float
    until: float
    low: float
    high: float
    rate: Rate


class Depth(msgspec.Struct, frozen=True):
    """Calls of a fifth of all depths: malformed of those with a malformed one in view, and of those without."""

    depth: float
    bad_seen: int
    seen: int
    bad_unseen: int
    unseen: int


class Malformed(msgspec.Struct, frozen=True):
    """`calls`, `bad`: of all; slope and contagion are of `of` calls of whole trials. None with `lacking`."""

    calls: int
    bad: int
    tasks: int
    of: int
    rates: tuple[Depth, ...]
    slope: Slope | None
    contagion: Contagion | None
    lacking: str


class Figures(msgspec.Struct, frozen=True):
    """`knows`: items by cells of knowing and doing, empty where nobody asked. `why`: losses by mechanism; "in view" and "not in view" for those
    that no replay has decided.
    """

    kept: tuple[Kept, ...]
    recalled: tuple[Recalled, ...]
    heat: tuple[Cell, ...]
    heat_lacking: str
    knows: dict[str, int]
    why: dict[str, int]
    malformed: Malformed
    factors: Factors


def figures(known: Sequence[Ready], good: frozenset[str], knows: Mapping[str, int], guesses: Guesses = UNMEASURED) -> Figures:
    """Of one model, agent and variant. `knows`: what a probe's questions came to, for trials in which nobody was asked anything; `guesses`: what
    was measured of this model under this agent by who was never told.
    """
    heat, accounts = _heat(known), [one.account for one in known]
    shown = any(each.rate.rate for each in heat)
    return Figures(
        tuple(_kept(known, clock) for clock in CLOCKS), recalled(tuple(_sampled(known)), guesses), heat, "" if shown else "no cell has 30 opportunities of 10 tasks",
        _knows(accounts) or {name: knows[name] for name in CELLS if name in knows}, _why(accounts, good), _malformed(accounts), factors({"": known}),
    )  # fmt: skip


def _kept(known: Sequence[Ready], clock: Clock) -> Kept:
    found = watched(known, clock)
    why = lacking(len(found.spells), len({spell.task for spell in found.spells}), "items watched")
    if why:
        return Kept(clock, None, 0.0, None, (), ends(found.spells), found.never, found.cut, why)
    curve = survival(found.spells)
    horizon = min(HORIZON[clock], curve.until)
    drifted = competing.steps(found.spells, DRIFT)
    clearings = tuple(sorted(float(each.turn) for one in known for each in one.account.compactions)) if clock == "turns" else ()
    return Kept(
        clock, curve, horizon, rmst(found.spells, horizon), drifted, ends(found.spells), found.never, found.cut, "", tuple(dict.fromkeys(clearings)),
        weibull(found.spells) if clock == "turns" else None, _hazard(found.spells) if clock == "turns" else (),
    )  # fmt: skip


def _hazard(spells: Sequence[Spell]) -> tuple[Hazard, ...]:
    """Whole stretches at whose beginning enough are watched; the last one is seldom whole, and a rate of its few turns would be of another length."""
    last = longest(spells)
    width = STRETCH * max(1, math.ceil(last / STRETCH / STRETCHES))
    whole = [each for each in hazards(spells, width) if each.end <= last]
    return tuple(itertools.takewhile(lambda each: not _few([spell for spell in spells if spell.time > each.start]), whole))


def _few(spells: Sequence[Spell]) -> str:
    return lacking(len(spells), len({spell.task for spell in spells}), "items watched")


def lacking(count: int, tasks: int, what: str) -> str:
    """Why nothing is drawn of so few, as for rates; "" where it may be."""
    return floors.lacking(count, tasks).replace("opportunities", what, 1)


def _sampled(known: Sequence[Ready]) -> Iterator[Ready]:
    """Whole trials, first attempts first, whatever came of them."""
    count = 0
    for one in sorted(known, key=lambda one: (one.account.attempt, one.account.task, one.account.trial)):
        count += len(one.counting)
        if count > CHANCES:
            return
        yield one


def _heat(known: Sequence[Ready]) -> tuple[Cell, ...]:
    """Octaves of distance, two together, by quarters of the window."""
    held: dict[tuple[int, int], Counter[tuple[str, bool]]] = defaultdict(Counter)
    for one in known:
        for each in one.counting:
            if each.visible and each.distance is not None and each.fill is not None and not each.cut and not each.inherited:
                place = int(math.log2(max(1, each.distance)) // 2), min(QUARTERS - 1, max(0, int(each.fill * QUARTERS)))
                held[place][one.account.task, each.honoured] += 1
    return tuple(_cell(place, counts) for place, counts in sorted(held.items()))


def _cell(place: tuple[int, int], counts: Counter[tuple[str, bool]]) -> Cell:
    tasks = sorted({task for task, _ in counts})
    told = [(task, counts[task, False], counts[task, False] + counts[task, True]) for task in tasks]
    return Cell(4.0 ** place[0], 4.0 ** (place[0] + 1), place[1] / QUARTERS, (place[1] + 1) / QUARTERS, rate(told))


def _knows(accounts: Sequence[Account]) -> dict[str, int]:
    told = Counter(cell(knows=each.outcome == "right", does=each.kept) for account in accounts for each in account.answers if each.kept is not None)
    return {name: told[name] for name in CELLS} if told else {}


def _why(accounts: Sequence[Account], good: frozenset[str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for account in accounts:
        for each in lost(account, good):
            if each.mechanism or each.status is not Status.REJECTED:
                undecided = "U" if each.status is Status.UNDECIDED else "not in view" if each.visible is False else "in view"
                found[str(each.mechanism or undecided)] += 1
    return dict(sorted(found.items()))


def _malformed(accounts: Sequence[Account]) -> Malformed:
    calls = [call for account in accounts for call in account.calls if call.kind != "J0"]
    bad, tasks = sum(call.bad for call in calls), len({account.task for account in accounts if any(call.kind != "J0" for call in account.calls)})
    why = lacking(len(calls), tasks, "calls")
    if why:
        return Malformed(len(calls), bad, tasks, 0, (), None, None, why)
    some = _some(accounts)
    return Malformed(len(calls), bad, tasks, len(some), _depths(calls), depth.slope(some), depth.contagion(some), "")


def _some(accounts: Sequence[Account]) -> list[depth.Call]:
    """Whole trials, malformed or not: those chosen by what came of them would show another slope."""
    found: list[depth.Call] = []
    spread = sorted(accounts, key=lambda account: (account.attempt, account.task, account.trial))
    for account in spread:
        mine = [depth.Call(account.task, account.trial, float(each.depth), each.bad, each.seen) for each in account.calls if each.kind != "J0"]
        if found and len(found) + len(mine) > CALLS:
            break
        found += mine
    return found


def _depths(calls: Sequence[Call]) -> tuple[Depth, ...]:
    ordered = sorted(calls, key=lambda call: call.depth)
    bounds = [round(len(ordered) * part / FIFTHS) for part in range(FIFTHS + 1)]
    return tuple(_depth(ordered[low:high]) for low, high in itertools.pairwise(bounds) if high > low)


def _depth(calls: Sequence[Call]) -> Depth:
    counts = Counter((call.seen, call.bad) for call in calls)
    middle = 2 ** (sum(math.log2(call.depth) for call in calls) / len(calls))
    return Depth(middle, counts[True, True], counts[True, True] + counts[True, False], counts[False, True], counts[False, True] + counts[False, False])
