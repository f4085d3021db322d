"""The gate's word on one side of a night: ok, regressed or undecided, from what changed since the baseline and what of it is in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from harness.metrics.statistics.stratified import Change
from harness.report.cautions import FEW_TASKS
from harness.report.cells import BROKEN_BOUND
from harness.report.summary import counted, percent

Word = Literal["ok", "regressed", "undecided"]
CODES: Final[dict[Word, int]] = {"ok": 0, "regressed": 3, "undecided": 4}
GRAVEST: Final[tuple[Word, ...]] = ("regressed", "undecided", "ok")
SHOWN: Final = 0.025
"""One-sided: of a hundred nights on which nothing changed, at most so many in a hundred show a drop."""
NEARLY: Final = 0.05
"""One-sided: up to here a drop that matters is neither shown nor waved through. Both together leave 95 of 100 unchanged nights green."""
CONTROL: Final = 0.001
"""One-sided: what fresh seeds must show to take the green from fixed ones; so little that it costs unchanged nights next to nothing."""
_SLACK: Final = 1e-9
"""Shares of whole trials are no exact binary numbers: a drop of just the bound must count as one."""


class Evidence(msgspec.Struct, frozen=True):
    """What is known of one side tonight. The changes are tonight minus baseline, -1..1, over the common tasks; None where there is none.

    `best`, `worst`: tonight's broken and missing trials, and disputed and suspicious ones of both nights, counted as passed, as failed. The judge that
    doubts a trial tonight doubted its like before, so those are counted alike; what broke or is missing before is left out, tonight's is tonight's.
    `broken`: tonight's share, 0..1.
    `finds`: the smallest that turns a night red as often, `max_drop` included (`promise.gate_finds`); None where nobody asked.
    `missing`: share of tonight's trials of the common tasks that never came to an end, 0..1: pending, or of a task that is invalid tonight.
    `detectable`: the smallest true drop that the test alone finds with 80 % power, 0..1; None where nobody asked.
    """

    seen: Change | None
    best: Change | None
    worst: Change | None
    broken: float = 0.0
    detectable: float | None = None
    missing: float = 0.0
    finds: float | None = None


class Decision(msgspec.Struct, frozen=True):
    """`reasons`: sentences, the one that decided first. `code`: the exit code of a command that says no more than this."""

    word: Word
    reasons: tuple[str, ...]

    @property
    def code(self) -> int:
        return CODES[self.word]


def decide(evidence: Evidence, max_drop: float, *, strict: bool = False) -> Decision:
    """The word, by these rules in this order.

    undecided: fewer than 10 common tasks, more than 5 % broken or missing tonight, or another word where such trials and doubted ones count as
    passed or as failed: a night must not turn green because what would have failed never ended.
    regressed: the mean over tasks fell by `max_drop` (0..1) or more, and that it fell is shown (one-sided p <= 0.025).
    undecided: it fell by as much, and 0.025 < p <= 0.05.
    ok: else; with `strict` only where a drop of `max_drop` lies outside the 95 % interval, else undecided.

    Refused: red wherever a drop of `max_drop` is not excluded, which with 20 tasks makes most unchanged nights red; red on the estimate
    alone, which does so one time in five; `strict` as the rule, which no small plan can ever pass.
    """
    seen = evidence.seen
    doubt = _unfit(evidence)
    if seen is None or doubt:
        return Decision("undecided", doubt)
    words = {case: word(change, max_drop, strict=strict) for case, change in _cases(evidence)}
    if len(set(words.values())) > 1:
        return Decision("undecided", (_parted(words), *_figures(seen, max_drop)))
    return Decision(words["as judged"], (*_figures(seen, max_drop), *_said(words["as judged"], evidence, max_drop, strict=strict)))


def word(change: Change, max_drop: float, *, strict: bool = False) -> Word:
    """The rule without the doubts about trials: of one change, counted one way."""
    fell = -change.estimate >= max_drop - _SLACK
    if fell and change.p_worse <= SHOWN:
        return "regressed"
    if fell and change.p_worse <= NEARLY:
        return "undecided"
    return "undecided" if strict and not excluded(change, max_drop) else "ok"


def controlled(fixed: Decision, control: Evidence, max_drop: float) -> Decision:
    """The word on fixed seeds, once the same side with fresh seeds was looked at.

    Both estimate one drop. Fixed seeds vary less from night to night, so they decide; but they are a handful of draws, and a server may
    even answer them from a cache. So a red night is undecided where fresh seeds exclude a drop of `max_drop`, and a green one where they
    show such a drop by themselves (one-sided p <= 0.001). A control that breaks, or has too few tasks, says nothing.
    """
    fresh = control.seen
    if fresh is None or _unfit(control):
        return fixed
    if fixed.word == "regressed" and excluded(fresh, max_drop):
        told = f"the control contradicts: with fresh seeds a drop of {points(max_drop)} is excluded, so what fell is the draw of the fixed seeds and perhaps not the model"
        return Decision("undecided", (told, *fixed.reasons))
    if fixed.word == "ok" and -fresh.estimate >= max_drop - _SLACK and fresh.p_worse <= CONTROL:
        told = f"the control contradicts: with fresh seeds the rate fell by {points(-fresh.estimate)} (p {fresh.p_worse:.4f}), which the fixed seeds do not show"
        return Decision("undecided", (told, *fixed.reasons))
    return fixed


def night(decisions: Iterable[Decision]) -> Word:
    """The word of a night with several sides: regressed where one is, else undecided where one is, or where there is none."""
    words = {decision.word for decision in decisions}
    return next((each for each in GRAVEST if each in words), "undecided")


def points(share: float) -> str:
    """A difference of two rates as people read it."""
    figure = round(100 * share, 1) + 0.0  # a negative nothing is nothing
    return f"{figure:g} point{'' if figure == 1 else 's'}"


def _unfit(evidence: Evidence) -> tuple[str, ...]:
    """Why no word can be given at all."""
    tasks = evidence.seen.tasks if evidence.seen else 0
    rows = (
        (tasks < FEW_TASKS, f"{counted(tasks, 'common task')}: fewer than {FEW_TASKS} are too few for a word"),
        (evidence.broken > BROKEN_BOUND, f"{percent(evidence.broken)} of tonight's trials broke, above {percent(BROKEN_BOUND)}: the machine failed, not the model"),
        (evidence.missing > BROKEN_BOUND, f"{percent(evidence.missing)} of tonight's trials pending or invalid, above {percent(BROKEN_BOUND)}: what is missing may be what fails"),
    )
    return tuple(words for holds, words in rows if holds)


def _cases(evidence: Evidence) -> Iterable[tuple[str, Change]]:
    rows = (("as judged", evidence.seen), ("at best", evidence.best), ("at worst", evidence.worst))
    return [(name, change) for name, change in rows if change is not None]


def _parted(words: dict[str, Word]) -> str:
    told = ", ".join(f"{each} {case}" for case, each in words.items())
    return f"the word hangs on trials that broke, are missing or are doubted: {told}"


def _figures(change: Change, max_drop: float) -> tuple[str, ...]:
    size = points(abs(change.estimate))
    moved = f"fell by {size}" if change.estimate < 0 else f"rose by {size}" if change.estimate > 0 else "did not change"
    low, high = (f"{100 * bound + 0.0:+.1f}" for bound in (change.low, change.high))
    p = "< 0.001" if change.p_worse < 0.001 else f"{change.p_worse:.3f}"
    matter = f"{points(max_drop)} matter{'s' if round(100 * max_drop, 1) == 1 else ''}"
    return (f"the rate {moved} (95 %: {low} to {high}, p {p}) over {counted(change.tasks, 'task')}; {matter}",)


def _said(word: Word, evidence: Evidence, max_drop: float, *, strict: bool) -> tuple[str, ...]:
    """What belongs beside a word, so that nobody reads more into it."""
    seen = evidence.seen
    if seen is None or word == "regressed":
        return ()
    if word == "undecided":
        excluded = strict and -seen.estimate < max_drop - _SLACK
        return (f"strict: a drop of {points(max_drop)} is not excluded" if excluded else "a drop that matters is nearly shown: another night, or more attempts, would decide",)
    return tuple(_beside_ok(seen, evidence, max_drop))


def _beside_ok(seen: Change, evidence: Evidence, max_drop: float) -> Iterable[str]:
    """Power is what a plan promises before the night; once the interval excludes the drop, the night has kept more than was promised."""
    if -seen.estimate > 0 and seen.p_worse <= SHOWN:
        yield f"a drop is shown, but a smaller one than {points(max_drop)}"
    if excluded(seen, max_drop):
        yield f"a drop of {points(max_drop)} is excluded; one of up to {points(max(0.0, -seen.low))} is not"
        return
    yield f"a drop of up to {points(-seen.low)} is not excluded"
    if evidence.detectable is not None and evidence.detectable > max_drop:
        least = evidence.detectable if evidence.finds is None else evidence.finds
        what = "by no drop at all" if least >= 1 else f"only by a drop of {points(least)} or more"
        yield f"this green says little: with so many tasks and attempts a night turns red four times in five {what}"


def excluded(change: Change, max_drop: float) -> bool:
    """Whether a drop of so much lies outside the 95 % interval."""
    return -change.low < max_drop - _SLACK
