"""Every promise of the statistics checked by simulation, as the tables that stand in docs/statistics.md and docs/context-statistics.md.

    .venv/bin/python -m benchmarks.validate_statistics [RUNS]
"""

from __future__ import annotations

import sys
from importlib import import_module

RUNS = 400
PARTS = ("validate_rates", "validate_differences", "validate_exact", "validate_power", "validate_context")


def main() -> int:
    """Each part's tables as they are found; RUNS is how many runs are drawn for each cell."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(f"{runs} runs for each cell; the standard error of 95 % is {100 * (0.95 * 0.05 / runs) ** 0.5:.1f} points\n")
    for part in PARTS:
        for line in import_module(f"benchmarks.{part}").tables(runs):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
