"""What a replay came to, told from opportunities alone: the first after the fork decides, and a window that is over waits for no repair."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.core.events import Trace
from harness.core.findings import Opportunity
from harness.core.observed import Observed
from harness.core.trial import Outcome, Reason
from harness.engine.gaze import Gaze, observed
from harness.metrics.verdict import judge


def one(turn: int, *, honoured: bool, item: str = "rule", subject: str = "f", repaired: int | None = None) -> Opportunity:
    return Opportunity(item, turn, subject, honoured, turn, repaired)


def test_the_first_opportunity_after_the_fork_decides() -> None:
    """Those of the past and of other items have no say, nor those that come later."""
    every = (one(3, honoured=False), one(6, honoured=False, item="other"), one(7, honoured=True), one(8, honoured=False))
    assert (observed(every, "rule", 5).word, observed(every, "rule", 5).turn) == ("honoured", 7)
    assert observed(every, "rule", 2).word == "violated"


def test_one_violation_in_a_turn_violates_it() -> None:
    """Two functions added at once: both must be named as the rule has it, and the one that is not is named."""
    found = observed((one(7, honoured=True, subject="a"), one(7, honoured=False, subject="b")), "rule", 5)
    assert found.sentence == "violated at turn 7: b"


def test_a_slip_that_was_repaired_is_kept() -> None:
    """Within the grace that its reader gives."""
    assert observed((one(7, honoured=False, repaired=8),), "rule", 5).word == "honoured"


def test_no_opportunity_is_neither() -> None:
    """It counts on neither side."""
    assert observed((one(4, honoured=False),), "rule", 5).sentence == "no opportunity within the window"


def test_a_window_that_is_over_waits_for_no_repair() -> None:
    """While turns may come a slip has two of them; once none can come it stands after as many as there were."""

    def seen(_trace: Trace, grace: int) -> tuple[Opportunity, ...]:
        return () if grace > 0 else (one(7, honoured=False),)

    gaze = Gaze("rule", 5, lambda: (), seen)
    assert gaze.look().word == "none"
    assert gaze.look(over=True).word == "violated"


def graced(*every: tuple[Opportunity, int]) -> Callable[[Trace, int], tuple[Opportunity, ...]]:
    """Opportunities, each told only where a slip has at most so many turns to be repaired."""
    return lambda _trace, grace: tuple(each for each, most in every if grace <= most)


HELD = 2
"""The outcome of what was honoured is told whatever the grace."""


def test_an_open_slip_is_not_passed_over_for_a_later_turn() -> None:
    """At turn 7 the item was broken and may still be repaired, at turn 8 it was honoured: nothing is decided yet, and turn 7 decides."""
    gaze = Gaze("rule", 5, lambda: (), graced((one(7, honoured=False), 0), (one(8, honoured=True), HELD)))
    assert gaze.look().word == "none"
    assert (gaze.look(over=True).word, gaze.look(over=True).turn) == ("violated", 7)
    mended = Gaze("rule", 5, lambda: (), graced((one(7, honoured=False, repaired=8), HELD), (one(8, honoured=True), HELD)))
    assert (mended.look().word, mended.look().turn) == ("honoured", 7)


@pytest.mark.parametrize("subject", ["b", "a"])
def test_a_turn_is_decided_by_all_of_it(subject: str) -> None:
    """One opportunity honoured beside one that may still be repaired, be they about two things or about one: first undecided, then violated."""
    gaze = Gaze("rule", 5, lambda: (), graced((one(7, honoured=True, subject="a"), HELD), (one(7, honoured=False, subject=subject), 0)))
    assert gaze.look().word == "none"
    assert gaze.look(over=True).sentence == f"violated at turn 7: {subject}"
    done = Gaze("rule", 5, lambda: (), graced((one(7, honoured=True, subject="a"), HELD), (one(7, honoured=False, subject=subject), HELD)))
    assert done.look().word == "violated"


def test_a_window_that_is_over_gives_a_slip_the_turns_that_it_had() -> None:
    """A repair by the last turn counts, though fewer turns came than the grace has; without one the slip stands."""
    gaze = Gaze("rule", 5, lambda: (), lambda _trace, grace: () if grace > 1 else (one(7, honoured=False, repaired=8 if grace else None),))
    assert (gaze.look().word, gaze.look(over=True).word) == ("none", "honoured")


def test_other_items_and_the_past_open_no_turn() -> None:
    """Neither a slip before the fork nor one of another item keeps what came after from being told."""
    past, other = (one(4, honoured=False), 0), (one(6, honoured=False, item="other"), 0)
    gaze = Gaze("rule", 5, lambda: (), graced(past, other, (one(7, honoured=True), HELD)))
    assert (gaze.look().word, gaze.look().turn) == ("honoured", 7)
    assert Gaze("rule", 5, lambda: (), graced(past, other)).look(over=True).word == "none"


def test_a_replay_that_was_not_looked_at_is_pending() -> None:
    """An empty record decides nothing."""
    assert (judge(Observed(), ()).outcome, judge(Observed(), ()).reason) == (Outcome.PENDING, Reason.NONE)
