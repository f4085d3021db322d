"""What the statistics of context loss promise, by simulated studies whose truth is known: the tables of docs/context-statistics.md.

    .venv/bin/python -m benchmarks.validate_context [RUNS [PART ...]]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from math import inf, log

import numpy as np

from benchmarks import context_draws as draws
from benchmarks.validate_draws import generator, percent, spread, table
from harness.metrics.statistics.agreement import kappa
from harness.metrics.statistics.attribution import FRESH, FULL, Point, attributed, split
from harness.metrics.statistics.continuity import continuity
from harness.metrics.statistics.depth import contagion, slope
from harness.metrics.statistics.hazard import hazards
from harness.metrics.statistics.mechanisms import CLEAN, decided
from harness.metrics.statistics.parametric import shapes, weibull
from harness.metrics.statistics.retention import retention
from harness.metrics.statistics.signs import sign_flip
from harness.metrics.statistics.study_power import FRAILTY, HALF_BY, HORIZON, spells, survival_power
from harness.metrics.statistics.survival import compared, rmst

TASKS = (10, 20, 40)
SLOW = 4
"""Studies of retention and of calls take as long as twenty others: a quarter of the runs."""


def forgotten(cell: tuple[str, int, int, int]) -> tuple[float, float, Counter[str], Counter[str]]:
    """(forgetter, probes per depth, tasks, runs) -> how often D50 and D85 lie in their intervals; the shapes found, and those of them settled."""
    name, per, tasks, runs = cell
    truths, held, named, settled = draws.marks(name), np.zeros(2), Counter[str](), Counter[str]()
    for run in range(runs):
        found = retention(draws.probes(name, per, tasks, run))
        named[found.shape] += 1
        settled[found.shape] += found.settled
        for place, mark in enumerate((found.half, found.effective)):
            low, high = (inf if bound is None else bound for bound in (mark.low, mark.high))
            held[place] += low <= truths[place] <= high
    return float(held[0] / runs), float(held[1] / runs), named, settled


def blamed(cell: tuple[bool, float, int, int]) -> tuple[float, ...]:
    """(ramp, effect, tasks, runs) -> true AF, bias, coverage, said above 0, A/A void; then by the rules refused: late against early, failures only.

    Late against early: failures of the last third of a trial against the first, sign-flip over tasks. Failures only: points that failed in the trial
    replayed once with a fresh view; "attributed" where that passes.
    """
    ramp, effect, tasks, runs = cell
    truth, values, tallies, only = draws.fraction(ramp, effect), [], np.zeros(4), []
    third = draws.STEPS // 3
    for run in range(runs):
        points, failed = draws.replayed(ramp, effect, tasks, run)
        found = attributed(points)
        assert found.raw is not None
        values.append(found.raw.value)
        late = sign_flip((failed[:, -third:].mean(axis=1) - failed[:, :third].mean(axis=1)).tolist()) < 0.05
        tallies += (found.raw.low <= truth <= found.raw.high, found.raw.low > 0, split(points).void, late)
        only += [not point.rolls["fresh"][0] for point in points if failed[int(point.task[1:]), int(point.name)]]
    return truth, float(np.mean(values)) - truth, *(float(each) for each in tallies / runs), float(np.mean(only))


def survived(cell: tuple[int, int, int]) -> tuple[float, ...]:
    """(tasks, trials, runs) -> coverage of RMST, of a difference of none and at HR 2; p < 0.05 at none and at 2; coverage of the Weibull shape."""
    tasks, trials, runs = cell
    truths, shape = [_kept(ratio) for ratio in (1.0, 2.0)], _shape()
    tallies = np.zeros(6)
    for run in range(runs):
        chance = generator("survival", cell, run)
        frail = chance.gamma(1 / FRAILTY**2, FRAILTY**2, tasks)
        a, same, b = (spells(chance, frail, trials, ratio) for ratio in (1.0, 1.0, 2.0))
        alone, none, two, fitted = rmst(a, HORIZON), compared(a, same, HORIZON), compared(a, b, HORIZON), weibull(a)
        assert fitted is not None
        tallies += (
            alone.low <= truths[0] <= alone.high, none.low <= 0 <= none.high, two.low <= truths[0] - truths[1] <= two.high,
            none.p < 0.05, two.p < 0.05, fitted.shape.low <= shape <= fitted.shape.high,
        )  # fmt: skip
    return tuple(float(each) for each in tallies / runs)


def _kept(ratio: float) -> float:
    """True RMST: the hazard's gamma distribution integrated out."""
    times = np.linspace(0, HORIZON, 4_001)
    return float(np.trapezoid((1 + FRAILTY**2 * ratio * log(2) / HALF_BY * times) ** (-1 / FRAILTY**2), times))


