"""Guesses are measured on the very model or taken from the manifest, never from too few; what nobody measured of prohibitions is no memory."""

from __future__ import annotations

import pytest
from msgspec import structs

from harness.metrics.context.account import Account
from harness.report.context import kinds
from harness.report.context.guesses import UNMEASURED, Guess, Guesses, by_model, measured
from harness.report.context.retained import Recalled, recalled
from tests.report.context.populations import TURNS, a_rule
from tests.report.context.prohibitions import HALF, TASKS, frozen, population, replayed


def curves(accounts: tuple[Account, ...], guesses: Guesses = UNMEASURED) -> dict[str, Recalled]:
    return {each.name: each for each in recalled([kinds.ready(each) for each in accounts], guesses)}


def half(found: Recalled) -> tuple[float, float]:
    assert found.told, found.lacking
    return found.told.half.low or 0.0, found.told.half.high or float("inf")


@pytest.mark.parametrize(("tasks", "rolls", "rate"), [(10, 3, 1 / 3), (9, 4, None), (10, 2, None)])
def test_a_rate_has_thirty_rerolls_of_ten_tasks(tasks: int, rolls: int, rate: float | None) -> None:
    """From there on it is measured; with fewer tasks or re-rolls it is not, and what there was is told."""
    accounts = population(tasks)
    found = measured(accounts, replayed(accounts, 1, rolls))
    guess = found.of(accounts[0], frozen())
    assert guess.rate == rate
    assert guess.source == ("no-rule" if rate else "")
    assert found.told([guess]) == (f"no-rule, {tasks} of {rolls * tasks} re-rolls over {tasks} tasks" if rate else None)
    assert found.thin([guess]) == ("" if rate else f"no-rule, {rolls * tasks} re-rolls over {tasks} tasks; 30 over 10 needed of items alike")


def test_a_rule_is_measured_by_its_own_template_first() -> None:
    """Its family's, then that of all families, then its manner's; never by another habit, nor generated items by those of one's own making."""
    items = (a_rule(), frozen(), frozen("locked"))
    one, other, own = (population(10, family=family, items=items) for family in ("T1", "T6", ""))
    other, own = (tuple(structs.replace(each, trial=f"t{name}{each.trial[1:]}") for each in some) for name, some in (("6", other), ("9", own)))
    rows = (*replayed(one, 0), *replayed(other, 2), *replayed(own, 4), *replayed(other[:3], 3, item="locked"))
    found = measured((*one, *other, *own), rows)
    assert [found.of(some[0], frozen()).rate for some in (one, other, own)] == [0.0, 0.5, 1.0]
    new = structs.replace(one[0], family="T5")
    assert found.of(new, frozen()).rate == 0.25
    assert found.of(new, frozen("locked")).rate == (0 + 20 + 9) / (40 + 40 + 12)
    assert [found.of(each, frozen(habit="arbitrary")).rate for each in (new, one[0])] == [None, None]
    assert found.of(new, a_rule()).rate is None


def test_the_manifest_stands_between_the_items_own_rule_and_its_manner() -> None:
    """An author's figure is of the item but of no model: re-rolls of the same rule are before it, those of other rules after it."""
    accounts = population(10)
    found = measured(accounts, replayed(accounts, 2))
    said = frozen(guess=0.1)
    assert (found.of(accounts[0], said).rate, found.of(accounts[0], said).source) == (0.5, "no-rule")
    other = frozen("locked", guess=0.1)
    assert found.of(accounts[0], other) == Guess(0.1, "manifest")
    assert found.of(accounts[0], structs.replace(other, guess=None)).rate == 0.5
    assert UNMEASURED.of(accounts[0], said).rate == 0.1
    assert found.told([found.of(accounts[0], said), found.of(accounts[0], other)]) == "manifest; no-rule, 20 of 40 re-rolls over 10 tasks"


