"""Who goes on from another's turn answers for what comes after it: slips of the past are in no figure of his."""

from __future__ import annotations

import msgspec

from harness.metrics.context.account import Account, Mark
from harness.report.context.given import Trust
from harness.report.context.kinds import ready
from harness.report.context.loss import Group, loss
from harness.report.context.own_part import own_part
from harness.report.context.watching import watched
from tests.report.context.populations import GOOD, TURNS, a_chance, a_finding, an_account

PAST = 20
MARKS = (Mark("s02.1", "2.1", 2, (), ((2, False),), False), Mark("s03.1", "3.1", 3, ("suffix", "prefix"), ((3, True),), True))


def a_fork(*, late: bool = False, past: int = PAST) -> Account:
    """Slips at turns 8 and 16; one more at 32 where it is `late`. Requests begin at turns 1, 11, 21, 31."""
    slips = {8, 16, *((32,) if late else ())}
    chances = tuple(a_chance(turn, honoured=turn not in slips) for turn in range(4, TURNS + 1, 4))
    findings = tuple(a_finding("C1", turn) for turn in sorted(slips))
    return an_account(1, "task", chances=chances, findings=findings, marks=MARKS, past=past)


def told(account: Account) -> Group:
    (group,) = loss("run", (account,), Trust(GOOD, "")).groups
    return group


def test_slips_of_the_past_are_the_pasts() -> None:
    """Losses, violations, opportunities, turns, calls and points count from where it went on, and a sentence says so."""
    clean, whole = told(a_fork()), told(a_fork(past=0))
    assert (whole.losses.total, clean.losses.total) == (2, 0)
    assert (whole.opportunities, clean.opportunities) == (10 + 1, 5 + 1)
    assert (whole.violated.hits, clean.violated.hits) == (2, 0)
    assert (whole.turns, clean.turns, clean.cut.of_turns) == (TURNS, TURNS - PAST, TURNS - PAST)
    assert (whole.points.unmet, clean.points.unmet, clean.points.met) == (1, 0, 1)
    assert ready(own_part(a_fork())).bases["tool calls"] == TURNS - PAST
    assert "went on from another trial's turn" in " ".join(loss("run", (a_fork(),), Trust(GOOD, "")).cautions)
    assert not any("went on" in each for each in loss("run", (a_fork(past=0),), Trust(GOOD, "")).cautions)


def test_slips_of_its_own_are_its_own() -> None:
    """What it loses after the fork is counted as ever, and watched from there."""
    late = told(a_fork(late=True))
    assert (late.losses.total, late.violated.hits) == (1, 1)
    (spell,) = watched([ready(own_part(a_fork(late=True)))], "turns").spells
    assert spell.time == 32 - PAST


def test_what_was_begun_before_is_the_pasts() -> None:
    """Work that the past began and whose outcome only shows later is not charged to who goes on; nor does it make a point rest on the item anew."""
    account = msgspec.structs.replace(a_fork(), chances=(a_chance(24, honoured=False, begun=18, item="prefix"), a_chance(28)))
    mine = own_part(account)
    assert [each.turn for each in mine.chances] == [28]


def test_a_trial_from_the_beginning_is_what_it_was() -> None:
    """Nothing is taken from it."""
    account = a_fork(past=0)
    assert own_part(account) is account
