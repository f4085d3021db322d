"""Simulated studies whose truth is known, one for each threshold of `benchmarks.sensitivity_figures`: how often what is said is right.

Each takes the value that its threshold is set to and gives figures in words; all are seeded. Percent unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import comb, exp, inf, log2
from typing import Any

import msgspec
import numpy as np

from benchmarks import context_draws as draws
from benchmarks.sensitivity_knobs import Value
from benchmarks.validate_draws import generator
from benchmarks.validate_points import PAIRS, shares
from harness.answer.probe.attribution import result
from harness.answer.probe.deciding import CLEAN, FRESH, FULL, Count, more
from harness.answer.probe.points import chosen
from harness.answer.probe.rolls import Roll
from harness.answer.study.chances import Given
from harness.answer.study.designs import Sizes, claims
from harness.answer.study.judging import verdicts
from harness.core import probe as recorded
from harness.core.findings import Mechanism
from harness.metrics.context.account import Account, Chance, Held
from harness.metrics.statistics import study_power
from harness.metrics.statistics.agreement import kappa, scored
from harness.metrics.statistics.attribution import attributed, split
from harness.metrics.statistics.continuity import continuity
from harness.metrics.statistics.depth import contagion, slope
from harness.metrics.statistics.floors import rate
from harness.metrics.statistics.hazard import hazards
from harness.metrics.statistics.mechanisms import named
from harness.metrics.statistics.paired_power import difference_power, wanted
from harness.metrics.statistics.parametric import weibull
from harness.metrics.statistics.retention import Probe, retention
from harness.metrics.statistics.signs import sign_flip
from harness.metrics.statistics.survival import compared

RUNS, SLOW = 200, 60
"""Studies drawn for a figure, and of those that take long."""
DRAWN = "Exact where the rule has few outcomes; else 200 to 1,000 studies a figure (standard error at 95 %: 1.5 or less), 30 to 100 where they take long (2 to 4)."
R, S, X = Mechanism.RETENTION, Mechanism.SELF_CONDITIONING, Mechanism.NOT_CONTEXT


def pc(hits: float, of: float = 1) -> str:
    return f"{100 * hits / of:.0f}"


def mechanism(_: Value) -> str:
    high, low = PAIRS[1]
    told = [shares(rates, 8, truth)[0] for truth, rates in ((R, {FULL: high, FRESH: low}), (S, {FULL: high, FRESH: low, CLEAN: low}), (X, {FULL: high, FRESH: high}))]
    false = max(shares({FULL: q, FRESH: q}, rolls, R)[0] for q in np.linspace(0.05, 0.95, 19).tolist() for rolls in (4, 8))
    return f"{' / '.join(map(pc, told))}, {pc(shares(dict(zip((FULL, FRESH), PAIRS[3], strict=True)), 8, X)[0])}, {pc(false)}"


def enough(value: Value) -> str:
    return " / ".join(map(pc, named(int(value))))


def voided(_: Value) -> str:
    sound = [draws.replayed(False, 0.0, 20, run)[0] for run in range(RUNS)]
    unsound = [[msgspec.structs.replace(one, rolls={FULL: one.rolls[FULL][:2] + one.rolls[FRESH][2:]}) for one in draws.replayed(False, 0.5, 20, run)[0]] for run in range(RUNS)]
    return ", ".join(pc(sum(split(points).void for points in some), RUNS) for some in (sound, unsound))


def gated(_: Value) -> str:
    points = tuple(recorded.Point(f"p{n}", recorded.Place(f"t{n}", f"task {n % 20}", "a", "m", "i", 9), "every") for n in range(40))
    arms = (FULL, FRESH, "evict", "no-rule")
    told = []
    for off in (0.0, 0.2):
        held = []
        for run in range(RUNS // 2):
            chance = generator("gate", off, run)
            fails = dict(zip(arms, (0.3, 0.2, 0.9 - off, 0.9), strict=True))
            rolls = [Roll(each.name, arm, n, "violated" if chance.random() < fails[arm] else "honoured") for each in points for arm in arms for n in range(4)]
            gates = result("r", recorded.Probe("p", arms, 4, 6, points), rolls).sides[0].gates
            held += [gate.holds for gate in gates if gate.name == "evict is as no-rule"]
        told.append(pc(sum(map(bool, held)), len(held)))
    return ", ".join(told)


def reminded(_: Value) -> str:
    chance = generator("remind")
    return ", ".join(pc(sum(more(Count(int(a), 160), Count(int(b), 160)) for a, b in zip(chance.binomial(160, p, 2_000), chance.binomial(160, 0.4, 2_000), strict=True)), 2_000) for p in (0.4, 0.5))


def binned(_: Value) -> str:
    off, far = [], []
    for run in range(SLOW):
        chance = generator("bins", run)
        octaves = 9 + 8 * chance.random(600) ** 3
        fails = {f"s{n}": 1 / (1 + exp(3.5 - (octave - 9) * 0.6)) for n, octave in enumerate(octaves)}
        places = [recorded.Place(f"s{n}", f"task {n % 20}", "a", "m", f"i{n % 3}", n // 20 + 1, distance=int(2**octave)) for n, octave in enumerate(octaves)]
        points = chosen(places, {}, run).points
        weights = np.array([each.weight for each in points])
        off.append(float(weights @ [fails[each.place.trial] for each in points] / weights.sum()) - float(np.mean(list(fails.values()))))
        far.append(sum(log2(each.place.distance or 1) > 15 for each in points))
    return f"{np.mean(far):.0f} far, {100 * np.mean(off):+.1f} and {100 * np.std(off):.1f} points"


def pointed(value: Value) -> str:
    return ", ".join(pc(study_power.attribution_power(true, 0.3, 20, int(value) // 20, 4).power) for true in (0.0, 0.3))


def fractions(value: Value, tasks: int = 0, *, few: bool = False) -> str:
    """`few`: the value is a number of points, drawn by lot from those of the tasks."""
    truth, found = draws.fraction(False, 0.8), []
    for run in range(RUNS):
        told = draws.replayed(False, 0.8, tasks or int(value), run)[0]
        lot = generator("few", value, run).permutation(len(told))[: int(value) if few else None]
        found.append(attributed([told[n] for n in lot]).raw)
    held = sum(each is not None and each.low <= truth <= each.high for each in found)
    above = sum(each is not None and each.low > 0 for each in found)
    return f"{pc(held, RUNS)}, {pc(above, RUNS)}"


def rated(value: Value, tasks: int = 0, each: int = 0, true: float = 0.15) -> str:
    """`tasks` of `each` opportunities; the one that is 0 is told by the value. Tasks differ (beta, intra-task correlation 0.1)."""
    held, wide, of = 0, 0.0, 5 * RUNS
    for run in range(of):
        chance = generator("rate", value, tasks, each, run)
        per = each or int(value) // tasks
        found = rate([(f"t{n:03d}", int(chance.binomial(per, p)), per) for n, p in enumerate(chance.beta(9 * true, 9 * (1 - true), tasks or int(value)))]).rate
        assert found is not None
        held, wide = held + (found.low <= true <= found.high), wide + (found.high - found.low) / 2
    return f"{pc(held, of)}, {100 * wide / of:.0f} points"


def guessed(_: Value) -> str:
    truth, held, wide = draws.marks("logistic")[0], 0, []
    for run in range(SLOW // 2):
        chance, guesses = generator("guess", run), (0.1, 0.4, 0.6)
        told = [Probe(each.task, each.distance, each.kept or bool(chance.random() < g), g) for each, g in zip(draws.probes("logistic", 30, 20, run), 80 * guesses, strict=True)]
        mark = retention(told).half
        held += (mark.low or inf) <= truth <= (mark.high or inf)
        wide.append((mark.high or inf) / (mark.low or inf))
    return f"{pc(held, SLOW // 2)}, x {np.median(wide):.1f}"


@cache
def votes() -> tuple[tuple[bool, float], ...]:
    """Of each study whether the likeliest shape is right, and its votes."""
    found = ((name, retention(draws.probes(name, 40, 20, run))) for name in draws.FORGETTERS for run in range(SLOW // 6))
    return tuple((each.shape == draws.named(name), max(share for _, share in each.votes)) for name, each in found)


def settled(value: Value) -> str:
    told = [right for right, most in votes() if most >= value]
    return f"{pc(sum(told), len(votes()))}, {pc(len(told) - sum(told), len(votes()))}"


def given(fades: float, run: int) -> tuple[Given, ...]:
    """Twenty tasks, 60 opportunities each: beyond 40 % of the window memory falls from 0.9 by up to `fades`; of three items two can be guessed."""
    chance, told = generator("given", fades, run), []
    guesses = (0.1, 0.4, 0.6)
    for task in range(20):
        seen = []
        for n in range(60):
            fill = chance.uniform(0.05, 0.98)
            kept = 0.9 - fades * max(0.0, fill - 0.4) / 0.6
            honoured = bool(chance.random() < guesses[n % 3] + (1 - guesses[n % 3]) * kept)
            seen.append(Chance(f"i{n % 3}", n, 1, "", 0, "", honoured, None, n, True, int(2 ** chance.uniform(11, 13)), 0, fill, 1))
        items = tuple(Held(f"i{n}", "fact", "fact", "", 1, guess=guess) for n, guess in enumerate(guesses))
        told.append(Given(Account(f"s{task}", f"t{task:02d}", "a", "m", "", 1, "", items=items, chances=tuple(seen)), {}))
    return tuple(told)


def faded(_: Value) -> str:
    claim = msgspec.structs.replace(claims("fading", Sizes("S", ("T6",), 20, 1, 1, ("a",)))[0], arms=False)
    found = {fades: [verdicts((claim,), given(fades, run), ())[0][0] for run in range(SLOW)] for fades in (0.0, 0.25, 0.5)}
    said = (pc(sum(each.word == "supported" for each in mine), SLOW) for mine in found.values())
    return f"{' / '.join(said)}, {100 * np.mean([each.estimate or 0.0 for each in found[0.5]]):+.0f} points"


def watched(value: Value) -> str:
    """Of two models that drift alike, and of one that drifts twice as fast; everything is watched for as long as the horizon."""
    tallies = np.zeros(2)
    for run in range(RUNS):
        chance = generator("watched", run)
        frail = chance.gamma(4, 0.25, 20)
        a, same, b = (study_power.spells(chance, frail, 3, ratio) for ratio in (1.0, 1.0, 2.0))
        tallies += [compared(a, other, value).p < 0.05 for other in (same, b)]
    return ", ".join(pc(each, RUNS) for each in tallies)


def shaped(value: Value) -> str:
    held, run = 0, 0
    wide: list[float] = []
    while len(wide) < SLOW // 2:
        run += 1
        spells = study_power.spells(generator("shape", value, run), np.ones(12), 1, 1.0)
        if sum(bool(each.cause) for each in spells) == value and (found := weibull(spells)):
            held += found.shape.low <= 1 <= found.shape.high
            wide.append(found.shape.high / max(found.shape.low, 1e-9))
    return f"{pc(held, len(wide))}, x {np.median(wide):.0f}"


def ratios(_: Value) -> str:
    found = [continuity(draws.legs(0.9, 0.95, 10, run)).ratio for run in range(RUNS)]
    widths = [each.high - each.low for each in found if each is not None and each.high < inf]
    return f"{pc(sum(each is not None and each.low <= 0.9 <= each.high for each in found), RUNS)}, {np.mean(widths):.2f}"


def excess(_: Value) -> str:
    worlds = ((1.0, 0.0), (0.0, 1.2))
    return ", ".join(pc(sum((found := contagion(draws.calls(*world, 0.0, 10, run)).excess) is not None and found.low > 0 for run in range(SLOW)), SLOW) for world in worlds)


def thinned(told: Sequence[Any], bad: Callable[[Any], bool], to: int, run: int) -> list[Any]:
    """With so many bad ones left, by lot."""
    events = [each for each in told if bad(each)]
    return [each for each in told if not bad(each)] + [events[n] for n in generator("thinned", to, run).permutation(len(events))[:to]]


def sloped(value: Value) -> str:
    found = [slope(thinned(draws.calls(1.0, 0.0, 0.0, 10, run), lambda call: call.bad, int(value), run)) for run in range(SLOW)]
    effects = [each.effect for each in found if each is not None]
    return f"{pc(sum(each.low <= 1 <= each.high for each in effects), len(effects))}, {pc(sum(each.low > 0 for each in effects), len(effects))}"


def hazarded(value: Value, tasks: int = 0, columns: int = 0) -> str:
    held, off = 0, []
    for run in range(SLOW):
        told = draws.opportunities(tasks or int(value), "normal", run)
        told = thinned(told, lambda each: each.violated, int(value) * columns, run) if columns else told
        found = next(each for each in hazards(told).effects if each.column.startswith("model"))
        sign = 1 if found.column.startswith("model b") else -1
        held += found.low <= sign * np.log(2) <= found.high
        off.append(sign * found.estimate - np.log(2))
    return f"{pc(held, SLOW)}, {np.mean(off):+.2f}"


def labelled(_: Value) -> str:
    return " / ".join(pc(sum(kappa(*draws.labels(0.5, right, 300, run)).accepted for run in range(RUNS)), RUNS) for right in (0.99, 0.95, 0.9))


def audited(value: Value) -> str:
    found = [kappa(*draws.labels(0.5, 0.95, 2 * int(value), run)).kappa for run in range(RUNS)]
    return f"{np.mean([each.high - each.low for each in found if each]):.2f}"


def reach(least: float, true: float, of: int) -> float:
    """The chance that at least this share of so many is found."""
    return sum(comb(of, n) * true**n * (1 - true) ** (of - n) for n in range(of + 1) if n / of >= least)


def good(value: Value) -> str:
    return " / ".join(pc(reach(value, true, 20)) for true in (0.99, 0.95, 0.8))


def bounded(value: Value) -> str:
    low = next((n / 200 for n in range(201) if scored(n, 200 - n, 200 - n).holds(value, value)), 2.0)
    return " / ".join(pc(reach(low, true, 200)) for true in (1.0, 0.995, 0.98))


def noisy(value: Value) -> str:
    """Of a thousand runs, by Poisson."""
    return " / ".join(pc(1 - sum(exp(-mean) * mean**n / np.prod(np.arange(1.0, n + 1)) for n in range(int(10 * value) + 1))) for mean in (1.0, 5.0, 15.0))


def least(value: Value) -> str:
    return f"{sign_flip([1.0] * int(value)):.3f}"


def survived(_: Value) -> str:
    return pc(study_power.survival_power(2, 20, 3).power)


def refused(value: Value) -> str:
    """Fewest tasks that are not hopeless, for two ratios."""
    sizes = (6, 8, 10, 14, 20, 28, 40, 56, 80)
    return " / ".join(str(next(tasks for tasks in sizes if study_power.survival_power(ratio, tasks, 3).power >= value)) for ratio in (2, 1.5))


def promised(_: Value) -> str:
    return pc(difference_power(-0.25, -0.1, 14, 6).power)


def needed(value: Value) -> str:
    return " / ".join(str(wanted(true, -0.1, 12, value) or "over 200") for true in (-0.3, -0.2))


def failing(value: Value) -> str:
    return pc(difference_power(value / 2, 0.0, 20, 8).power)
