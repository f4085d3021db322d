"""What the statistics of differences promise, checked by simulation: power, the smallest difference, the gate, looking every night.

    .venv/bin/python -m benchmarks.validate_power [RUNS]
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks import validate_change, validate_gate
from benchmarks.validate_gate import percent
from harness.metrics.statistics.equivalence import equivalent
from harness.metrics.statistics.foresight import further
from harness.metrics.statistics.power import detectable, power
from harness.metrics.statistics.sequential import watched
from harness.metrics.statistics.signs import sign_flip

RUNS = 1_000
USUAL = 400
SHAPES = ((10, 3), (20, 1), (20, 3), (20, 5), (40, 3), (40, 5), (100, 1), (100, 3), (100, 5))
LOOKS = 60
Draw = Callable[[random.Random], float]


def rivals(difference: float, tasks: int, attempts: int, chance: random.Random) -> list[float]:
    """Differences per task of two models whose rates lie `difference` apart: half of the tasks are settled for both, on the others each has its own
    chances (beta distribution, ICC .35). Written apart from the shipped simulation, to check it."""
    half, size = min(difference, 0.48), 1 / 0.35 - 1
    rest = (difference - half) / 0.5
    found = []
    for _ in range(tasks):
        if chance.random() < 0.5:
            found.append(float(chance.random() < rest))
            continue
        better, worse = (chance.betavariate(mean * size, (1 - mean) * size) for mean in (0.5 + half, 0.5 - half))
        found.append((sum(chance.random() < better for _ in range(attempts)) - sum(chance.random() < worse for _ in range(attempts))) / attempts)
    return found


def shown(difference: float, tasks: int, attempts: int, runs: int) -> int:
    """How often the shipped test finds it."""
    found = 0
    for seed in range(runs):
        differences = rivals(difference, tasks, attempts, random.Random(f"{difference:.4f} {tasks} {attempts} {seed}"))
        found += sum(differences) > 0 and sign_flip(differences) < 0.05
    return found


def powers(runs: int) -> Iterator[str]:
    yield "Power of a comparison (sign-flip, two-sided 5 %) in the default population: a true difference is found so often; from `power`:\n"
    yield "| tasks x attempts | 5 points | 10 points | 15 points | 20 points | 30 points | 80 % at | there, by other simulations | gate: 80 % at |"
    yield "|---|" + "---:|" * 8
    for tasks, attempts in SHAPES:
        found = [percent(power(each, tasks, attempts), 1) for each in (0.05, 0.10, 0.15, 0.20, 0.30)]
        least = detectable(tasks, attempts)
        checked = percent(shown(least, tasks, attempts, runs), runs)
        yield f"| {tasks} x {attempts} | " + " | ".join(found) + f" | {_points(least)} | {checked} | {_points(detectable(tasks, attempts, question='gate'))} |"


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} points" if difference < 1 else "no difference"


def _step(up: float, down: float) -> Draw:
    def draw(chance: random.Random) -> float:
        number = chance.random()
        return 1.0 if number < up else -1.0 if number < up + down else 0.0

    return draw


STREAMS: dict[str, tuple[float, Draw]] = {
    "few tasks differ": (0.0, _step(0.05, 0.05)),
    "a third differ": (0.0, _step(1 / 6, 1 / 6)),
    "nearly all differ": (0.0, _step(0.45, 0.45)),
    "rare but large against many": (0.0, lambda chance: -0.9 if chance.random() < 0.1 else 0.1),
    "just at the margin of 10 points": (0.10, _step(0.18, 0.08)),
}
"""Name -> the true mean of a difference per task, and how to draw one."""


def erred(truth: float, observations: Sequence[float], margin: float = 0.10) -> tuple[bool, bool]:
    """Whether any look decides wrongly: by the sequence (better, worse, or equal where the truth is not), and by sign-flip tests repeated."""
    final = watched(observations)
    # Bounds only ever close in: what the last look says is what any look said.
    by_sequence = truth < final.low or truth > final.high or (abs(truth) >= margin and -margin < final.low and final.high < margin)
    by_tests = truth == 0.0 and any(sign_flip(observations[: look + 1]) < 0.05 for look in range(9, len(observations)))
    return by_sequence, by_tests


def looks(runs: int) -> Iterator[str]:
    yield f"Looking after each of {LOOKS} tasks: a false decision at any look, of {runs}; beside a sign-flip test repeated from the tenth task on:\n"
    yield "| differences per task | confidence sequence | fixed-n test repeated |"
    yield "|---|---:|---:|"
    for name, (truth, draw) in STREAMS.items():
        found = [erred(truth, [draw(chance) for _ in range(LOOKS)]) for chance in map(random.Random, range(runs))]
        repeated = percent(sum(test for _, test in found), runs) if truth == 0.0 else ""
        yield f"| {name} | {percent(sum(sequence for sequence, _ in found), runs)} | {repeated} |"
    found = [erred(0.0, random.Random(seed).sample([1.0] * 12 + [-1.0] * 12 + [0.0] * 36, LOOKS)) for seed in range(runs)]
    yield f"| one suite of 60 in random order, all of it | {percent(sum(each for each, _ in found), runs)} | {percent(sum(each for _, each in found), runs)} |"


def waits(runs: int) -> Iterator[str]:
    yield f"What looking costs: a true difference shown after so many tasks (a third of the tasks differ), of {runs}:\n"
    yield "| true difference | method | 20 tasks | 40 tasks | 60 tasks | 100 tasks | 200 tasks |"
    yield "|---:|---|" + "---:|" * 5
    for difference in (0.10, 0.15, 0.20, 0.30):
        draw = _step((0.34 + difference) / 2, (0.34 - difference) / 2)
        streams = [[draw(chance) for _ in range(200)] for chance in map(random.Random, range(runs))]
        for name, better in (("any look (sequence)", _better), ("one look, number fixed beforehand", _once)):
            shares = (percent(sum(better(stream[:tasks]) for stream in streams), runs) for tasks in (20, 40, 60, 100, 200))
            yield f"| {100 * difference:.0f} points | {name} | " + " | ".join(shares) + " |"


def _better(observations: Sequence[float]) -> bool:
    return watched(observations).low > 0


def _once(observations: Sequence[float]) -> bool:
    return sum(observations) > 0 and sign_flip(observations) < 0.05


def decided(differences: Sequence[float], margin: float) -> bool:
    return equivalent(differences, margin).holds or sign_flip(differences) < 0.05


def furthers(runs: int) -> Iterator[str]:
    yield f"Undecided comparisons (margin 10 points) carried on by as many tasks as `further` says, at most 2,000, of {runs}:\n"
    yield "| tasks x attempts | undecided at first | further tasks, median | decided then |"
    yield "|---|---:|---:|---:|"
    for tasks, attempts in ((20, 1), (20, 3), (40, 3)):
        more, then = [], 0
        for seed in range(runs):
            chance = random.Random(f"further {tasks} {attempts} {seed}")
            difference = chance.uniform(0, 0.3)
            first = rivals(difference, tasks, attempts, chance)
            number = None if decided(first, 0.10) else further(first, 0.10)
            if number is not None and number <= 2_000:
                more.append(number)
                then += decided(first + rivals(difference, number, attempts, chance), 0.10)
        yield f"| {tasks} x {attempts} | {percent(len(more), runs)} | {sorted(more)[len(more) // 2]} | {percent(then, len(more))} |"


def tables(runs: int) -> Iterator[str]:
    """Markdown, line by line, with a heading for each part."""
    yield from ("### Power and the smallest difference", "")
    yield from powers(runs)
    yield ""
    yield from furthers(min(runs, 300))
    yield from ("", "### The change between two nights", "")
    yield from validate_change.tables(runs)
    yield from ("", "### The gate", "")
    # A thousand nights is what the gate promises its green for; a quicker look than usual stays quick.
    yield from validate_gate.tables(runs if runs < USUAL else max(runs, 1_000))
    yield from ("", "### Looking every night", "")
    yield from looks(min(runs, 500))
    yield ""
    yield from waits(min(runs, 300))


def main() -> int:
    for line in tables(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