@cache
def _shape() -> float:
    """What the fit comes to with 40,000 tasks: constant hazards that differ by task fall together."""
    chance = np.random.default_rng(1)
    told = spells(chance, chance.gamma(1 / FRAILTY**2, FRAILTY**2, 40_000), 1)
    times, ended = np.array([each.time for each in told]) / HORIZON, np.array([bool(each.cause) for each in told])
    return float(shapes(np.ones((1, 1)), np.zeros(len(told), int), times, ended)[0])


def hazarded(cell: tuple[int, str, int]) -> tuple[float, ...]:
    """(tasks, how they differ, runs) -> coverage of HR 2 (model), of distance, of fill; mean bias of the log HR."""
    tasks, off, runs = cell
    held, bias = np.zeros(3), []
    for run in range(runs):
        told = {each.column.split(" (")[0]: each for each in hazards(draws.opportunities(tasks, off, run)).effects}
        model = told.get("model b") or told["model a"]
        sign = 1 if "model b" in told else -1
        bias.append(sign * model.estimate - log(2))
        truths = ((model, sign * log(2)), (told["log2 distance"], 0.3), (told["fill"], 0.5))
        held += [each.low <= truth <= each.high for each, truth in truths]
    return *(float(each) for each in held / runs), float(np.mean(bias))


def continued(cell: tuple[float, float, int, int]) -> tuple[float, float]:
    """(true ratio, own rate, tasks, runs) -> coverage, and mean width where bounded."""
    ratio, level, tasks, runs = cell
    found = [continuity(draws.legs(ratio, level, tasks, run)).ratio for run in range(runs)]
    widths = [each.high - each.low for each in found if each is not None and each.high < inf]
    return sum(each is not None and each.low <= ratio <= each.high + 1e-9 for each in found) / runs, float(np.mean(widths))


def called(cell: tuple[float, float, float, int, int]) -> tuple[float, ...]:
    """(slope, contagion, how trials differ, tasks, runs) -> coverage of slope beside contagion and of contagion, in log odds; said above 0: slope
    beside contagion, slope alone, contagion, plain excess.
    """
    rise, spreads, apart, tasks, runs = cell
    tallies = np.zeros(6)
    for run in range(runs):
        told = draws.calls(rise, spreads, apart, tasks, run)
        steep, caught = slope(told), contagion(told)
        assert steep is not None
        assert caught.odds is not None
        assert caught.deeper is not None
        assert caught.excess is not None
        tallies += (
            caught.deeper.low <= rise <= caught.deeper.high, caught.odds.low <= spreads <= caught.odds.high,
            caught.deeper.low > 0, steep.effect.low > 0, caught.odds.low > 0, caught.excess.low > 0,
        )  # fmt: skip
    return tuple(float(each) for each in tallies / runs)


def labelled(cell: tuple[float, float, int, int]) -> tuple[float, float, float]:
    """(share that holds, how often a labeller is right, items, runs) -> true kappa, coverage of its interval, share accepted."""
    share, right, items, runs = cell
    truth, held, accepted = draws.agreed(share, right), 0, 0
    for run in range(runs):
        found = kappa(*draws.labels(share, right, items, run))
        held += found.kappa is not None and found.kappa.low <= truth <= found.kappa.high
        accepted += found.accepted
    return truth, held / runs, accepted / runs


