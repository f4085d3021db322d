"""What weakens a word or forbids it, and what else a reader of a comparison should know, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.answer.compare.comparison import Case, Word
from harness.answer.compare.figures import Figures, TaskPair
from harness.answer.compare.measured import Measured
from harness.answer.compare.pair import Pair
from harness.answer.compare.sentence import chance
from harness.report.cautions import FEW_TASKS, cautions
from harness.report.cells import BROKEN_BOUND
from harness.report.summary import counted, percent

SPOKEN = ("disputed", "suspicious", "draft", "few_tasks", "mixed_model", "mixed_harness")
"""Kinds of cautions that are told otherwise; two sides may well be made by different things."""
UNEVEN, MANY = 3, 60
"""So many times the other's attempts, on fewer tasks than these, and two sides that are alike are told apart 10 to 26 times in 100 instead of 5 (tasks that
pass 90 times in 100; ten attempts against one on 12 tasks are the worst): one failure in one attempt weighs as much as ten."""
EARLY = "the test is for a night that has ended, --sequential for looking on the way"
NAMED = 3
"""Tasks that are named where many are meant."""


def forbidding(tasks: int, sides: tuple[Figures, Figures], called: tuple[str, str], word: Word, cases: Sequence[Case]) -> Iterator[str]:
    """Reasons why no word may be said, the plainest first."""
    if not tasks:
        yield "no task is decided on both sides"
    elif tasks < FEW_TASKS:
        yield f"{counted(tasks, 'common task')} {'is' if tasks == 1 else 'are'} too few, {FEW_TASKS} are needed"
    for side, name in zip(sides, called, strict=True):
        if side.broken > BROKEN_BOUND:
            yield f"{percent(side.broken)} of the trials of {name} broke, above {percent(BROKEN_BOUND)}"
    if tasks and any(case.word != word for case in cases):
        words = " and ".join(f"{case.word} in the {case.name} case" for case in cases)
        yield f"the word hangs on trials that are broken, disputed or suspicious ({word} as judged, {words} for {called[0]})"


def uneven(tasks: Sequence[TaskPair], called: tuple[str, str]) -> Iterator[str]:
    """The signs of differences are no coin's where one side has many more attempts; a larger number of tasks makes up for it."""
    if not tasks or len(tasks) >= MANY:
        return
    one, other = (sum(tally.decided for tally in side) / len(tasks) for side in zip(*((each.a, each.b) for each in tasks), strict=True))
    if max(one, other) > UNEVEN * min(one, other):
        yield f"{one:.3g} attempts per task of {called[0]} against {other:.3g} of {called[1]} are too uneven for {counted(len(tasks), 'task')}, below {MANY}"


def fewer_attempts(sides: tuple[Figures, Figures], called: tuple[str, str]) -> Iterator[str]:
    """pass^k is a figure of the tasks with so many attempts, which are no sample of all."""
    for side, name in zip(sides, called, strict=True):
        at = side.at_k[-1]
        if at.tasks < side.tasks:
            yield f"pass@{at.k} and pass^{at.k} of {name} are of the {at.tasks:,} of {counted(side.tasks, 'task')} that have {at.k} decided attempts"


def weakening(pair: Pair, sides: tuple[Figures, Figures], called: tuple[str, str], found: Measured) -> Iterator[str]:
    """What does not forbid a word."""
    one, other = pair.doubtful
    if found.cases and one + other:
        yield f"{counted(one, 'trial')} of {called[0]} and {other:,} of {called[1]} are broken, disputed or suspicious: best and worst case stand beside"
    for what in ("pending", "invalid"):
        first, second = (getattr(side.counts, what) for side in sides)
        if first + second:
            early = f": {EARLY}" if what == "pending" and found.difference else ""
            yield f"{counted(first, 'trial')} of {called[0]} and {second:,} of {called[1]} are {what}{early}"
    missing = len(pair.common) - sides[0].tasks
    if missing:
        yield f"{counted(missing, 'common task')} without a decided trial on one side {'is' if missing == 1 else 'are'} left out"


def adjusted(found: Measured, count: int) -> Iterator[str]:
    """That p is not what a single comparison would give."""
    if found.difference:
        before, after = _figure(found.difference.p), _figure(found.p)
        yield f"{counted(count, 'comparison')} are made at once: p is adjusted by Holm's method, {f'from {before} to {after}' if before != after else f'and stays {after}'}"


def _figure(p: float) -> str:
    return chance(p).removeprefix("p ").removeprefix("= ")


def uncommon(pair: Pair, called: tuple[str, str]) -> Iterator[str]:
    """Tasks that only one side was given, and drafts."""
    for tasks, name in ((pair.alone_a, called[0]), (pair.alone_b, called[1])):
        if tasks:
            yield f"only {name} was given {_named(tasks)}: outside"
    if pair.drafts:
        yield f"the request is a draft that nobody has accepted: {_named(pair.drafts)} outside"


def repeated(pair: Pair, called: tuple[str, str]) -> Iterator[str]:
    """What the sequential method does not look at, though the table beneath counts it: further trials of a task, and runs without a task of their own."""
    held = ((called[0], pair.a, pair.marks_a), (called[1], pair.b, pair.marks_b))
    more = [len(side.rows) - len(pair.common) for _, side, _ in held]
    if any(more):
        number = f"{counted(len(pair.common), 'task')}: {counted(more[0], 'further trial')} of {called[0]} and {more[1]:,} of {called[1]} add nothing to it"
        yield f"the sentence is of the first attempt at each of {number}; the rates and figures of the table are of all trials"
    new = {marks[task][0].run for _, _, marks in held for task in pair.common}
    named = {run: word for side in (pair.a, pair.b) for run, word in zip(side.runs, side.called or side.runs, strict=True)}
    old = [word for run, word in named.items() if run not in new]
    if old:
        yield f"no task of {', '.join(old)} is new: repeating tasks adds nothing, the trials of {'it' if len(old) == 1 else 'these'} are not in the sentence"


def cautioned(pair: Pair) -> Iterator[str]:
    """What a report of the same trials warns of, as far as it has no words of its own here."""
    yield from (caution.text for caution in cautions((*pair.a.rows, *pair.b.rows), ()) if caution.kind not in SPOKEN)


def _named(tasks: Sequence[str]) -> str:
    more = len(tasks) - NAMED
    return f"{counted(len(tasks), 'task')} ({', '.join(tasks[:NAMED])}{f' and {more:,} more' if more > 0 else ''})"