def test_a_rate_is_of_one_model_under_one_agent() -> None:
    """Replays of one say nothing of how another guesses, whosever trial they name."""
    mine = population(10)
    others = tuple(structs.replace(each, trial=f"t9{each.trial[1:]}", **more) for more in ({"model": "ollama/other"}, {"agent": "masking"}) for each in mine)
    strange = tuple(structs.replace(each, model="ollama/other") for each in replayed(mine, 4))
    found = by_model((*mine, *others), (*replayed(mine, 1), *strange))
    rates = {cell: each.of(mine[0], frozen()).rate for cell, each in found.items()}
    assert rates == {("ollama/made", "coder"): 0.25, ("ollama/other", "coder"): None, ("ollama/made", "masking"): None}


def test_only_places_that_can_tell_are_counted() -> None:
    """Not those where an earlier violation still stood, of items that nobody validated, or of trials of somebody else."""
    accounts = population(12)
    broken = tuple(structs.replace(each, chances=tuple(structs.replace(one, inherited=True) for one in each.chances)) for each in accounts[:1])
    loose = tuple(structs.replace(each, items=(a_rule(), frozen(validated=False))) for each in accounts[1:2])
    stranger = structs.replace(replayed(accounts[:1], 4)[0], trial="t9999")
    found = measured((*broken, *loose, *accounts[2:]), (*replayed(accounts, 1), stranger))
    assert found.told([found.of(accounts[2], frozen())]) == "no-rule, 10 of 40 re-rolls over 10 tasks"


def test_prohibitions_without_a_rate_are_not_in_all() -> None:
    """They are counted, and have their own curve; what else there is stands as before. With a rate they are in."""
    accounts = population()
    found = curves(accounts)
    assert list(found) == ["all", "prohibition", "rehearsed"]
    assert (found["all"].probes, found["all"].left, found["all"].told) == (TASKS * TURNS // 2, TASKS * TURNS // 2, found["rehearsed"].told)
    assert (found["prohibition"].probes, found["prohibition"].left, found["prohibition"].guess_from) == (TASKS * TURNS // 2, 0, None)
    assert (found["all"].unmeasured, found["all"].guess) == (TASKS * TURNS // 2, None)
    known = curves(accounts, measured(accounts, replayed(accounts, 1)))["all"]
    assert (known.probes, known.left, known.unmeasured, known.guess) == (TASKS * TURNS, 0, TASKS * TURNS // 2, 0.25)
    assert known.guess_from == f"no-rule, {TASKS} of {4 * TASKS} re-rolls over {TASKS} tasks"


def test_a_run_of_prohibitions_alone_has_their_curve() -> None:
    """And none of all items."""
    accounts = population(items=(a_rule(validated=False), frozen()))
    found = curves(accounts)
    assert list(found) == ["all", "prohibition"]
    assert (found["all"].told, found["all"].probes, found["all"].left) == (None, 0, TASKS * TURNS // 2)
    assert found["all"].lacking.startswith("0 opportunities, 30 needed")
    assert found["prohibition"].told


def test_a_measured_rate_gives_the_memory_back() -> None:
    """A prohibition that is guessed 45 times of 100 seems to be remembered more than twice as far; corrected, its half is where it is."""
    accounts = population(40, guess=0.45)
    truth = HALF * (1 + 2 * (2000 / HALF) ** 2) ** 0.5
    done, kept = curves(accounts)["prohibition"], curves(accounts, measured(accounts, replayed(accounts, 9, 20)))["prohibition"]
    low, high = half(kept)
    assert low <= truth <= high
    assert half(done)[0] > truth


def test_what_most_guess_is_in_no_curve_and_counted() -> None:
    """Neither in all nor in its own, whose floors are of what is left."""
    accounts = population()
    found = curves(accounts, measured(accounts, replayed(accounts, 3)))
    assert (found["all"].dropped, found["all"].left, found["all"].told.dropped[:1]) == (TASKS * TURNS // 2, 0, ("task-00 frozen",))  # type: ignore[union-attr]
    assert (found["prohibition"].told, found["prohibition"].probes, found["prohibition"].dropped) == (None, 0, TASKS * TURNS // 2)
    assert found["prohibition"].lacking.startswith("0 opportunities, 30 needed")
