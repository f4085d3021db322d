"""What the replays of a probe say together: counts by arm, the attributable fraction, contrasts of arms, gates, and each point's mechanism; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harness.answer.probe.abstaining import ABSENT, Abstained, abstained
from harness.answer.probe.constancy import VOID, differs, itself, whole
from harness.answer.probe.deciding import CLEAN, FRESH, FULL, REMIND, Count, Decision, decide, more
from harness.answer.probe.points import Sides, compared
from harness.answer.probe.rolls import Roll, by_point, voided
from harness.answer.probe.stages import Row, even
from harness.core.findings import Finding
from harness.core.probe import Excluded, Point, Probe
from harness.core.trial import ASKING, WIDE
from harness.metrics.context.recalled import Cell, table
from harness.metrics.statistics import attribution as statistics
from harness.metrics.statistics.attribution import Attribution, Split
from harness.report.summary import counted as told_count

LEAST_POINTS, LEAST_TASKS = 30, 10
"""No rate is printed of fewer opportunities or fewer tasks: chance alone would make it."""
PAD, STATE, EVICT, NO_RULE, RECALL = "pad", "state", "evict", "no-rule", "recall"
CONTRASTS = (
    ("context", FULL, FRESH), ("item", FULL, REMIND), ("length", PAD, FRESH), ("own slips", FULL, CLEAN), ("state log", FULL, STATE), ("eviction", EVICT, FULL),
    ("window", WIDE, FULL),
)
"""(what it shows, arm that is expected to fail more, arm it is held against)."""
NEAR_GATE = 0.10


class At(msgspec.Struct, frozen=True):
    """A point with what its replays came to. `void`: why they say nothing, or ""."""

    point: Point
    counts: dict[str, Count]
    decision: Decision
    void: str = ""


class Contrast(msgspec.Struct, frozen=True):
    """Failure rate of `arm` less that of `other` (-1..1) with its 95 % interval over tasks."""

    name: str
    arm: str
    other: str
    difference: float
    low: float
    high: float
    points: int
    tasks: int


class Gate(msgspec.Struct, frozen=True):
    """A check that the instrument itself must pass. `holds`: None where too little was replayed to tell."""

    name: str
    holds: bool | None
    words: str


class Group(msgspec.Struct, frozen=True):
    """`name`: a manner of items, or "all". `fraction`: None under the floor, in a void probe, and where nothing can be said."""

    name: str
    points: int
    tasks: int
    fraction: Attribution | None
    why: str = ""


class Told(msgspec.Struct, frozen=True):
    """Of one model under one agent. `arms`: counts over all points that are not void; `mechanisms`: points by E, R, S, X, U.

    `knows`: points by whether the item is known when asked for (recall) and honoured under full, each by most of its re-rolls; {} without recall.
    `lengths`: tokens of an arm's first prompt by those of the full one's, over points that have both. `absent`: None where nobody was asked.
    """

    model: str
    agent: str
    points: tuple[At, ...]
    arms: dict[str, Count]
    groups: tuple[Group, ...]
    contrasts: tuple[Contrast, ...]
    split: Split | None
    gates: tuple[Gate, ...]
    mechanisms: dict[str, int]
    lengths: dict[str, float]
    void: str = ""
    knows: dict[Cell, int] = {}
    absent: Abstained | None = None


class Result(msgspec.Struct, frozen=True):
    """Of a whole probe. `usd`: paid so far, None where nothing has a price; `trials` by what they came to, those that were only asked apart."""

    run: str
    parent: str
    arms: tuple[str, ...]
    rolls: int
    window: int
    offered: int
    sides: tuple[Told, ...]
    excluded: tuple[Excluded, ...]
    compared: tuple[Sides, ...]
    trials: dict[str, int]
    usd: float | None = None


def result(run: str, probe: Probe, found: Sequence[Roll]) -> Result:
    """Every planned roll is counted exactly once in `trials`."""
    words = ["asked" if roll.arm in ASKING and roll.came in ("honoured", "violated") else roll.came for roll in found]
    paid = [roll.usd for roll in found if roll.usd is not None]
    cells = dict.fromkeys((point.place.model, point.place.agent) for point in probe.points)
    return Result(
        run, probe.run, probe.arms, probe.rolls, probe.window, probe.offered, tuple(_told(*cell, probe, found) for cell in cells),
        probe.excluded, compared(probe.points, probe.excluded), {word: words.count(word) for word in ("honoured", "violated", "asked", "none", "broken", "pending")},
        sum(paid) if paid else None,
    )  # fmt: skip


def _told(model: str, agent: str, probe: Probe, found: Sequence[Roll]) -> Told:
    mine = by_point(found)
    own = tuple(point for point in probe.points if (point.place.model, point.place.agent) == (model, agent))
    split = itself(own, mine)
    void = VOID if differs(split) else ""
    held = bool(void) and whole(own, mine)
    points = tuple(_at(point, mine.get(point.name, ()), probe.arms, held=held) for point in own)
    sound = [each for each in points if not each.void]
    # What was added because it had failed is told point by point, and is in no sum.
    sound = [each for each in sound if not each.point.on_failure]
    given = [_as_given(each, mine[each.point.name]) for each in sound if each.point.name in mine]
    unchecked = "" if split else "no A/A check: full was not rolled twice at any point"
    words = [each.decision.mechanism for each in sound if each.decision.mechanism]
    return Told(
        model, agent, points, {arm: _sum(each.counts[arm] for each in sound) for arm in probe.arms}, tuple(_groups(sound, given, (void or _unasked(probe.arms), unchecked))),
        () if void or unchecked else tuple(_contrasts(given, probe.arms)), split, () if void else tuple(_gates(sound, given, probe.arms)),
        {} if void else {word.value: words.count(word) for word in dict.fromkeys(words)}, _lengths(sound, mine), void,
        _knows(sound) if RECALL in probe.arms and not void else {}, None if void else abstained(each.counts[ABSENT] for each in sound if ABSENT in each.counts),
    )  # fmt: skip


def _at(point: Point, found: Sequence[Roll], arms: Iterable[str], *, held: bool) -> At:
    counts = {arm: counted((roll for roll in found if roll.arm == arm), held=held) for arm in arms}
    return At(point, counts, decide(counts, visible=point.place.visible), voided(found))


def counted(found: Iterable[Roll], *, held: bool = False) -> Count:
    """`held`: what is pending is not rolled at all, because full differs from itself."""
    every = tuple(found)
    words, unreadable = [roll.came for roll in every], sum(roll.came == "violated" and roll.answer == "format" for roll in every)
    failed, honoured, broken, pending = (words.count(word) for word in ("violated", "honoured", "broken", "pending"))
    return Count(failed, failed + honoured, words.count("none"), broken if held else broken + pending, pending if held else 0, unreadable)


def _sum(counts: Iterable[Count]) -> Count:
    every = tuple(counts)
    return Count(*(sum(getattr(each, name) for each in every) for name in Count.__struct_fields__))


def _as_given(at: At, found: Sequence[Roll]) -> statistics.Point:
    """As the statistics have it: re-rolls with an opportunity, in the order rolled."""
    arms = {arm: tuple(roll.came == "violated" for roll in found if roll.arm == arm and roll.came in ("violated", "honoured")) for arm in at.counts}
    place = at.point.place
    return statistics.Point(place.task, arms, at.point.name, place.visible, at.point.weight, at.point.on_failure)


def _groups(sound: Sequence[At], given: Sequence[statistics.Point], voids: tuple[str, str]) -> Iterable[Group]:
    manners = {each.point.name: each.point.place.manner for each in sound}
    for name in ("all", *dict.fromkeys(manners.values())):
        yield _group(name, [each for each in _usable(given, FULL, FRESH) if name in ("all", manners[each.name])], *voids)


def _unasked(arms: Sequence[str]) -> str:
    return "" if FRESH in arms else f"not asked for (needs {FRESH})"


def _group(name: str, mine: Sequence[statistics.Point], void: str, unchecked: str) -> Group:
    points, tasks = len(mine), len({each.task for each in mine})
    why = void or floor(points, tasks) or unchecked
    return Group(name, points, tasks, None if why else statistics.attributed(mine), why)


def floor(points: int, tasks: int) -> str:
    """Why no rate is told of so few, or ""."""
    few = points < LEAST_POINTS or tasks < LEAST_TASKS
    return f"{told_count(points, 'point')} of {told_count(tasks, 'task')}: no rate under {LEAST_POINTS} points or {LEAST_TASKS} tasks" if few else ""


def _usable(given: Iterable[statistics.Point], *arms: str) -> list[statistics.Point]:
    return [each for each in given if not each.selected_on_failure and all(each.rolls.get(arm) for arm in arms)]


def _contrasts(given: Sequence[statistics.Point], arms: Sequence[str]) -> Iterable[Contrast]:
    for name, arm, other in CONTRASTS:
        mine = _usable(given, arm, other) if arm in arms and other in arms else []
        if mine and not floor(len(mine), len({each.task for each in mine})):
            yield contrast(name, arm, other, mine)


def contrast(name: str, arm: str, other: str, mine: Sequence[statistics.Point]) -> Contrast:
    """The statistics hold FULL against FRESH; any other pair takes their places."""
    renamed = [msgspec.structs.replace(each, rolls={FULL: each.rolls[arm], FRESH: each.rolls[other]}) for each in mine]
    found = statistics.attributed(renamed)
    per = found.per_hundred
    return Contrast(name, arm, other, per.value / 100, per.low / 100, per.high / 100, found.points, found.tasks)


def _gates(sound: Sequence[At], given: Sequence[statistics.Point], arms: Sequence[str]) -> Iterable[Gate]:
    """Without the item in the view it must be honoured as rarely as by one who was never told; reminding must not harm, nor a window that has
    more room for the same view; and where nothing is far back late stages must be as hard as early ones.
    """
    if EVICT in arms and NO_RULE in arms:
        yield _evicted(_usable(given, EVICT, NO_RULE))
    for arm, name in ((REMIND, "remind is no worse than full"), (WIDE, "a larger window is no worse than full")):
        if arm in arms:
            full, other = (_sum(each.counts[one] for each in sound) for one in (FULL, arm))
            told = f"full fails {full.failed} of {full.rolls}, {arm} {other.failed} of {other.rolls}"
            yield Gate(name, None if not (full.rolls and other.rolls) else not more(other, full), told)
    if FRESH in arms:
        yield _staged(sound)


def _staged(sound: Sequence[At]) -> Gate:
    """A statement about the tasks: without it what is late and what is far back can't be told apart."""
    name = "late stages are as hard as early ones under fresh"
    found = even(by_stage(sound))
    why = floor(found.points, found.tasks) if found else f"under {LEAST_TASKS} tasks have points in early and in late stages"
    return Gate(name, found.holds, found.words) if found and not why else Gate(name, None, why)


