"""What counts as lost: evictions once for each item, never what a replay rejected, what nobody validated, or what an undeclared cut broke."""

from __future__ import annotations

import pytest
from msgspec import structs

from harness.core.findings import Finding, Mechanism, Status
from harness.metrics.context.account import Account, Mark
from harness.report.context.budgets import budgets
from harness.report.context.given import Trust
from harness.report.context.kinds import ready
from harness.report.context.lines import own
from harness.report.context.loss import Group, loss
from tests.report.context.populations import GOOD, a_chance, a_cut, a_finding, a_population, a_rule, an_account, pulses

GONE = a_finding("B1", 10, item="suffix", visible=False)
EVICTED = tuple(a_finding("C1", turn, visible=False, root=GONE.name) for turn in (14, 15))
AFTER = a_finding("L1", 19, root=EVICTED[0].name)


def group(*accounts: Account) -> Group:
    (found,) = loss("r", accounts, Trust(GOOD | {"B1"})).groups
    return found


def losing(*findings: Finding, **more: object) -> tuple[Account, ...]:
    """Ten tasks whose one trial has these findings."""
    return tuple(structs.replace(each, **{"findings": findings, "calls": (), **more}) for each in a_population(10, 1))


def why(*accounts: Account) -> dict[str, int]:
    figures = group(*accounts).figures
    assert figures
    return figures.why


def hits(*accounts: Account) -> int:
    """Losses at the smaller of two windows, the other having none."""
    large = [structs.replace(each, trial=f"l{each.trial}", findings=(), pulses=pulses(window=131_072)) for each in accounts]
    (told,) = budgets((*accounts, *large), {}, GOOD)
    assert told.steps[1].losses.hits == 0
    return told.steps[0].losses.hits


def test_what_follows_from_a_clearing_alone_is_a_loss() -> None:
    """Two slips after one clearing are one loss of the item, without a root of its own; what follows from a loss is counted with that."""
    assert [(each.name, each.root) for each in own((GONE, *EVICTED, AFTER))] == [(EVICTED[0].name, "")]
    other = a_finding("D1", 16, item="fact", root=GONE.name)
    assert [each.item for each in own((GONE, *EVICTED, other))] == ["suffix", "fact"]
    assert own((a_finding("A2", 4), a_finding("C1", 9, root="A2@4:suffix"))), "a cut is as a clearing"


def test_evictions_are_in_every_count_of_losses() -> None:
    """In the headline with its hidden ones and rate, in the reasons, and in what a window buys; the total has every finding."""
    accounts = losing(GONE, *EVICTED, AFTER)
    line = group(*accounts).losses
    assert (line.total, line.roots, line.hidden, line.candidate, line.trials) == (30, 10, 10, 10, 10)
    assert (line.rate.hits, line.rate.opportunities) == (10, 100)
    assert why(*accounts) == {"not in view": 10}
    assert hits(*accounts) == 10


def test_an_eviction_counts_if_any_replay_has_not_rejected_it() -> None:
    """The first slip after a clearing was no matter of context, the second was: the item was lost."""
    first, second = structs.replace(EVICTED[0], status=Status.REJECTED), structs.replace(EVICTED[1], status=Status.CONFIRMED, mechanism=Mechanism.EVICTION)
    accounts = losing(GONE, first, second)
    assert group(*accounts).losses.confirmed == hits(*accounts) == 10
    assert why(*accounts) == {"E": 10}
    assert group(*losing(GONE, first)).losses.rate.hits == 0


def test_what_replays_rejected_hides_nothing() -> None:
    """It is in the count of roots and of rejected ones, not among the hidden, and has no reason of its own but the one that was found."""
    accounts = losing(a_finding("C1", 8, visible=False, status=Status.REJECTED), a_finding("C3", 20, visible=False))
    line = group(*accounts).losses
    assert (line.roots, line.rejected, line.hidden, line.rate.hits) == (20, 10, 10, 10)
    assert why(*accounts) == {"not in view": 10}
    assert why(*losing(a_finding("C1", 8, status=Status.REJECTED, mechanism=Mechanism.NOT_CONTEXT))) == {"X": 10}


