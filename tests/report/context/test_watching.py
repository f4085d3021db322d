"""How long items are watched, and on which clock: what a cut ended, what was over before it, and losses that say nothing of distance."""

from __future__ import annotations

import pytest

from harness.metrics.context.account import Account, Chance, Held
from harness.metrics.statistics.spells import CENSORED, DRIFT, Spell
from harness.report.context.figures import figures
from harness.report.context.kinds import ready
from harness.report.context.watching import CLOCKS, Watched, watched
from tests.report.context.populations import GOOD, TURNS, a_chance, a_cut, a_population, a_rule, an_account


def watch(clock: str, *chances: Chance, item: Held | None = None, **more: object) -> Watched:
    account = an_account(1, "a", chances=chances, items=(item or a_rule(),), findings=(), **more)  # type: ignore[arg-type]
    return watched([ready(account)], clock)  # type: ignore[arg-type]


NEAR, FAR, LATER = a_chance(4, distance=4_000), a_chance(8, distance=9_000), a_chance(16, distance=50_000)
UNSEEN = a_chance(12, honoured=False, visible=False, distance=None)


def test_a_loss_out_of_view_ends_the_watching_by_distance() -> None:
    """The item was kept at the greatest distance before it; what came later, and the loss itself, say nothing of distance."""
    assert watch("distance", NEAR, FAR, UNSEEN, LATER).spells == (Spell("a", 9_000, CENSORED),)
    assert watch("turns", NEAR, FAR, UNSEEN, LATER).spells == (Spell("a", 12, DRIFT),)
    seen = a_chance(12, honoured=False, distance=20_000)
    assert watch("distance", NEAR, FAR, seen, LATER).spells == (Spell("a", 20_000, DRIFT),)


def test_what_was_never_in_view_before_its_loss_has_no_distance() -> None:
    """No spell, rather than one made up of what came after."""
    assert watch("distance", a_chance(4, visible=False, distance=None), UNSEEN, LATER).spells == ()


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_cut_at_any_turn_ends_the_watching_once(clock: str) -> None:
    """One at the very last turn, too; not where the item was lost before it, nor where it held no more by then."""
    last = (a_cut(TURNS, declared=True),)
    assert watch(clock, NEAR, FAR, cuts=last).cut == 1
    assert watch(clock, NEAR, a_chance(8, honoured=False), cuts=last).cut == 0
    middle = (a_cut(20, declared=True),)
    assert [watch(clock, NEAR, FAR, item=a_rule(ended=ended), cuts=middle).cut for ended in (10, 20, 30)] == [0, 0, 1]


def inheriting() -> tuple[Account, ...]:
    """Of ten opportunities of each trial the last four are about what an earlier violation left."""
    chances = tuple(a_chance(turn, honoured=turn < 28, distance=2_000 * (1 + turn % 3), inherited=turn > 24) for turn in range(4, TURNS + 1, 4))
    return a_population(12, 1, chances=chances, calls=())


def test_what_an_earlier_violation_left_tells_nothing_of_distance() -> None:
    """Its outcome was told by that one: it is in no curve, no cell and no ratio, but violated all the same."""
    known = tuple(map(ready, inheriting()))
    told = figures(known, GOOD, {})
    assert (told.recalled[0].probes, sum(cell.rate.opportunities for cell in told.heat), told.factors.of) == (72, 72, 72)
    assert (sum(cell.rate.hits for cell in told.heat), told.factors.violations) == (0, 0)
    assert sum(one.bases["opportunities"] for one in known) == 120
