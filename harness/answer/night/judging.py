"""Tonight against a baseline: each side's word, with the figures, the flaky tasks and the new failures that stand behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from statistics import median_low
from typing import Final

import msgspec

from harness.answer.night.departures import Departure, departures
from harness.answer.night.gating import Decision, Evidence, Word, controlled, decide, excluded, night, points
from harness.answer.night.sheets import FRESH, LOST, Ends, Sheet
from harness.answer.outlook.promise import gate_finds
from harness.answer.side import Case, Who
from harness.metrics.row import Row
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.power import detectable
from harness.metrics.statistics.rates import interval, mean
from harness.metrics.statistics.several import holm
from harness.metrics.statistics.stratified import Change, changed
from harness.metrics.statistics.tally import Tally
from harness.report.summary import counted, counts_line, percent, who

NAMED: Final = 3
"""Tasks named in a sentence; the JSON has all."""
CASES: Final[tuple[Case, ...]] = ("seen", "best", "worst")


class Rate(msgspec.Struct, frozen=True):
    """One side of one night: trials, and the mean over the common tasks, 0..1, with its 95 % interval; None where there is none."""

    counts: Ends
    rate: float | None
    interval: Interval | None
    broken: float


class Trial(msgspec.Struct, frozen=True):
    """Tonight's; `evidence` is its first sentence."""

    trial: str
    outcome: str
    reason: str
    evidence: str


class TaskThen(msgspec.Struct, frozen=True):
    """A task before and tonight, with tonight's trials that did not pass."""

    task: str
    then: Ends
    now: Ends
    trials: tuple[Trial, ...]

    @property
    def both(self) -> Ends:
        return self.then + self.now


class Judged(msgspec.Struct, frozen=True):
    """One side. `control`: it has no word of its own, it can take one from the side it controls.

    `changes`: tonight minus baseline as judged, at best, at worst; None without a common task. `p_holm`: of the one-sided p as judged,
    adjusted for all sides that have a word. `detectable`: the drop that the test finds four times in five, asked only where a green night does
    not exclude the drop that matters. `left_out`: tasks that changed; `lost`: other tasks of the baseline without a decided trial tonight.
    `new_failures`: always passed before, failed tonight; `flaky`: both outcomes before, or tonight, among the rest.
    """

    who: Who
    control: bool
    word: Word
    reasons: tuple[str, ...]
    then: Rate
    now: Rate
    changes: dict[str, Change | None]
    p_holm: float | None
    detectable: float | None
    tasks: int
    left_out: tuple[str, ...]
    lost: tuple[str, ...]
    new_failures: tuple[TaskThen, ...]
    flaky: tuple[TaskThen, ...]
    finds: float | None = None
    """The drop that turns a night red as often, `max_drop` included; None where the test alone shows `max_drop`, or nobody asked."""


class Terms(msgspec.Struct, frozen=True):
    """`max_drop`: 0..1, the drop that matters; `accepted`: names of departures, and "pending"; `seeds`: the plan's, then and now."""

    max_drop: float = 0.10
    strict: bool = False
    accepted: tuple[str, ...] = ()
    seeds: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


class Pair(msgspec.Struct, frozen=True):
    """One side before and tonight; None: it is not among tonight's.

    `nights`: so many nights of the same draws the baseline has where tonight's are others: it then counts as one night. `counted`: which of
    tonight's lost trials count at best and at worst.
    """

    then: Sheet
    now: Sheet | None
    rows: tuple[Row, ...] = ()
    nights: int = 1
    counted: tuple[str, ...] = LOST

    @property
    def changed_tasks(self) -> frozenset[str]:
        """Those that are not what they were: nothing of them can be compared."""
        if self.now is None:
            return frozenset()
        now = self.now.identity.tasks
        return frozenset(task for task, words in self.then.identity.tasks.items() if task in now and now[task] != words)

    def tallies(self, case: Case) -> tuple[dict[str, Tally], dict[str, Tally]]:
        """Before and tonight, by common task in the baseline's order. What was lost before counts in no case."""
        before, now = self.then.tallies(case, ()), self.now.tallies(case, self.counted) if self.now else {}
        names = [task for task in self._alike(before) if task in now]
        return {task: thinned(before[task], self.nights, task) for task in names}, {task: now[task] for task in names}

    @property
    def missing(self) -> float:
        """Share of tonight's trials that never came to an end, of the tasks that were decided before, 0..1."""
        kinds = [kind for kind in self.counted if kind != "broken"]
        return self.now.missing(self._alike(self.then.tallies()), kinds) if self.now else 0.0

    @property
    def lost(self) -> tuple[str, ...]:
        """Tasks that were decided before and are not tonight."""
        now = self.now.tallies() if self.now else {}
        return tuple(task for task in self._alike(self.then.tallies()) if task not in now)

    def _alike(self, tasks: Iterable[str]) -> list[str]:
        left_out = self.changed_tasks
        return [task for task in tasks if task not in left_out]