@pytest.mark.parametrize("apart", ["unvalidated", "aside"])
def test_what_stands_apart_is_no_reason_and_costs_no_window(apart: str) -> None:
    """Losses of items that nobody validated, and across an interlude, are in no figure at all."""
    more = {"items": (a_rule(validated=False),)} if apart == "unvalidated" else {"chances": (a_chance(4), a_chance(8, honoured=False, aside=True))}
    accounts = losing(a_finding("C1", 8), **more)
    assert group(*accounts).losses.total == hits(*accounts) == 0
    assert why(*accounts) == {}


def test_a_trial_that_an_undeclared_cut_broke_is_in_no_rate() -> None:
    """Only what the server did is told of it; where the cut had been declared, all is counted as ever."""
    found = (a_finding("A1", 5, item=""), a_finding("C1", 8), a_finding("J1", 9, item=""))
    broken, declared = (losing(*found, cuts=(a_cut(declared=each),)) for each in (False, True))
    told = group(*broken)
    assert (told.opportunities, told.violated.opportunities, told.losses.total, told.losses.rate.hits, told.turns) == (0, 0, 0, 0, 400)
    assert [line.kind for line in told.kinds] == ["A1"]
    assert [line.rate.opportunities for line in told.kinds] == [400]
    assert why(*broken) == {}
    assert hits(*broken) == 0
    told = group(*declared)
    assert (told.opportunities, told.losses.total, told.losses.rate.hits) == (100, 10, 10)
    assert [line.kind for line in told.kinds] == ["A1", "C1", "J1"]
    assert why(*declared) == {"in view": 10}
    assert hits(*declared) == 10


def test_a_broken_trial_waters_no_window_down() -> None:
    """Its opportunities are not set against the losses of the others, and it is still told as a trial."""
    broken = tuple(structs.replace(each, trial=f"b{each.trial}", cuts=(a_cut(),)) for each in losing())
    large = tuple(structs.replace(each, trial=f"l{each.trial}", pulses=pulses(window=131_072)) for each in losing())
    (told,) = budgets((*losing(a_finding("C1", 8)), *broken, *large), {}, GOOD)
    assert (told.steps[0].trials, told.steps[0].losses.hits, told.steps[0].losses.opportunities) == (20, 10, 100)


def test_nothing_is_counted_against_the_calls_of_a_broken_trial() -> None:
    """Neither its calls nor the points of its requests stand under a rate of the others; its turns do, for what the server did."""
    calls = an_account(1, "a").calls
    sound = losing(a_finding("J1", 9, item=""), calls=calls)
    broken = tuple(structs.replace(each, trial=f"b{each.trial}", cuts=(a_cut(),), marks=(rests(1, reached=True),)) for each in sound)
    (line,) = [each for each in group(*sound, *broken).kinds if each.kind == "J1"]
    assert (line.roots, line.rate.opportunities) == (10, 10 * len(calls))
    assert {word: count for word, count in ready(broken[0]).bases.items() if count} == {"turns": 40}


def rests(stage: int, *, reached: bool) -> Mark:
    return Mark(f"s{stage}.1", f"{stage}.1", stage, ("suffix",), ((stage, False),) if reached else (), None)


def test_requests_never_reached_are_no_opportunities() -> None:
    """Points of ten requests rest on a rule that no constraint watches; the one request that was worked on is an opportunity and a point."""
    account = an_account(1, "a", chances=(), findings=(), marks=tuple(rests(stage, reached=stage == 1) for stage in range(1, 11)))
    assert {word: ready(account).bases[word] for word in ("opportunities", "points")} == {"opportunities": 1, "points": 1}


def test_a_request_told_apart_is_not_counted_by_its_point() -> None:
    """Across an interlude its opportunity is in no rate, so that the point that rests on it is none in its stead."""
    account = an_account(1, "a", chances=(a_chance(4, aside=True),), findings=(), marks=(rests(1, reached=True), rests(2, reached=True)))
    assert ready(account).bases["opportunities"] == 1
