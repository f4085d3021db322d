"""The word of a comparison, its figures and its doubts, over rows made by hand."""

from __future__ import annotations

import msgspec
import pytest

from harness.answer.compare.compared import Wish
from harness.core.facts import Window
from harness.metrics.money import Money
from harness.metrics.row import Seconds
from tests.answer.asked import HOSTED, LOCAL, THIRD, by_chance, one, played, suited, told, two

QUICK, SLOW = (Seconds(model, None, None, 0, 0, 0, 0) for model in (5.0, 10.0))


def test_a_side_that_fails_many_more_tasks_is_worse() -> None:
    """Ten of forty tasks more fail: worse, with the rates, the difference and its bounds in the sentence."""
    found = one(two(*suited(40, 10)))
    assert found.word == "worse"
    assert found.sentence.startswith(f"{LOCAL} is worse than {HOSTED}: it solves 75 % against 100 % of 40 tasks, 25 points fewer (95 % interval ")
    assert found.difference
    assert found.difference.estimate == pytest.approx(-0.25)
    assert (found.a.rate, found.b.rate) == (0.75, 1.0)
    assert not found.doubts


def test_equal_needs_a_proof_and_not_the_absence_of_one() -> None:
    """Two sides alike are equal on a hundred tasks; on twelve noisy ones they are undecided, with the tasks that would decide."""
    assert one(two(*by_chance(100, 3, 1, (0.5, 0.5)))).word == "equal"
    few = one(two(*by_chance(14, 1, 3, (0.5, 0.5))))
    assert few.word == "undecided"
    assert few.further
    assert f"about {few.further} further tasks would decide" in few.sentence


def test_a_small_difference_that_is_proven_is_equal_and_said() -> None:
    """Six of two hundred tasks are 3 points: proven, and within 10."""
    found = one(two(*suited(200, 6)))
    assert found.word == "equal"
    assert "a smaller difference is proven all the same" in found.sentence
    assert found.further is None


def test_a_margin_decides_what_is_equal() -> None:
    """The same rows within 2 points: worse."""
    assert one(two(*suited(200, 6)), wish=Wish(margin=0.02)).word == "worse"


def test_fewer_than_ten_common_tasks_get_numbers_and_no_word() -> None:
    """Nine tasks, however clear."""
    found = one(two(*suited(9, 9)))
    assert found.word == ""
    assert found.difference
    assert found.difference.estimate == -1
    assert found.sentence.startswith(f"No word on {LOCAL} against {HOSTED}: 9 common tasks are too few, 10 are needed.")


def test_broken_trials_show_both_cases_and_forbid_the_word_above_five_percent() -> None:
    """One broken of 120 leaves the word; one in ten takes it."""
    a, b = suited(40, 20)
    found = one(two(a | {"task-039": "ppb"}, b))
    assert found.word == "worse"
    assert [(case.name, case.word) for case in found.cases] == [("best", "worse"), ("worst", "worse")]
    assert any("1 trial of" in doubt for doubt in found.doubts)
    assert found.a.worst is not None
    assert found.a.best is not None
    assert found.a.worst < found.a.best
    broken = one(two({task: "ppb" if at % 4 == 0 else ends for at, (task, ends) in enumerate(a.items())}, b))
    assert broken.word == ""
    assert f"8 % of the trials of {LOCAL} broke, above 5 %" in broken.sentence


def test_a_word_that_hangs_on_doubtful_trials_is_not_said() -> None:
    """Thirty tasks whose failures are all disputed: worse as judged, not so had they passed."""
    a, b = suited(40, 12, weak="ddd")
    found = one(two(a, b))
    assert found.word == ""
    assert {case.name: case.word for case in found.cases} == {"best": "equal", "worst": "worse"}
    assert "hangs on trials that are broken, disputed or suspicious" in found.doubts[0]


