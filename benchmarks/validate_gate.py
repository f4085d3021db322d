"""What the gate says of nights whose truth is known: unchanged ones, worse ones, broken ones; with the shipped test and the shipped rule."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from harness.answer.night.gating import Evidence, decide
from harness.metrics.statistics.power import power
from harness.metrics.statistics.signs import sign_flip
from harness.metrics.statistics.stratified import Change, changed
from harness.metrics.statistics.tally import Tally

MAX_DROP = 0.10
TASKS = (10, 20, 50, 100)
ATTEMPTS = (1, 3, 5, 10)
Chance = random.Random
Draw = Callable[[Chance, int], list[float]]


def usual(chance: Chance, tasks: int) -> list[float]:
    """Half of the tasks trivial or impossible, the others anywhere (beta distribution, ICC .35)."""
    return [chance.choice((0.0, 1.0)) if chance.random() < 0.5 else chance.betavariate(0.929, 0.929) for _ in range(tasks)]


POPULATIONS: dict[str, Draw] = {
    "half trivial or impossible": usual,
    "all flaky": lambda chance, tasks: [chance.uniform(0.3, 0.7) for _ in range(tasks)],
    "mostly easy": lambda chance, tasks: [1.0 if chance.random() < 0.5 else chance.betavariate(4, 1) for _ in range(tasks)],
    "nearly all stable": lambda chance, tasks: [chance.choice((0.02, 0.98, 0.98)) for _ in range(tasks)],
}


def night(chances: Sequence[float], attempts: Sequence[int], chance: Chance) -> list[Tally]:
    """One night of a suite."""
    return [Tally(sum(chance.random() < each for _ in range(many)), many) for each, many in zip(chances, attempts, strict=True)]


def again(before: Sequence[Tally], chances: Sequence[float], kept: float, chance: Chance) -> list[Tally]:
    """A second night of the same seeds: each attempt ends as on the first with a chance of `kept`, else by a new draw."""
    return [
        Tally(sum((index < old.passed) if chance.random() < kept else (chance.random() < each) for index in range(old.decided)), old.decided)
        for old, each in zip(before, chances, strict=True)
    ]


def spread(chances: Sequence[float], drop: float) -> list[float]:
    """Every task loses the same part of its chance; the mean falls by `drop`."""
    mean = sum(chances) / len(chances)
    return [each * max(0.0, 1 - drop / mean) for each in chances] if mean else list(chances)


def concentrated(chances: Sequence[float], drop: float) -> list[float]:
    """The likeliest tasks never pass any more, one after the other, until the mean has fallen by `drop`."""
    left, found = drop * len(chances), list(chances)
    for index in sorted(range(len(found)), key=lambda at: -found[at]):
        taken = min(found[index], left)
        found[index], left = found[index] - taken, left - taken
    return found


def word(change: Change, max_drop: float = MAX_DROP, broken: float = 0.0) -> str:
    """As the command says of a night without doubtful trials."""
    return decide(Evidence(change, change, change, broken), max_drop).word


def words(draw: Draw, shape: tuple[int, int], runs: int, worsened: Callable[[Sequence[float]], Sequence[float]] = list) -> Counter[str]:
    """The words of so many nights, each of another suite."""
    tasks, attempts = shape
    found: Counter[str] = Counter()
    for seed in range(runs):
        chance = Chance(f"{shape} {seed}")
        chances = draw(chance, tasks)
        before = night(chances, [attempts] * tasks, chance)
        found[word(changed(before, night(worsened(chances), [attempts] * tasks, chance)))] += 1
    return found


def percent(count: float, runs: int) -> str:
    return f"{100 * count / runs:.1f} %"


def unchanged(runs: int) -> Iterator[str]:
    """A/A: nothing changed, so green is right."""
    yield f"Nights on which nothing changed, green of {runs} (red in brackets); a drop of 10 points matters:\n"
    yield "| suite | tasks | " + " | ".join(f"{attempts} attempt{'s' * (attempts > 1)}" for attempts in ATTEMPTS) + " |"
    yield "|---|---:|" + "---:|" * len(ATTEMPTS)
    for name, draw in POPULATIONS.items():
        for tasks in TASKS:
            found = [words(draw, (tasks, attempts), runs) for attempts in ATTEMPTS]
            yield f"| {name} | {tasks} | " + " | ".join(f"{percent(each['ok'], runs)} ({percent(each['regressed'], runs)})" for each in found) + " |"


def worse(runs: int) -> Iterator[str]:
    """A drop of 15 points, spread over all tasks and sitting in few, beside the power that an estimate promises."""
    yield f"Nights on which the suite fell by 15 points, red of {runs} (standard error at most 1.6 points with 1,000), beside the power promised beforehand:\n"
    yield "| tasks | attempts | promised | red, drop spread over all tasks | red, drop in few tasks | undecided, spread |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for tasks, attempts in ((20, 3), (20, 5), (40, 3), (40, 5), (50, 10), (100, 1), (100, 3), (100, 5)):
        over = words(usual, (tasks, attempts), runs, lambda chances: spread(chances, 0.15))
        few = words(usual, (tasks, attempts), runs, lambda chances: concentrated(chances, 0.15))
        promised = percent(power(0.15, tasks, attempts, question="gate", max_drop=MAX_DROP), 1)
        shares = (percent(each, runs) for each in (over["regressed"], few["regressed"], over["undecided"]))
        yield f"| {tasks} | {attempts} | {promised} | " + " | ".join(shares) + " |"


def hiccup(chances: Sequence[float], attempts: int, share: float, chance: Chance) -> str:
    """The word where tonight's server fails for a share of the trials, from some trial on; those that ended are counted, those that broke may be either."""
    before = night(chances, [attempts] * len(chances), chance)
    trials = [(task, chance.random() < each) for task, each in enumerate(chances) for _ in range(attempts)]
    start, many = chance.randrange(len(trials)), round(share * len(trials))
    broken = {(start + index) % len(trials) for index in range(many)}
    ends: dict[str, dict[int, list[bool]]] = {"seen": {}, "best": {}, "worst": {}}
    for index, (task, passed) in enumerate(trials):
        for case, held in ends.items():
            if index not in broken or case != "seen":
                held.setdefault(task, []).append(passed if index not in broken else case == "best")
    seen, best, worst = (
        changed([before[task] for task in held], [Tally(sum(each), len(each)) for each in held.values()]) for held in ends.values()
    )
    return decide(Evidence(seen, best, worst, many / len(trials)), MAX_DROP).word


