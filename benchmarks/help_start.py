"""How long `longhaul --help` takes beside a bare interpreter: medians of alternating runs, and their ratio."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

RUNS = 20
BOUND = 10.0
BARE = (sys.executable, "-c", "")
HELP = (sys.executable, "-c", "from harness.cli.main import main; main(['--help'])")


def once(argv: tuple[str, ...]) -> float:
    """Seconds of one run."""
    began = time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def measure(runs: int = RUNS) -> dict[str, float]:
    """Medians in seconds, one of each in turn, so that what else the machine does weighs on both."""
    for argv in (BARE, HELP):
        once(argv)
    pairs = [(once(BARE), once(HELP)) for _ in range(runs)]
    bare, told = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"bare_s": bare, "help_s": told, "ratio": told / bare, "bound": BOUND}


if __name__ == "__main__":
    figures = measure()
    print(json.dumps({name: round(figure, 4) for name, figure in figures.items()}))
    sys.exit(figures["ratio"] > BOUND)
