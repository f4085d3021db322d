"""What a run lost: counts that add up, floors, what stands apart, and known memories found again."""

from __future__ import annotations

import random

import pytest
from msgspec import structs

from harness.core.findings import Mechanism, Status
from harness.metrics.context.account import Account
from harness.report.context import told as sentences
from harness.report.context.given import UNSCORED, Probed, Trust
from harness.report.context.loss import Beside, Group, Loss, loss
from tests.report.context.populations import GOOD, a_chance, a_cut, a_finding, a_population, a_rule, an_account, pulses

TRUST = Trust(GOOD)


def told(*accounts: Account) -> Loss:
    return loss("r", accounts, TRUST)


def alone(*accounts: Account) -> Group:
    (group,) = told(*accounts).groups
    return group


@pytest.mark.parametrize("half", [8_000.0, 20_000.0])
def test_the_distance_at_which_half_is_forgotten_is_found_again(half: float) -> None:
    """A population that forgets by a known curve has its D50 within the interval."""
    figures = alone(*a_population(14, 6, half=half)).figures
    assert figures
    found = figures.recalled[0].told
    assert found
    start = 1 / (1 + (4000 / half) ** 2)
    true = half * (2 / start - 1) ** 0.5
    assert found.half.low is not None
    assert found.half.low <= true <= (found.half.high or 40_000)


def test_the_order_of_accounts_has_no_effect() -> None:
    """Not on a single figure."""
    accounts = list(a_population(12, 2, half=9_000.0))
    before = told(*accounts)
    random.Random(3).shuffle(accounts)
    assert told(*accounts) == before


def test_below_the_floors_there_is_a_count_and_the_reason() -> None:
    """Nine tasks give no rate and no curve, ten do."""
    few, enough = alone(*a_population(9, 4, half=9_000.0)), alone(*a_population(10, 4, half=9_000.0))
    assert few.losses.rate.rate is None
    assert few.losses.rate.lacking == "9 tasks, 10 needed"
    assert few.losses.roots > 0
    assert few.figures
    assert all(kept.curve is None and kept.lacking for kept in few.figures.kept)
    assert all(each.told is None for each in few.figures.recalled)
    assert all(cell.rate.rate is None for cell in few.figures.heat)
    assert enough.losses.rate.rate
    assert enough.figures
    assert all(kept.curve for kept in enough.figures.kept)


def test_roots_are_counted_by_status_and_all_findings_beside_them() -> None:
    """A finding that follows from another is in the total alone; rejected ones leave the rate."""
    one = a_finding("C1", 8, status=Status.CONFIRMED, mechanism=Mechanism.RETENTION)
    found = (one, a_finding("C1", 12, status=Status.REJECTED, mechanism=Mechanism.NOT_CONTEXT), a_finding("C1", 20), a_finding("C1", 24, root=one.name))
    line = alone(*(structs.replace(each, findings=found) for each in a_population(10, 1))).losses
    assert (line.total, line.roots, line.candidate, line.confirmed, line.rejected, line.undecided) == (40, 30, 10, 10, 10, 0)
    assert line.mechanisms == {"-": 10, "R": 10, "X": 10}
    assert line.rate.rate
    assert (line.rate.hits, line.rate.opportunities) == (20, 100)
    assert line.rate.rate.value == pytest.approx(0.2)


def test_experimental_kinds_are_in_no_headline() -> None:
    """They have lines of their own, and no say in a class or in the losses."""
    found = (a_finding("C1", 8), a_finding("L2", 12), a_finding("G3", 20, item="x"))
    result = told(*(structs.replace(each, findings=found) for each in a_population(10, 1)))
    (group,) = result.groups
    assert group.losses.total == 10
    assert {line.kind: line.headline for line in group.kinds} == {"C1": True, "G3": False, "L2": False}
    assert [line.kind for line in group.classes] == ["C"]
    assert result.experimental == ("G3", "L2")
    assert f"detectors: {UNSCORED}" in result.cautions


def test_unvalidated_items_and_interludes_stand_apart() -> None:
    """Neither their opportunities nor their findings are in a rate."""
    items = (a_rule(), a_rule("guess", validated=False))
    chances = (a_chance(4), a_chance(8, honoured=False, item="guess"), a_chance(12, honoured=False, aside=True))
    found = (a_finding("C1", 8, item="guess"), a_finding("C1", 12))
    group = alone(an_account(1, "a", items=items, chances=chances, findings=found))
    assert (group.opportunities, group.violated.hits, group.losses.total) == (1, 0, 0)
    assert (group.unvalidated.opportunities, group.unvalidated.violated, group.unvalidated.findings) == (1, 1, 1)
    assert (group.interludes.opportunities, group.interludes.violated, group.interludes.findings) == (1, 1, 1)


