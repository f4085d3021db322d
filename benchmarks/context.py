"""What context loss is read from: scene, ledger and every detector over one trial of 200 turns and 10 MB, in seconds and memory."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

from benchmarks.context_trial import Forest, a_trial
from benchmarks.figures import Figure, told
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene

FULL, QUICK = 200, 40
ALL_S, ALL_MB = 1.5, 200.0
ROUNDS = 3


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """Processor seconds, the best of three, since other work on the machine is nobody's figure here. Memory: what Python allocates beyond the trace, its blobs and its trees, at most."""
    turns = QUICK if quick else FULL
    made = a_trial(turns)
    forest = Forest(made.trees)
    size = sum(len(words.text) for words in scene("made", made.task, made.trace, made.get, forest).words.values())

    def read() -> Scene:
        return scene("made", made.task, made.trace, made.get, forest)

    def whole() -> object:
        now = read()
        return [now.ledger.sight(item, turn) for item in now.ledger.items for turn in range(1, len(now.turns) + 1)] and findings(now)

    items, what = len(read().ledger.items), f"{turns} turns, {size / 1e6:.1f} MB of words"
    return (
        Figure("ledger_s", f"scene and ledger over {what}, {items} items", seconds(read), "s"),
        Figure("ledger_mb", "their peak memory", peak(read), "MB"),
        Figure("all_s", "the same with every sight asked for and every detector", seconds(whole), "s", most=ALL_S),
        Figure("all_mb", "their peak memory", peak(whole), "MB", most=ALL_MB),
    )


def seconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