def by_stage(points: Iterable[At]) -> Iterator[Row]:
    """What failed under fresh, of points that are not void and were chosen before any outcome."""
    for at in points:
        fresh = at.counts.get(FRESH)
        if fresh and fresh.rolls and not at.void and not at.point.on_failure:
            yield at.point.place.task, at.point.place.stage, fresh.failed / fresh.rolls


def _evicted(mine: Sequence[statistics.Point]) -> Gate:
    name = "evict is as no-rule"
    why = floor(len(mine), len({each.task for each in mine}))
    if why:
        return Gate(name, None, why)
    found = contrast(name, EVICT, NO_RULE, mine)
    words = f"difference {100 * found.difference:+.0f} points, {100 * found.low:+.0f} to {100 * found.high:+.0f}"
    near, apart = found.low >= -NEAR_GATE and found.high <= NEAR_GATE, found.low > NEAR_GATE or found.high < -NEAR_GATE
    return Gate(name, True if near else False if apart else None, words)


def _knows(sound: Sequence[At]) -> dict[Cell, int]:
    both = [each for each in sound if not each.point.on_failure and each.counts[RECALL].readable and each.counts[FULL].rolls]
    return table({each.point.name: _mostly(each.counts[RECALL]) for each in both}, {each.point.name: _mostly(each.counts[FULL]) for each in both})