WHY: dict[str, tuple[bool, bool, bool | None, bool]] = {
    "E": (True, False, None, False), "R": (True, False, None, True), "X": (True, True, None, True),
    "S, clean rolled": (True, False, False, True), "R, clean rolled": (True, False, True, True), "X, clean rolled": (True, True, True, True),
}  # fmt: skip
"""Whether FULL, FRESH and CLEAN (None: not rolled) fail, and whether the item was in view."""
PAIRS = ((0.95, 0.05), (0.85, 0.10), (0.60, 0.20), (0.30, 0.05))
ROLLS = (4, 6, 8, 12, 16)


def sorted_out(cell: tuple[str, int, float, float, int]) -> tuple[float, float, float]:
    """(mechanism, re-rolls, rate where it fails, rate where not, runs) -> shares named rightly, wrongly, undecided (or not failing)."""
    kind, rolls, high, low, runs = cell
    full, fresh, clean, visible = WHY[kind]
    told = Counter[str]()
    for run in range(runs):
        chance = generator("why", cell, run)
        arms = {
            arm: tuple((chance.random(rolls) < (high if bad else low)).tolist())
            for arm, bad in ((FULL, full), (FRESH, fresh), (CLEAN, clean)) if bad is not None
        }  # fmt: skip
        told[decided(Point("t", arms, visible=visible)).mechanism or "U"] += 1
    return told[kind[0]] / runs, 1 - (told[kind[0]] + told["U"]) / runs, told["U"] / runs


def tables(runs: int, parts: Sequence[str] = ()) -> Iterator[str]:
    """All of them, or those of the parts named."""
    for name, part in PARTS.items():
        if not parts or name in parts:
            yield from part(runs)


def _attribution(runs: int) -> Iterator[str]:
    cells = [(ramp, effect, tasks, runs) for (ramp, effect), tasks in product(((False, 0.0), (True, 0.0), (True, 0.8), (False, 1.5)), TASKS)]
    rows = [
        ["harder later" if ramp else "even", f"{found[0]:.2f}", str(tasks), f"{found[1]:+.3f}", *(f"{100 * each:.1f}" for each in found[2:])]
        for (ramp, _, tasks, _), found in zip(cells, spread(blamed, cells), strict=True)
    ]
    heads = ["stages", "true AF", "tasks", "bias", "interval holds it", "said above 0", "A/A void", "refused: late > early said", "refused: failed points blamed"]
    yield from table("Attributable fraction, six points a task x four re-rolls, percent", heads, rows)


def _mechanisms(runs: int) -> Iterator[str]:
    cells = [(kind, rolls, *rates, runs) for rates, rolls, kind in product(PAIRS, ROLLS, WHY)]
    found = dict(zip(cells, spread(sorted_out, cells), strict=True))
    rows = [
        [f"{high:.2f} / {low:.2f}", str(rolls), *(" / ".join(percent(each) for each in found[kind, rolls, high, low, runs]) for kind in WHY)]
        for (high, low), rolls in product(PAIRS, ROLLS)
    ]
    yield from table("Mechanism of a point: named rightly / wrongly / undecided, percent", ["fails so often / else", "re-rolls", *WHY], rows)