def test_pending_trials_drafts_and_tasks_of_one_side_are_said() -> None:
    """Each is named, and none of them is in a rate."""
    a, b = suited(30, 10)
    rows = two(a | {"task-000": "f..", "task-001": "..."}, b | {"only-here": "ppp"}) + two({"a-draft": "ppp"}, {"a-draft": "fff"}, draft=True)
    found = one(rows)
    assert f"5 trials of {LOCAL} and 0 of {HOSTED} are pending: the test is for a night that has ended, --sequential for looking on the way" in found.doubts
    assert "1 common task without a decided trial on one side is left out" in found.doubts
    assert any("1 task (only-here)" in words for words in found.told)
    assert any("draft" in words and "a-draft" in words for words in found.told)
    assert found.difference
    assert found.difference.tasks == 29


def test_where_they_differ_names_tasks_and_trials() -> None:
    """Tasks only one solves, with the trials to look at, and why trials did not pass."""
    a, b = suited(12, 2)
    found = one(two(a | {"task-011": "pff"}, b | {"task-011": "fdf"}))
    assert [pair.task for pair in found.only_b] == ["task-000", "task-001"]
    assert [pair.task for pair in found.only_a] == ["task-011"]
    assert [mark.outcome for mark in found.only_a[0].a_trials] == ["passed", "failed", "failed"]
    assert {mark.trial for mark in found.only_a[0].a_trials} == {"t0012", "t0024", "t0036"}
    assert {reason: (a, b) for reason, a, b in found.reasons} == {"wrong": (8, 2), "disputed": (0, 1)}


def test_pass_hat_k_is_told_without_bias() -> None:
    """Two of three attempts: one of the three pairs passed whole."""
    a, b = suited(12, 12, weak="ppf")
    found = one(two(a, b), wish=Wish(k=2))
    assert [at.k for at in found.a.at_k] == [1, 2]
    assert found.a.at_k[-1].pass_hat_k == pytest.approx(1 / 3)
    assert found.b.at_k[-1].pass_hat_k == 1.0


def test_cost_per_pass_is_unknown_for_a_local_model_and_the_dominated_is_named() -> None:
    """None is no price of 0; whoever is worse and takes longer is beaten in time."""
    a, b = suited(12, 6)
    rows = played(LOCAL, a, seconds=SLOW) + played(HOSTED, b, seconds=QUICK, cost_usd=0.5, money=Money(0.25, 0.0, 0.0, 0.25, 0.25))
    found = one(rows)
    assert found.a.cost_per_pass is None
    assert found.b.cost_per_pass == pytest.approx(0.75)
    assert found.b.cost_per_trial == pytest.approx(0.5)
    assert found.a.dominated == ("time",)
    assert found.b.dominated == ()


@pytest.mark.parametrize(
    ("better", "quick", "beaten"),
    [(6, QUICK, ("time",)), (6, msgspec.structs.replace(SLOW, model=9.7), ()), (1, QUICK, ()), (0, QUICK, ())],
    ids=["worse and slower", "by less than 5 %", "undecided", "no word"],
)
def test_nobody_is_beaten_by_noise(better: int, quick: Seconds, beaten: tuple[str, ...]) -> None:
    """A worse side that takes longer is; not by less than 5 %, and not where nothing is decided or no word is said."""
    a, b = suited(12 if better else 8, better)
    assert one(played(LOCAL, a, seconds=SLOW) + played(HOSTED, b, seconds=quick)).a.dominated == beaten


def test_times_that_scatter_over_tasks_beat_nobody() -> None:
    """Twice as long on one task and as long on all others is no difference of models."""
    a, b = suited(12, 8)
    slow = tuple(msgspec.structs.replace(row, seconds=SLOW if row.task == "task-003" else QUICK) for row in played(LOCAL, a))
    assert one(slow + played(HOSTED, b, seconds=QUICK)).a.dominated == ()