def _mostly(count: Count) -> bool:
    """Honoured by more than half of those that say something."""
    return 2 * (count.failed - count.unreadable) < count.readable


def _lengths(sound: Sequence[At], mine: Mapping[str, Sequence[Roll]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for each in sound:
        tokens = {roll.arm: roll.tokens for roll in mine.get(each.point.name, ()) if roll.tokens}
        for arm, count in tokens.items():
            if (full := tokens.get(FULL)) and count:
                found.setdefault(arm, []).append(count / full)
    return {arm: sum(each) / len(each) for arm, each in found.items()}


def resolved(trial: str, findings: Iterable[Finding], results: Iterable[Result]) -> tuple[Finding, ...]:
    """The findings of one trial of the parent with what replays of their places decided; those without any stay candidates.

    Joined by trial, item and turn (where it shows or where it began). Of several probes the first that decided has the word.
    """
    known: dict[tuple[str, int], Decision] = {}
    for each in (at for told in results for side in told.sides if not side.void for at in side.points if not at.void):
        place = each.point.place
        for turn in {place.turn, place.shows or place.turn} if place.trial == trial else ():
            if _decides(known.get((place.item, turn))):
                known[place.item, turn] = each.decision
    return tuple(_resolved(finding, known) for finding in findings)


def _decides(before: Decision | None) -> bool:
    """Whether a further decision may take this one's place."""
    return before is None or before.status == "undecided"


def _resolved(finding: Finding, known: Mapping[tuple[str, int], Decision]) -> Finding:
    decision = known.get((finding.item, finding.turn)) or known.get((finding.item, finding.onset))
    if decision is None:
        return finding
    return msgspec.structs.replace(finding, status=decision.status, mechanism=decision.mechanism)
