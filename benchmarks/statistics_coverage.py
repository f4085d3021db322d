"""How often the 95 % intervals hold the truth: runs drawn from populations of tasks whose pass rate is known.

    .venv/bin/python -m benchmarks.statistics_coverage [RUNS]
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

from harness.metrics.statistics.rates import interval
from harness.metrics.statistics.tally import Tally

RUNS = 500
TASKS = (3, 5, 10, 20, 30, 50)
ATTEMPTS = (1, 3)
Draw = Callable[[random.Random], float]
POPULATIONS: dict[str, tuple[float, Draw]] = {
    "any difficulty": (0.5, lambda chance: chance.random()),
    "mostly easy": (0.8, lambda chance: chance.betavariate(4, 1)),
    "mostly hard": (0.1, lambda chance: chance.betavariate(0.5, 4.5)),
    "always or never": (0.3, lambda chance: float(chance.random() < 0.3)),
    "all alike": (0.5, lambda _: 0.5),
}
"""Name -> the true mean of a task's pass probability, and how to draw one."""


def covered(truth: float, draw: Draw, tasks: int, attempts: int, runs: int) -> float:
    """The share of runs whose interval holds the truth; the same each time, because every run has its seed."""
    held = 0
    for seed in range(runs):
        chance = random.Random(seed)
        chances = [draw(chance) for _ in range(tasks)]
        found = interval([Tally(sum(chance.random() < each for _ in range(attempts)), attempts) for each in chances])
        held += found is not None and found.low <= truth <= found.high
    return held / runs


def main() -> int:
    """One line for each population and number of attempts, one column for each number of tasks."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print("| tasks drawn from | attempts |", " | ".join(f"{tasks} tasks" for tasks in TASKS), "|")
    print("|---|---:|" + "---:|" * len(TASKS))
    for name, (truth, draw) in POPULATIONS.items():
        for attempts in ATTEMPTS:
            shares = [f"{100 * covered(truth, draw, tasks, attempts, runs):.0f} %" for tasks in TASKS]
            print(f"| {name} ({truth:g}) | {attempts} |", " | ".join(shares), "|", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