def hiccups(runs: int) -> Iterator[str]:
    """Nights on which the machine failed and the model did not change."""
    shares = (0.02, 0.04, 0.10, 0.20, 0.40)
    yield f"Nights on which a share of the trials broke and the model did not change, 40 tasks x 3 attempts, words of {runs}:\n"
    yield "| trials broken | ok | undecided | red |"
    yield "|---:|---:|---:|---:|"
    for share in shares:
        found: Counter[str] = Counter()
        for seed in range(runs):
            chance = Chance(f"hiccup {share} {seed}")
            found[hiccup(usual(chance, 40), 3, share, chance)] += 1
        yield f"| {100 * share:.0f} % | " + " | ".join(percent(found[each], runs) for each in ("ok", "undecided", "regressed")) + " |"


def few_turned(flaky: int, runs: int) -> tuple[int, int]:
    """Nights (of 20 tasks x 3, `flaky` at even chances, the others stable) on which three stable tasks fell from 3/3 to 0/3: shown by either test."""
    within = across = 0
    for seed in range(runs):
        chance = Chance(f"turned {flaky} {seed}")
        chances = [0.5] * flaky + [1.0] * (20 - flaky)
        before, now = night(chances, [3] * 20, chance), night([*chances[:17], 0.0, 0.0, 0.0], [3] * 20, chance)
        within += changed(before, now).p_worse <= 0.025
        across += sign_flip([new.share - old.share for old, new in zip(before, now, strict=True)], side="less") <= 0.025
    return within, across


def flaky(runs: int) -> Iterator[str]:
    """A flaky task must not hide a stable one that turned."""
    yield f"Twenty tasks x 3 attempts, of which three stable ones fell from 3/3 to 0/3; drop shown (one-sided 2.5 %) of {runs}:\n"
    yield "| flaky tasks among the other 17 | within tasks (shipped) | sign-flip over tasks |"
    yield "|---:|---:|---:|"
    for many in (0, 2, 5, 10):
        within, across = few_turned(many, runs)
        yield f"| {many} | {percent(within, runs)} | {percent(across, runs)} |"


def tables(runs: int) -> Iterator[str]:
    """Markdown, line by line."""
    for number, table in enumerate((unchanged, worse, hiccups, flaky)):
        yield from ("",) if number else ()
        yield from table(runs)
