"""`resume` and `status` of a run whose 10,000 trials are all settled, beside a bare interpreter: medians."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, longhaul, spent, told
from benchmarks.synthetic import RUN, Scale, lay

FULL, QUICK = Scale(500, 10, 1), Scale(50, 5, 1)
ROUNDS = 3
BOUND_S = 2.0


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """The run is made by hand first; resume must find nothing to do and print the table."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        lay(home, scale)
        bare = statistics.median(spent((sys.executable, "-c", ""), os.environ).seconds for _ in range(ROUNDS))
        resumed = [longhaul(home, "resume", RUN, "--quiet") for _ in range(ROUNDS)]
        seen = [longhaul(home, "status", RUN) for _ in range(ROUNDS)]
    if f"planned {scale.trials}" not in resumed[0].out.replace(",", ""):
        raise RuntimeError(f"resume printed no table of {scale.trials} trials: {resumed[0].out[-300:]}")
    seconds = statistics.median(each.seconds for each in resumed)
    return (
        Figure("seconds", f"resume of a run with {scale.trials:,} settled trials", seconds, "s", most=BOUND_S),
        Figure("to_bare", "the same beside a bare interpreter", seconds / bare, "x"),
        Figure("cpu_s", "its processor seconds", statistics.median(each.cpu for each in resumed), "s"),
        Figure("peak_mb", "its peak memory", max(each.peak for each in resumed) / 1e6, "MB"),
        Figure("status", "status of the same run", statistics.median(each.seconds for each in seen), "s", most=BOUND_S),
        Figure("status_cpu_s", "its processor seconds", statistics.median(each.cpu for each in seen), "s"),
    )


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