def test_models_whose_views_were_cut_differently_are_not_compared() -> None:
    """It is said where shares of A differ, and not where they agree."""
    cut = [structs.replace(each, cuts=(a_cut(),)) for each in a_population(2, 1, model="ollama/other")]
    whole = a_population(2, 1)
    assert any("not to be compared" in caution for caution in told(*cut, *whole).cautions)
    assert not any("not to be compared" in caution for caution in told(*whole, *a_population(2, 1, model="x/y")).cautions)
    group = alone(*cut)
    assert (group.cut.turns, group.cut.of_turns, group.cut.trials, group.cut.tokens, group.cut.share) == (2, 80, 2, 1800, 0.025)


def test_mean_times_kept_are_held_against_one_another_at_one_horizon_only() -> None:
    """A model that was watched for half as long has a shorter mean for that alone: it is said, and not where the ends lie near one another."""
    long = a_population(12, 3)
    short = [
        structs.replace(each, pulses=pulses(20), chances=tuple(one for one in each.chances if one.turn <= 20), stop="turns")
        for each in a_population(12, 3, model="ollama/other")
    ]
    (caution,) = [each for each in told(*long, *short).cautions if "horizons" in each]
    assert "by turns, tokens, tokens back: hold two against one another only where" in caution
    assert not any("horizons" in each for each in told(*long, *a_population(12, 3, model="ollama/third")).cautions)
    fallen = [structs.replace(each, chances=(a_chance(4), a_chance(12, honoured=False))) for each in a_population(12, 3, model="ollama/fourth")]
    assert not any("horizons" in each for each in told(*long, *fallen).cautions)


def test_after_a_cut_nothing_is_said_of_retention() -> None:
    """Opportunities after it are left out of the curve, and the watching of the item ends there."""
    accounts = [
        structs.replace(each, cuts=(a_cut(10, declared=True),), chances=tuple(structs.replace(one, cut=one.turn >= 10) for one in each.chances))
        for each in a_population(12, 3)
    ]
    figures = alone(*accounts).figures
    assert figures
    assert (figures.recalled[0].probes, figures.recalled[0].cut) == (72, 288)
    assert figures.kept[0].ended == {"": 36}
    assert figures.kept[0].cut == 36
    assert figures.kept[0].curve
    assert figures.kept[0].curve.until == 10


def test_what_was_never_taken_up_can_not_be_lost() -> None:
    """An item whose first opportunity of several was violated is counted beside the curve."""
    accounts = [structs.replace(each, chances=(a_chance(4, honoured=False), a_chance(8))) for each in a_population(12, 3)]
    figures = alone(*accounts).figures
    assert figures
    assert (figures.kept[0].never, figures.kept[0].curve) == (36, None)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("4 points of 2 tasks: no rate under 30 points or 10 tasks", "4 points of 2 tasks: no rate under 30 points or 10 tasks (probe p)"),
        ("no A/A check: full was not rolled twice at any point", "at any point (4 points, probe p)"),
        ("not asked for (needs fresh)", "nothing can be said, not asked for (needs fresh) (4 points, probe p)"),
    ],
)
def test_a_probe_that_says_nothing_tells_its_points_once(why: str, words: str) -> None:
    """In the reason or beside it."""
    every = a_population(12, 1)
    probed = Probed("p", every[0].model, every[0].agent, 4, 2, None, None, why, {})
    (group,) = loss("r", every, Trust(GOOD, UNSCORED), Beside((probed,))).groups
    (sentence,) = (each for each in sentences.said(group) if each.startswith("attributable"))
    assert sentence.endswith(words)
    assert sentence.count("4 points") == 1


def test_windows_are_held_against_one_another() -> None:
    """Task by task, with losses per opportunity; one window alone says nothing."""
    small, large = a_population(10, 1, half=5_000.0), a_population(10, 1)
    both = [structs.replace(each, trial=f"t1{each.trial[1:]}", pulses=pulses(window=16_384)) for each in small] + list(large)
    result = loss("r", both, TRUST, Beside(passed={each.trial: each.trial.startswith("t0") for each in both}))
    (told_,) = result.budgets
    assert [(step.window, step.passed, step.decided) for step in told_.steps] == [(16_384, 0, 10), (65_536, 10, 10)]
    assert told_.steps[0].losses.hits > 0 == told_.steps[1].losses.hits
    assert all(shares == (0.0, 1.0) for shares in told_.lines.values())
    assert loss("r", large, TRUST).budgets == ()
