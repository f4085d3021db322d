"""Detects being stuck: F1 the same steps over and over, F2 the tree going back and forth, F3 many turns without anything new.

Inputs: calls with arguments, digests and trees; milestones reached; the words of requests and replies. F1 has the thresholds of OpenHands'
StuckDetector (4 same steps, 3 same failing ones, 3 same messages, 6 steps ABABAB, 3 empty replies) and asks besides that neither the tree
nor the milestones changed. Steps are turns with calls; idle commands (`true`) count only among themselves, and notices of the harness between
same messages not at all. F2: a second return to an earlier tree, after two edits or more each, with no new tree in between. One finding per stretch.
Silent: polling whose output changes, sleeping and waiting, network commands that fail, repetition that the request asks for, a return that
leads to a different fix, going back because a further request says so.
Known false positives: a flaky test run three times on purpose; undoing an edit to see a test fail, twice.
Experimental, and usually not the context's doing: only a fresh start that escapes shows otherwise.
Scorecard: found F1 200 of 200, F2 200 of 200, F3 105 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from harness.core.chat import CUT, ReplyStop
from harness.core.findings import Finding
from harness.metrics.context.done import commands, runners
from harness.metrics.context.scene import Did, Scene, Turn
from harness.metrics.context.seen.sighted import sighted
from harness.metrics.context.seen.wished import repeating

KINDS: tuple[str, ...] = ("F1", "F2", "F3")
VERSION = 4
TO_TARGET: frozenset[str] = frozenset()
SAME, FAILING, MESSAGES, EMPTY = 4, 3, 3, 3
ALTERNATING = 6
"""Steps of A B A B A B. With the four above: the thresholds of OpenHands' StuckDetector."""
EDITS = 2
"""Changes of the tree that a return takes at least; one would be no change at all."""
STILL = 12
"""Turns with nothing new: long enough for any sequence of looks and edits that a person would call one step."""
FAILED_TEST = re.compile(r"^(?:FAILED|ERROR)\s+(\S+)|^(\d+ (?:failed|passed|error\w*)[^\n]*?) in [\d.]+ ?s", re.MULTILINE)

Sign: TypeAlias = tuple[tuple[str, str], ...]


class Step(msgspec.Struct, frozen=True):
    """A turn's calls. `acts`: their names and arguments; `shown`: what they gave; `still`: tree and milestones, none of them changed by it."""

    turn: int
    stage: int
    acts: Sign
    shown: tuple[tuple[object, ...], ...]
    networked: bool
    failing: bool
    still: tuple[str, frozenset[str]] | None
    seqs: tuple[int, ...]


NO_STEP = Step(0, 0, (), (), False, False, None, ())
"""Stands where a turn that does something parts idle ones, which are a loop of their own only in a row."""


def find(scene: Scene) -> Iterator[Finding]:
    """All stretches, by kind."""
    met = _met(scene)
    asked = {number: bool(words) for number, words in repeating(scene).items()}
    free = [turn for turn in scene.turns if turn.calls and not asked.get(turn.stage, False)]
    steps = [_step(turn, met[turn.number]) for turn in free if not _idles(turn)]
    found = [*_same_steps(steps), *_alternating(steps), *_same_messages(scene.turns), *_empty(scene.turns)]
    found += _same_steps([_step(turn, met[turn.number]) if _idles(turn) else NO_STEP for turn in free])
    found += [*_oscillation(scene), *_standing(scene, met, asked)]
    yield from (sighted(scene, finding) for finding in _once(found))


def _once(found: list[Finding]) -> list[Finding]:
    """A name of a finding stands for one; of two at the same turn, the one that began first."""
    named: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda each: (each.turn, each.kind, each.onset)):
        named.setdefault(finding.name, finding)
    return list(named.values())


def _met(scene: Scene) -> dict[int, frozenset[str]]:
    """Milestones that hold at the end of each turn; what was not looked at stays as it was."""
    held: dict[int, list[tuple[str, bool]]] = {}
    for each in scene.reached:
        if each.held is not None:
            held.setdefault(each.turn, []).append((each.milestone, each.held))
    now: frozenset[str] = frozenset()
    met = {0: now}
    for turn in scene.turns:
        seen = held.get(turn.number, [])
        now = (now - {name for name, _ in seen}) | {name for name, holds in seen if holds}
        met[turn.number] = now
    return met


def _idles(turn: Turn) -> bool:
    return all(commands.idle(did) for did in turn.calls)


def _acts(calls: Sequence[Did]) -> Sign:
    return tuple((did.name, " ".join(commands.command(did).split()) or did.raw.strip()) for did in calls)


def _step(turn: Turn, met: frozenset[str]) -> Step:
    calls = [did for did in turn.calls if not commands.idle(did)] or list(turn.calls)
    moved = any(did.before != did.after for did in calls)
    waits = any(commands.waits(did) for did in calls)
    still = None if moved or waits else (calls[-1].after, met)
    shown = tuple(_shown(did) for did in calls)
    networked = any(commands.networked(did) for did in calls)
    failing = all(commands.failed(did) for did in calls)
    seqs = tuple(did.seq for did in calls)
    return Step(turn.number, turn.stage, _acts(calls), shown, networked, failing, still, seqs)


def _same_steps(steps: Sequence[Step]) -> Iterator[Finding]:
    """4 with one outcome, or 3 that all failed. Asking the network once more is no loop of the model's own making."""
    count, told = 0, False
    for k, now in enumerate(steps):
        goes_on = k > 0 and now.still is not None and not now.networked and _alike(now, steps[k - 1])
        count, told = (count + 1, told) if goes_on else (1, False)
        if count >= (FAILING if now.failing else SAME) and not told:
            told = True
            yield _loop(steps[k - count + 1 : k + 1], f"the same step {count} times: {now.acts[0][0]} {now.acts[0][1][:120]}")


