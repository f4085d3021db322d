"""How often the 95 % intervals of rates, of pass@k and of pass^k hold the truth, and that the estimates are without bias."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np

from benchmarks.validate_draws import ATTEMPTS, RATES, TASKS, generator, percent, spread, table
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.passk import at_k
from harness.metrics.statistics.rates import interval
from harness.metrics.statistics.tally import Tally

FEW = (3, 5)
TRIED, K = 5, 3
TRUTHS = 400_000


@lru_cache(maxsize=100_000)
def _interval(passes: tuple[int, ...], attempts: int) -> Interval | None:
    return interval([Tally(each, attempts) for each in passes])


def _passes(name: str, tasks: int, attempts: int, run: int) -> tuple[int, ...]:
    chance = generator("rate", name, tasks, attempts, run)
    return tuple(sorted(chance.binomial(attempts, RATES[name][1](chance, tasks)).tolist()))


def covered(cell: tuple[str, int, int, int]) -> float:
    """(population, tasks, attempts, runs) -> the share of runs whose interval holds the true rate."""
    name, tasks, attempts, runs = cell
    truth, held = RATES[name][0], 0
    for run in range(runs):
        found = _interval(_passes(name, tasks, attempts, run), attempts)
        held += found is not None and found.low - 1e-9 <= truth <= found.high + 1e-9
    return held / runs


def of_k(cell: tuple[str, int, int]) -> tuple[float, float, float, float]:
    """(population, tasks, runs), five attempts, k = 3: bias in points and coverage of pass@k, then of pass^k."""
    name, tasks, runs = cell
    chances = RATES[name][1](generator("truth", name), TRUTHS)
    any_of, all_of = float(np.mean(1 - (1 - chances) ** K)), float(np.mean(chances**K))
    told = [at_k([Tally(each, TRIED) for each in _passes(name, tasks, TRIED, run)], K)[K - 1] for run in range(runs)]
    found = []
    for truth, pairs in (
        (any_of, [(each.pass_at_k, each.pass_at_k_interval) for each in told]), (all_of, [(each.pass_hat_k, each.pass_hat_k_interval) for each in told]),
    ):  # fmt: skip
        found.append(100 * (sum(figure or 0.0 for figure, _ in pairs) / runs - truth))
        found.append(sum(bounds is not None and bounds.low <= truth <= bounds.high for _, bounds in pairs) / runs)
    return found[0], found[1], found[2], found[3]


def tables(runs: int) -> Iterator[str]:
    columns = FEW + TASKS
    cells = [(name, tasks, attempts, runs) for name, attempts, tasks in product(RATES, ATTEMPTS, columns)]
    held = dict(zip(cells, spread(covered, cells), strict=True))
    rows = [
        [f"{name} ({RATES[name][0]:g})", str(attempts), *(percent(held[name, tasks, attempts, runs]) for tasks in columns)]
        for name, attempts in product(RATES, ATTEMPTS)
    ]
    heads = ["tasks drawn from (true rate)", "attempts", *(f"{tasks} tasks" for tasks in columns)]
    yield from table("Rates: percent of 95 % intervals that hold the truth", heads, rows)
    few = max(100, runs // 4)
    cells_k = [(name, tasks, few) for name, tasks in product(list(RATES)[:4], TASKS)]
    rows = [
        [name, str(tasks), f"{found[0]:+.1f}", percent(found[1]), f"{found[2]:+.1f}", percent(found[3])]
        for (name, tasks, _), found in zip(cells_k, spread(of_k, cells_k), strict=True)
    ]
    heads = ["tasks drawn from", "tasks", "pass@3 off by, points", "its interval holds, %", "pass^3 off by, points", "its interval holds, %"]
    yield from table(f"pass@3 and pass^3 of five attempts ({few} runs each): bias and coverage", heads, rows)