def test_nights_that_repeat_tasks_are_said_to_add_nothing() -> None:
    """Two nights of one plan by the sequential method: the second brings no task, and the trials that are not looked at are counted."""
    a, b = suited(12, 6)
    found = one({"r1": two(a, b), "r2": two(b, b)}, wish=Wish(sequential=True))
    assert "no task of r2 is new: repeating tasks adds nothing, the trials of it are not in the sentence" in found.told
    words = f"12 tasks: 60 further trials of {LOCAL} and 60 of {HOSTED} add nothing to it; the rates and figures of the table are of all trials"
    assert f"the sentence is of the first attempt at each of {words}" in found.told
    once = one(two(dict.fromkeys(a, "p"), dict.fromkeys(b, "p")), wish=Wish(sequential=True))
    assert not [words for words in once.told if "add" in words]


def test_windows_are_named() -> None:
    """Equal windows, native ones, and one that was asked for."""
    a, b = suited(12, 0)
    assert one(two(a, b)).regime == "equal window 32,768"
    unequal = played(LOCAL, a, window=Window(None, 131_072)) + played(HOSTED, b, window=Window(None, 200_000))
    assert one(unequal).regime == "native windows 131,072 and 200,000"
    asked = Wish(windows={("20260101-200000-aaaa", LOCAL): 131_072})
    assert one(unequal, wish=asked).regime == "windows 131,072 (asked for) and 200,000 (native)"


def test_each_run_that_holds_both_is_a_section_and_runs_that_do_not_are_one() -> None:
    """Two runs of both: two comparisons with p adjusted; a side in each of two runs: one comparison across them."""
    a, b = suited(20, 8)
    both = told({"r1": two(a, b), "r2": two(a, b, window=Window(None, 65_536))})
    assert [each.regime for each in both.comparisons] == ["equal window 32,768", "equal window 65,536"]
    assert all(each.p_holm is not None and each.difference and each.p_holm >= each.difference.p for each in both.comparisons)
    across = one({"r1": played(LOCAL, a), "r2": played(HOSTED, b)})
    assert (across.a.runs, across.b.runs) == (("r1",), ("r2",))
    assert across.p_holm is None


def test_more_than_two_models_are_all_pairs_with_ranks_that_tie() -> None:
    """Three models, two of them alike: three pairs, and two share the first place."""
    a, b = by_chance(60, 3, 5, (0.5, 0.5))
    found = told(two(a, b) + played(THIRD, dict.fromkeys(a, "fff")), "", "")
    assert len(found.comparisons) == 3
    assert [(each.who.model, each.rank, each.to) for each in found.ranks if each.who.model == THIRD] == [(THIRD, 3, 3)]
    assert {(each.rank, each.to) for each in found.ranks if each.who.model != THIRD} == {(1, 2)}
    assert all(each.p_holm is not None for each in found.comparisons)


def test_the_sequential_word_comes_from_first_attempts_and_names_itself() -> None:
    """Forty clear first attempts decide; the fixed-number test is not told beside them."""
    found = one(two(*suited(40, 30)), wish=Wish(sequential=True))
    assert found.word == "worse"
    assert found.difference is None
    assert found.look
    assert found.look.tasks == 40
    assert "hold at every look" in found.sentence


def test_the_sequential_method_stops_at_the_first_task_that_has_not_ended() -> None:
    """What ends early is no fair sample: nothing behind a pending first attempt counts."""
    a, b = suited(40, 30)
    found = one(two(a | {"task-015": "..."}, b), wish=Wish(sequential=True))
    assert found.look
    assert found.look.tasks == 15


def test_the_sequential_method_takes_nights_as_one_and_repeats_nothing() -> None:
    """A second night with ten tasks of the first and ten new ones adds ten."""
    a, b = suited(20, 5)
    late = {f"task-{number:03d}": "ppp" for number in range(10, 30)}
    found = one({"20260101-a": two(a, b), "20260102-a": two(late, late)}, wish=Wish(sequential=True))
    assert found.look
    assert found.look.tasks == 30