def _alike(one: Step, other: Step) -> bool:
    return (one.acts, one.shown, one.still, one.stage) == (other.acts, other.shown, other.still, other.stage)


def _alternating(steps: Sequence[Step]) -> Iterator[Finding]:
    run, told = 0, False
    for k in range(2, len(steps)):
        here, between = steps[k], steps[k - 1]
        turns = here.acts != between.acts and here.still == between.still and not (here.networked or between.networked)
        goes_on = turns and here.still is not None and _alike(here, steps[k - 2])
        run, told = (run + 1, told) if goes_on else (0, False)
        if run >= ALTERNATING - 2 and not told:
            told = True
            yield _loop(steps[k - ALTERNATING + 1 : k + 1], f"two steps by turns, {ALTERNATING} in all")


def _loop(steps: Sequence[Step], detail: str) -> Finding:
    last = steps[-1].turn
    return Finding("F1", "", last, steps[0].turn, last, detail, tuple(seq for step in steps for seq in step.seqs))


def _same_messages(turns: Sequence[Turn]) -> Iterator[Finding]:
    return _replies(turns, MESSAGES, lambda turn: "" if _acted(turn) else turn.said.strip(), "the same message")


def _empty(turns: Sequence[Turn]) -> Iterator[Finding]:
    return _replies(turns, EMPTY, lambda turn: "" if _acted(turn) or turn.said.strip() else "empty", "an empty reply")


def _acted(turn: Turn) -> bool:
    """Calls, also those that could not be read, an end of the work, a reply that was cut, or none at all."""
    if turn.replied is None or turn.replied.stop in (*CUT, ReplyStop.REFUSAL):
        return True
    return bool(turn.calls) or bool(turn.replied.malformed) or turn.replied.leaked > 0 or turn.claim is not None


def _replies(turns: Sequence[Turn], most: int, sign: Callable[[Turn], str], detail: str) -> Iterator[Finding]:
    run: list[Turn] = []
    for turn in turns:
        if run and (sign(run[-1]) != sign(turn) or run[-1].stage != turn.stage):
            run = []
        if sign(turn):
            run.append(turn)
        if len(run) == most and sign(turn):
            yield Finding("F1", "", turn.number, run[0].number, turn.number, f"{detail} {most} times", tuple(each.seq for each in run))


class Place(msgspec.Struct, frozen=True):
    """A tree that the work came to. `target`: the earlier place that it returned to, None for a tree never seen before."""

    tree: str
    turn: int
    seq: int
    target: int | None


def _oscillation(scene: Scene) -> Iterator[Finding]:
    """Two returns with no new tree in between, the second to a later place than the first: undoing step by step is one way back."""
    for places in _courses(scene):
        first: int | None = None
        told = False
        for k, place in enumerate(places):
            if place.target is None:
                first, told = None, False
            elif k - place.target >= EDITS:
                back = None if first is None else places[first].target
                if back is not None and place.target > back and not told:
                    told = True
                    onset = places[back + 1]
                    seqs = tuple(each.seq for each in places[back + 1 : k + 1])
                    yield Finding("F2", "", place.turn, onset.turn, place.turn, "the files went back and forth twice", seqs)
                first = k


def _courses(scene: Scene) -> Iterator[list[Place]]:
    """The trees of each request's work in order, each time they changed."""
    by_stage: dict[int, list[Place]] = {}
    for turn in scene.turns:
        for did in turn.calls:
            course = by_stage.setdefault(turn.stage, [Place(did.before, turn.number, did.seq, None)])
            if did.after and did.after != course[-1].tree:
                course.append(Place(did.after, turn.number, did.seq, None))
    for course in by_stage.values():
        last: dict[str, int] = {}
        for k, place in enumerate(course):
            course[k] = msgspec.structs.replace(place, target=last.get(place.tree))
            last[place.tree] = k
        yield course


def _standing(scene: Scene, met: dict[int, frozenset[str]], asked: dict[int, bool]) -> Iterator[Finding]:
    """F3: turns on end that brought no new milestone, tree, output or outcome of tests."""
    known: set[object] = {scene.base}
    ever: set[str] = set()
    still: list[Turn] = []
    for turn in scene.turns:
        news = {sign for did in turn.calls for sign in (did.after, _shown(did))} - known
        gained = met[turn.number] - ever
        known |= news
        ever |= gained
        if news or gained or turn.yielded or (still and still[-1].stage != turn.stage):
            still = []
        elif not asked.get(turn.stage, False) and not _rests(turn):
            still.append(turn)
            if len(still) == STILL:
                at = turn.number
                seqs = tuple(each.seq for each in still)
                yield Finding("F3", "", at, still[0].number, at, f"{STILL} turns without anything new", seqs)


def _rests(turn: Turn) -> bool:
    """Waiting, or doing nothing on purpose."""
    return bool(turn.calls) and all(commands.idle(did) or commands.waits(did) for did in turn.calls)


def _shown(did: Did) -> tuple[object, ...]:
    """What a call gave. Runs of tests are compared by what failed, because their durations differ every time."""
    told = tuple(sorted({match[1] or match[2] for match in FAILED_TEST.finditer(did.output)})) if runners.tests(did) else ()
    return (told or did.digest, did.exit_code)