def _retention(runs: int) -> Iterator[str]:
    runs = max(20, runs // SLOW)
    cells = [(name, per, 20, runs) for per, name in product((40, 160), draws.FORGETTERS)]
    rows = []
    for (name, per, _, _), (half, effective, *told) in zip(cells, spread(forgotten, cells), strict=True):
        right, wrong = zip(*((each[draws.named(name)], each.total() - each[draws.named(name)]) for each in told), strict=True)
        others = ", ".join(f"{shape} {percent(count / runs)}" for shape, count in told[0].most_common() if shape != draws.named(name))
        rows.append([name, str(per), *map(percent, (half, effective, *(each / runs for each in (right[0], right[1], wrong[1])))), others or "none"])
    heads = ["forgetter", "probes per depth", "D50 held", "D85 held", "likeliest shape right", "settled and right", "settled and wrong", "likeliest else"]
    yield from table(f"Retention, eight depths from 1k to 160k tokens, 20 tasks ({runs} runs each), percent", heads, rows)


def _survival(runs: int) -> Iterator[str]:
    cells = [(tasks, 3, runs) for tasks in TASKS]
    heads = ["tasks x trials", "RMST held", "difference of none held", "difference at HR 2 held", "p < 0.05 at none", "p < 0.05 at HR 2", "promised", "Weibull shape held"]
    rows = []
    for (tasks, trials, _), found in zip(cells, spread(survived, cells), strict=True):
        told = [f"{100 * each:.1f}" for each in found]
        rows.append([f"{tasks} x {trials}", *told[:5], f"{100 * survival_power(2, tasks, trials).power:.1f}", told[5]])
    yield from table("Survival to turn 80, percent", heads, rows, left=1)


def _hazard(runs: int) -> Iterator[str]:
    worlds = [(tasks, off, runs) for tasks, off in product(TASKS, ("gamma", "normal", "trials differ, too"))]
    rows = [
        [off, str(tasks), *(f"{100 * each:.1f}" for each in found[:3]), f"{found[3]:+.3f}"]
        for (tasks, off, _), found in zip(worlds, spread(hazarded, worlds), strict=True)
    ]
    yield from table("Discrete hazard, 95 % intervals that hold the truth", ["tasks differ", "tasks", "HR 2", "distance", "fill", "bias of log HR"], rows)


def _continuity(runs: int) -> Iterator[str]:
    legs = [(ratio, level, tasks, runs) for (ratio, level), tasks in product(((1.0, 0.6), (0.8, 0.6), (0.5, 0.6), (0.9, 0.95), (0.05, 0.3)), TASKS)]
    rows = [
        [f"{ratio:g}", f"{level:g}", str(tasks), f"{100 * found[0]:.1f}", f"{found[1]:.2f}"]
        for (ratio, level, tasks, _), found in zip(legs, spread(continued, legs), strict=True)
    ]
    yield from table("Continuity ratio, twelve milestones a task", ["true ratio", "own-fresh rate", "tasks", "held, percent", "mean width"], rows, left=2)


def _calls(runs: int) -> Iterator[str]:
    runs = max(20, runs // SLOW)
    worlds = [(rise, spreads, apart, 20, runs) for rise, spreads, apart in ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.0, 1.0), (0.0, 1.2, 0.0), (0.5, 1.2, 0.5))]
    rows = [
        [f"{rise:g}", f"{spreads:g}", f"{apart:g}", *(f"{100 * each:.1f}" for each in found)]
        for (rise, spreads, apart, _, _), found in zip(worlds, spread(called, worlds), strict=True)
    ]
    heads = ["slope", "contagion", "trials differ", "slope held", "contagion held", "slope > 0 said", "slope > 0 said, contagion left out", "contagion > 0 said", "plain excess > 0 said"]
    yield from table(f"Malformed calls, 20 tasks x 3 trials x 40 calls, log odds ({runs} runs each); percent", heads, rows, left=3)


def _agreement(runs: int) -> Iterator[str]:
    cells = [(share, right, items, runs) for share, right, items in product((0.5, 0.8, 0.95), (0.99, 0.95, 0.9), (50, 150, 300))]
    rows = [
        [percent(share), percent(right), str(items), f"{found[0]:.2f}", f"{100 * found[1]:.1f}", f"{100 * found[2]:.1f}"]
        for (share, right, items, _), found in zip(cells, spread(labelled, cells), strict=True)
    ]
    yield from table("Kappa of two labellers, percent", ["holds", "a labeller is right", "items", "true kappa", "interval holds it", "accepted (0.8)"], rows, left=3)


PARTS: dict[str, Callable[[int], Iterator[str]]] = {
    "attribution": _attribution, "mechanisms": _mechanisms, "survival": _survival, "hazard": _hazard,
    "continuity": _continuity, "retention": _retention, "calls": _calls, "agreement": _agreement,
}  # fmt: skip


def main() -> int:
    """The tables as they are found; RUNS is how many studies are drawn for each cell, PARTs are names of PARTS."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{runs} studies for each cell; the standard error of 95 % is {100 * (0.95 * 0.05 / runs) ** 0.5:.1f} points\n")
    for line in tables(runs, sys.argv[2:]):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
