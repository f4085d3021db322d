"""Eight scripted trials at a time with all that a record takes, beside the same calls on bare sandboxes, eight at a time, in one run."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.figures import Figure, told
from benchmarks.sandbox_measure import prepare
from benchmarks.trials import pace, raced

AT_ONCE = 8
FULL, QUICK = 96, 32
MOST = 2.5


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """Bare work before and after, so that a busy moment weighs on both."""
    trials = QUICK if quick else FULL
    prepare()
    before = bare_pace(trials // 2)
    ours = pace(AT_ONCE, trials, graded=False)
    bare = (before + bare_pace(trials // 2)) / 2
    return (
        Figure("per_minute", "trials of thirty calls, eight at a time, with store and a tree per turn", ours.per_minute, "per minute"),
        Figure("bare_per_minute", "the same calls on bare sandboxes, eight at a time", bare, "per minute"),
        Figure("ratio", "time of a recorded trial beside the bare one", bare / ours.per_minute, "x", most=MOST),
        Figure("cpu_s", "processor seconds of the harness per trial", ours.cpu_s, "s"),
    )


def bare_pace(trials: int) -> float:
    """Trials per minute of eight processes that hold nothing but a sandbox."""
    share = trials // AT_ONCE
    words = (sys.executable, "-m", "benchmarks.many_worker", str(share))
    workers = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(AT_ONCE)]
    seconds, _ = raced(workers)
    return 60 * share * AT_ONCE / seconds


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