def thinned(tally: Tally, nights: int, task: str) -> Tally:
    """So many nights' trials of a task as one night's. Exact where the nights were copies of each other, as fixed seeds make them.

    Where they were not, a whole number of passes is drawn whose mean is the rate, by the task's name: to round would favour one side. Refused:
    drawing one night's trials from all of them, which takes copies twice.
    """
    if nights == 1:
        return tally
    decided = max(1, round(tally.decided / nights))
    passes = round(tally.share * decided, 9)
    drawn = int.from_bytes(sha256(task.encode()).digest()[:4]) / 2**32
    return Tally(int(passes) + (drawn < passes % 1), decided)


def pairs(then: Sequence[Sheet], now: Mapping[Who, tuple[Sheet, tuple[Row, ...]]]) -> tuple[Pair, ...]:
    """Each side of the baseline with tonight's."""
    found = [(sheet, now.get(sheet.who)) for sheet in then]
    return tuple(Pair(sheet, None) if same is None else Pair(sheet, *same) for sheet, same in found)


def departed(held: Sequence[Pair], terms: Terms) -> tuple[tuple[Who, Departure], ...]:
    """Everything that tonight was not run with what the baseline was, by side; seeds first, for all of them."""
    then, now = terms.seeds
    seeds = Departure("seeds", " and ".join(map(str, then)), " and ".join(map(str, now)))
    apart = tuple((pair.then.who, seeds) for pair in held if then != now and not pair.then.control and pair.now)
    return apart[:1] + tuple(
        (pair.then.who, each) for pair in held if pair.now and pair.now.begun
        for each in departures(pair.then.identity, pair.now.identity, pair.now.tasks)
    )  # fmt: skip


def redrawn(pair: Pair, names: Iterable[str]) -> Pair:
    """`names`: what departs from the baseline. Anything but the choice of tasks draws anew what fixed seeds had drawn alike."""
    anew = not pair.then.control and any(name != "tasks" for name in names)
    return msgspec.structs.replace(pair, nights=pair.then.nights) if anew else pair


def judged(held: Sequence[Pair], terms: Terms) -> tuple[Judged, ...]:
    """Every side of the baseline. p values of sides with a word of their own are adjusted for their number (Holm), case by case."""
    found = {pair.then.who: changes(pair) for pair in held}
    fixed = [pair.then.who for pair in held if not pair.then.control]
    adjusted = {name: dict(each) for name, each in found.items()}
    for case in CASES:
        known = {name: change for name in fixed if (change := found[name][case]) is not None}
        for (name, change), p in zip(known.items(), holm([each.p_worse for each in known.values()]), strict=True):
            adjusted[name][case] = msgspec.structs.replace(change, p_worse=p)
    weighed = {pair.then.who: _evidence(pair, adjusted[pair.then.who]) for pair in held}
    return tuple(_judged(pair, found[pair.then.who], weighed, terms) for pair in held)


def word_of(sides: Iterable[Judged]) -> Word:
    """Of the night: controls have a say through the side they control."""
    return night(Decision(side.word, ()) for side in sides if not side.control)


def changes(pair: Pair) -> dict[str, Change | None]:
    """Tonight minus baseline as judged, at best, at worst; what is the same count is counted once."""
    known: list[tuple[object, Change]] = []
    found: dict[str, Change | None] = {}
    for case in CASES:
        counts = pair.tallies(case)
        change = next((each for told, each in known if told == counts), None)
        if change is None and counts[0]:
            change = changed(tuple(counts[0].values()), tuple(counts[1].values()))
            known.append((counts, change))
        found[case] = change
    return found


def _evidence(pair: Pair, by_case: Mapping[str, Change | None]) -> Evidence:
    return Evidence(by_case["seen"], by_case["best"], by_case["worst"], pair.now.broken if pair.now else 0.0, missing=pair.missing)


