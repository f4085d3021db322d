"""What each replay of a probe came to, read from its record; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from harness.core.events import GradeRan, ModelReplied, Trace, TreeSeen
from harness.core.lived import PastLived
from harness.core.observed import Observed
from harness.core.probe import Point, Probe
from harness.core.trial import ASKING, Outcome, TrialKey
from harness.metrics.context.recalled import outcome_of
from harness.metrics.spend import paid
from harness.metrics.tries import last, lived, of
from harness.metrics.verdict import judge

Came: TypeAlias = Literal["honoured", "violated", "none", "broken", "pending"]
"""`none`: no opportunity arose within the window, or the model refused or gave up first; it counts on neither side."""


class Roll(msgspec.Struct, frozen=True):
    """One replay. `attempt`: its number among the trials of its cell; `snapshot`: of the world it began in, "" where none was seen;
    `lost`: what of that could not be restored; `tokens`: of its first prompt, as counted; `usd`: None without a price.
    """

    point: str
    arm: str
    attempt: int
    came: Came
    snapshot: str = ""
    lost: tuple[str, ...] = ()
    tokens: int | None = None
    usd: float | None = None
    turns: int = 0
    answer: str = ""
    """Of an arm that only asks: the outcome of its answer, as `metrics.context.recalled` has it; "" where none is on record."""


def rolls(probe: Probe, trials: Iterable[tuple[TrialKey, Trace]]) -> tuple[Roll, ...]:
    """Of every planned trial, also of those that have not begun."""
    found = ((probe.of(key), key, trace) for key, trace in trials)
    return tuple(_roll(point, key, trace) for point, key, trace in found if point is not None)


def _roll(point: Point, key: TrialKey, trace: Trace) -> Roll:
    now = lived(trace)
    led, replied = last(now, PastLived), of(now, ModelReplied)
    tokens = replied[0].usage.input_total if replied else None
    return Roll(
        point.name, key.variant, key.attempt, came(trace), snapshot(trace), led.lost if led else (), tokens, paid(trace) or None, len(replied),
        answered(trace) if key.variant in ASKING else "",
    )  # fmt: skip


def came(trace: Trace) -> Came:
    """As today's judge has it."""
    verdict = judge(Observed(), trace)
    if verdict.outcome is Outcome.PENDING:
        return "pending"
    if verdict.outcome in (Outcome.BROKEN, Outcome.INVALID):
        return "broken"
    if verdict.outcome is Outcome.PASSED:
        return "honoured"
    seen = observed(trace)
    return "violated" if seen and seen.detail == "violated" else "none"


def observed(trace: Trace) -> GradeRan | None:
    """What the replay's window came to, as the record has it."""
    return next((run for run in reversed(of(lived(trace), GradeRan)) if run.phase == "observe"), None)


def answered(trace: Trace) -> str:
    """The outcome of the answer to a question, "" where none is on record."""
    seen = observed(trace)
    return next((outcome for outcome in map(outcome_of, seen.evidence if seen else ()) if outcome), "")


def snapshot(trace: Trace) -> str:
    """Digest of the workspace once it was restored: of files, of what a git tree can't hold, and of the repository's own .git."""
    seen = next((event for event in of(trace, TreeSeen) if event.author == "harness"), None)
    return f"{seen.tree} {seen.extra} {seen.git}" if seen else ""


def by_point(found: Iterable[Roll]) -> Mapping[str, tuple[Roll, ...]]:
    """The rolls of each point, by attempt."""
    made: dict[str, list[Roll]] = {}
    for roll in sorted(found, key=lambda each: (each.attempt, each.arm)):
        made.setdefault(roll.point, []).append(roll)
    return {name: tuple(each) for name, each in made.items()}


def voided(found: Iterable[Roll]) -> str:
    """Why the replays of one point can't be held against one another, or "": they must all have begun in the same world."""
    every = tuple(found)
    if lost := next((line for roll in every for line in roll.lost), ""):
        return f"not wholly restored: {lost}"
    worlds = {roll.snapshot for roll in every if roll.snapshot}
    return f"began in {len(worlds)} different worlds" if len(worlds) > 1 else ""
