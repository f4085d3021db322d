"""One long session against fresh ones: the ratio is that of the points, and what nobody knows is not counted."""

from __future__ import annotations

import pytest

from harness.metrics.context.account import Account, Mark
from harness.report.context.given import Trust
from harness.report.context.loss import Group, loss
from harness.report.context.sessions import said
from harness.report.context.told import said as told_of
from tests.report.context.populations import GOOD, a_cut, an_account

STAGES = 4


def a_session(place: int, met: int, **more: object) -> Account:
    """Four requests with a point each; the first `met` held when they were handed back."""
    marks = tuple(Mark(f"s{stage:02d}.1", f"{stage}.1", stage, (), ((stage, stage <= met),), None) for stage in range(1, STAGES + 1))
    return an_account(place, f"staged-t1-s-{place}", **{"marks": marks, **more})  # type: ignore[arg-type]


def twins(place: int, missing: int = 0) -> list[Account]:
    """Of each request a session of its own; the last `missing` were not met."""
    told = []
    for stage in range(1, STAGES + 1):
        mark = Mark(f"s{stage:02d}.1", f"{stage}.1", 1, (), ((1, stage <= STAGES - missing),), None)
        told.append(an_account(100 * place + stage, f"staged-t1-s-{place}-fresh-s{stage:02d}", marks=(mark,)))
    return told


def group(*accounts: Account) -> Group:
    (found,) = loss("r", accounts, Trust(GOOD)).groups
    return found


def test_the_ratio_is_that_of_the_points_reached() -> None:
    """Half of four points in one session, three of four in fresh ones: two thirds, in a sentence of the report."""
    found = group(*(each for place in range(12) for each in (a_session(place, 1 + 2 * (place % 2)), *twins(place, 1))))
    ratio, why = found.sessions
    assert ratio
    assert ratio.ratio
    assert why == ""
    assert list(ratio.rates) == pytest.approx([0.5, 0.75])
    assert ratio.ratio.value == pytest.approx(2 / 3)
    assert ratio.ratio.low < 2 / 3 < ratio.ratio.high < 1
    (sentence,) = [each for each in told_of(found) if "fresh ones" in each]
    assert "0.67" in sentence
    assert "50 % against 75 % of 48 points in 12 tasks" in sentence


def test_there_is_no_ratio_without_twins_or_of_few_tasks() -> None:
    """Nothing is said where nobody ran a twin; under the floor the reason is."""
    assert said(group(*(a_session(place, 2) for place in range(12))).sessions) == ""
    few = group(*(each for place in range(9) for each in (a_session(place, 2), *twins(place)))).sessions
    assert said(few) == "one session against fresh ones: no ratio, 9 tasks with fresh twins, 10 needed"


def test_what_a_limit_stopped_is_not_held_against_the_session() -> None:
    """Handed-back requests count; the one that was under way and those after it do not, unless the session ended by itself."""
    stopped = [a_session(place, 1, stop="turns") for place in range(12)]  # its last turns are of the fourth request
    twin = [each for place in range(12) for each in twins(place)]
    limited, ended = group(*stopped, *twin).sessions[0], group(*(a_session(place, 1) for place in range(12)), *twin).sessions[0]
    assert limited
    assert ended
    assert (limited.milestones, ended.milestones) == (36, 48)
    assert limited.rates[0] == pytest.approx(1 / 3)
    assert ended.rates[0] == pytest.approx(1 / 4)


def test_a_session_that_the_server_cut_is_left_out() -> None:
    """It was shown less than the conversation held."""
    accounts = [each for place in range(12) for each in (a_session(place, 2), *twins(place))]
    cut = a_session(0, 0, cuts=(a_cut(),))
    left = group(cut, *accounts[1:]).sessions[0]
    assert left
    assert left.tasks == 11


def test_few_points_tried_in_both_make_no_ratio() -> None:
    """Tasks enough are not points enough: only what was tried in both modes counts towards the floor, and so do only its tasks."""
    points = [each for place in range(12) for each in (a_session(place, 2), *twins(place)[:2])]
    assert group(*points).sessions == (None, "24 points tried in both, 30 needed")
    tasks = [each for place in range(9) for each in (a_session(place, 2), *twins(place))]
    apart = [each for place in range(9, 12) for each in (a_session(place, 2, stop="turns"), *twins(place)[3:])]
    assert said(group(*tasks, *apart).sessions) == "one session against fresh ones: no ratio, 9 tasks, 10 needed"