def _judged(pair: Pair, by_case: dict[str, Change | None], weighed: Mapping[Who, Evidence], terms: Terms) -> Judged:
    name, seen = pair.then.who, by_case["seen"]
    evidence = _doubted(pair, weighed[name], terms)
    decision = _decision(pair, evidence, weighed, terms)
    before, now = pair.tallies("seen")
    told = sorted(_turned(pair), key=lambda each: (each.now.passed / max(1, each.now.decided), each.task))
    new = tuple(each for each in told if each.then.passed == each.then.decided and each.now.passed < each.now.decided)
    flaky = tuple(each for each in told if each not in new and (each.then.mixed or each.now.mixed))
    return Judged(
        name, pair.then.control, decision.word, decision.reasons, _rate(pair.then, before), _rate(pair.now, now), by_case,
        evidence.seen.p_worse if evidence.seen else None, evidence.detectable, seen.tasks if seen else 0, tuple(sorted(pair.changed_tasks)), pair.lost, new, flaky, evidence.finds,
    )  # fmt: skip


def _doubted(pair: Pair, evidence: Evidence, terms: Terms) -> Evidence:
    """What so many tasks and attempts can show is asked only of a night that is green without excluding the drop: it takes a second to simulate."""
    seen = evidence.seen
    if pair.then.control or seen is None or excluded(seen, terms.max_drop) or decide(evidence, terms.max_drop).word != "ok":
        return evidence
    before, now = pair.tallies("seen")
    # What most tasks have: a trial that broke must not make a night look like one of fewer attempts.
    attempts = median_low([min(before[task].decided, now[task].decided) for task in before])
    tallies = tuple(before.values())
    shown = detectable(len(before), attempts, seen=tallies, question="gate", max_drop=0.0)
    finds = gate_finds(len(before), attempts, tallies, terms.max_drop) if shown > terms.max_drop else None
    return msgspec.structs.replace(evidence, detectable=shown, finds=finds)


def _decision(pair: Pair, evidence: Evidence, weighed: Mapping[Who, Evidence], terms: Terms) -> Decision:
    name = pair.then.who
    if pair.now is None:
        return Decision("undecided", (f"{who(name.agent, name.model, name.variant)} is in the baseline and was not run tonight",))
    decision = decide(evidence, terms.max_drop, strict=terms.strict)
    control = weighed.get(Who(name.model, name.agent, FRESH)) if name.variant == "" else None
    decision = controlled(decision, control, terms.max_drop) if control else decision
    return Decision(decision.word, (*decision.reasons, *_low(pair, terms.max_drop), *_absent(pair, pair.now)))


def _low(pair: Pair, max_drop: float) -> Iterator[str]:
    """A side that can't fall so far is never red, which must not pass for good news."""
    rate = mean(tuple(pair.tallies("seen")[0].values()))
    if rate is not None and rate < max_drop:
        yield f"the baseline's rate is {percent(rate, 1)}: it can't fall by {points(max_drop)}, so this is never regressed; a smaller --max-drop could be"


def _absent(pair: Pair, now: Sheet) -> Iterator[str]:
    """What there would be to judge and is not, so that no task goes unnoticed."""
    counts = now.counts
    if any(getattr(counts, name) for name in LOST):
        yield counts_line(counts.outcomes)
    if pair.lost:
        more = f" and {len(pair.lost) - NAMED} more" if len(pair.lost) > NAMED else ""
        yield f"without a decided trial tonight, so not judged: {counted(len(pair.lost), 'task')} of the baseline ({', '.join(pair.lost[:NAMED])}{more})"
    if new := len(now.tallies().keys() - pair.then.tallies("seen", ()).keys()):
        yield f"without a decided trial in the baseline, so not judged: {counted(new, 'task')} of tonight"


def _rate(sheet: Sheet | None, tallies: Mapping[str, Tally]) -> Rate:
    told = tuple(tallies.values())
    return Rate(sheet.counts if sheet else Ends(), mean(told), interval(told), sheet.broken if sheet else 0.0)


def _turned(pair: Pair) -> Iterator[TaskThen]:
    """Common tasks that did not end in one way always."""
    by_task: dict[str, list[Row]] = {}
    for row in pair.rows:
        if row.outcome == "failed" and not row.outside:
            by_task.setdefault(row.task, []).append(row)
    for task in pair.tallies("seen")[0]:
        then, tonight = pair.then.tasks[task], pair.now.tasks[task] if pair.now else Ends()
        if (then + tonight).mixed:
            yield TaskThen(task, then, tonight, tuple(map(_trial, by_task.get(task, ()))))


def _trial(row: Row) -> Trial:
    return Trial(row.trial, row.outcome, row.reason, row.evidence[0] if row.evidence else "")
