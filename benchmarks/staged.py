"""How long a staged task takes to make, and how many tokens its solution comes to: python -m benchmarks.staged."""

from __future__ import annotations

import time

from task_repos.staging.generating import generate, known
from task_repos.staging.measuring import tokens

BOUND_S = 3.0
"""For tier L."""
SEEDS = (0, 1, 2)


def main() -> int:
    """A line for each tier and family; 1 where one of tier L took longer than its bound."""
    worst = 0.0
    print(f"{'tier':<6}{'family':<8}{'seconds':>9}{'tokens':>22}{'modules':>9}")
    for tier in ("S", "M", "L", "XL"):
        for family in known():
            times, sizes, modules = [], [], 0
            for seed in SEEDS[: 1 if tier == "XL" else None]:
                began = time.perf_counter()
                made = generate(tier, seed, family)
                times.append(time.perf_counter() - began)
                sizes.append(tokens(made.folders[0]))
                modules = len(made.task.ground.graph.modules)
            worst = max(worst, *times) if tier == "L" else worst
            print(f"{tier:<6}{family:<8}{max(times):>9.2f}{f'{min(sizes):,} to {max(sizes):,}':>22}{modules:>9}")
    print(f"tier L: at most {worst:.2f} s of {BOUND_S:.0f} s")
    return 0 if worst < BOUND_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
