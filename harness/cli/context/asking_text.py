"""What a model answered to a probe's questions, in words of their own: an answer honours and violates nothing."""

from __future__ import annotations

from collections.abc import Iterator

from harness.answer.probe.abstaining import ABSENT
from harness.answer.probe.attribution import Told
from harness.answer.probe.deciding import Count
from harness.core.trial import ASKING

GUESSES = "who names one guesses, and what it recalls is worth less"


def answers(side: Told) -> Iterator[str]:
    """A sentence for each arm that asks. In a void probe nothing is read out of the counts."""
    for arm in (each for each in side.arms if each in ASKING):
        count = side.arms[arm]
        words = "; ".join((_counted(arm, count), *_rest(count)))
        guesses = side.absent is not None and side.absent.named and arm == ABSENT
        yield f"{words}; {GUESSES}" if guesses else words


def _counted(arm: str, count: Count) -> str:
    asked = "a value that nobody stated" if arm == ABSENT else "the item's value"
    if not count.rolls:
        return f"asked for {asked}: no answer"
    right, wrong = ("abstained", "named one") if arm == ABSENT else ("known", "not known")
    kinds = f"{right} {count.rolls - count.failed}, {wrong} {count.failed - count.unreadable}, no readable answer {count.unreadable}"
    return f"asked for {asked}: {kinds}, of {count.rolls}"


def _rest(count: Count) -> Iterator[str]:
    if count.idle:
        yield f"{count.idle} without a reply"
    if count.lost:
        yield f"{count.lost} broken or pending"
