"""What a comparison says in words: names, windows, points, and everything that a reader should know beside the figures."""

from __future__ import annotations

import msgspec
import pytest

from harness.answer.compare.compare_words import only
from harness.answer.compare.compared import Wish
from harness.answer.compare.sentence import chance, points, signed
from harness.core.chat import Sampling
from harness.core.facts import Window
from harness.metrics.environment import Environment
from harness.metrics.row import RowDigests
from tests.answer.asked import HOSTED, LOCAL, THIRD, by_chance, one, played, suited, told, two
from tests.answer.laid import FACTS, LIMITS

A, B = suited(12, 6)


@pytest.mark.parametrize(("share", "size", "side"), [(0.0, "0", "0"), (0.0301, "3", "+3"), (-0.0049, "0.5", "-0.5"), (0.0001, "less than 0.1", "just above 0"), (-0.0001, "less than 0.1", "just below 0")])
def test_points_keep_their_side_however_small(share: float, size: str, side: str) -> None:
    """A bound that is nearly 0 still says on which side of it it lies."""
    assert (points(share), signed(share)) == (size, side)


def test_chances_are_never_0() -> None:
    """Ten thousand resamples know nothing of less."""
    assert (chance(0.0), chance(0.0312), chance(1.0)) == ("p < 0.001", "p = 0.031", "p = 1")


def test_nothing_decided_yet_is_said_so() -> None:
    """All trials pending: figures are none, and the sentence says why."""
    found = one(two(dict.fromkeys(A, "..."), B))
    assert (found.word, found.difference, found.a.rate, found.tasks) == ("", None, None, ())
    assert found.sentence == f"No word on {LOCAL} against {HOSTED}: no task is decided on both sides."
    watched = one(two(dict.fromkeys(A, "..."), B), wish=Wish(sequential=True))
    assert watched.sentence == found.sentence


def test_tasks_all_alike_are_followed_by_their_like() -> None:
    """No difference was seen at all on eleven tasks: so many more without any would decide."""
    same = dict.fromkeys([f"task-{number}" for number in range(11)], "p")
    found = one(two(same, same), wish=Wish(margin=0.01))
    assert found.word == "undecided"
    assert "as many (95 % interval" in found.sentence
    assert f"{found.further} further tasks would decide if they all go as these went." in found.sentence


def test_one_side_that_is_named_is_held_against_every_other() -> None:
    """As A with -a, as B with -b."""
    rows = two(A, B) + played(THIRD, A)
    assert [(each.a.who.model, each.b.who.model) for each in told(rows, LOCAL, "").comparisons] == [(LOCAL, HOSTED), (LOCAL, THIRD)]
    assert [(each.a.who.model, each.b.who.model) for each in told(rows, "", LOCAL).comparisons] == [(HOSTED, LOCAL), (THIRD, LOCAL)]


def test_one_model_in_three_runs_is_ranked_by_run() -> None:
    """Three nights of one model are three sides."""
    runs = {"r1": played(LOCAL, suited(40, 20)[0]), "r2": played(LOCAL, suited(40, 20)[1]), "r3": played(LOCAL, suited(40, 20)[1])}
    assert [(each.runs, each.rank, each.to) for each in told(runs, "", "").ranks] == [(("r2",), 1, 2), (("r3",), 1, 2), (("r1",), 3, 3)]


def test_what_need_not_be_alike_is_told() -> None:
    """Sampling, quantisation, thinking and the harness of one model in two runs; seeds and where values come from are no difference."""
    facts = msgspec.structs.replace(FACTS, quantisation="Q8_0", digest="sha256:new", sampling=Sampling(temperature=0.2, seed=9, origin="asked"))
    later = played(LOCAL, B, environment=Environment("0.2.0 sha256:i", LIMITS, 7, facts), thinking="off")
    found = one({"r1": played(LOCAL, A), "r2": later}, "", "")
    assert [words.partition(":")[0] for words in found.told] == [
        "the same model's name stands for other weights", "thinking differs", "quantisation differs", "harness differs", "sampling differs",
    ]  # fmt: skip
    assert found.told[-1] == "sampling differs: temperature 0.6 against temperature 0.2"


def test_a_side_of_several_windows_is_said() -> None:
    """In one run nobody can part them."""
    rows = (*played(LOCAL, A), *played(LOCAL, {"task-000": "p"}, window=Window(None, 16_384)), *played(HOSTED, B))
    found = one(rows)
    assert found.regime == "native windows 16,384 or 32,768 and 32,768"
    assert f"coder x {LOCAL} itself ran with several windows: 16,384 and 32,768" in found.told
    assert one(two(A, B, window=Window())).regime == "windows unknown"


def test_two_digests_on_both_sides_are_no_agreement() -> None:
    """The same two task texts on both sides: which trials had which is not paired."""
    changed = [msgspec.structs.replace(row, digests=RowDigests("sha256:other", "", "sha256:p", "sha256:u", "")) if row.attempt == 2 else row for row in two(A, B)]
    found = one(changed, wish=Wish(accept=frozenset({"tasks"})))
    assert "task-000: sha256:other and sha256:task-000 against sha256:other and sha256:task-000, and 11 more tasks" in found.accepted[0]


def test_many_tasks_of_one_side_are_counted_and_the_first_named() -> None:
    """Three names, then a number."""
    found = one(two(A | {f"mine-{number}": "p" for number in range(5)}, B))
    assert f"only {LOCAL} was given 5 tasks (mine-0, mine-1, mine-2 and 2 more): outside" in found.told


def test_a_task_that_one_side_solves_shows_a_trial_of_each() -> None:
    """The first that passed, and the first of the other that failed: a broken one shows nothing of the model."""
    found = one(two(A | {"task-000": "bff"}, B))
    (group,) = only(found)
    assert group.title == f"6 tasks that {HOSTED} solves and {LOCAL} never does"
    task, share, passed, failed = group.tasks[0]
    assert (task, share, passed.outcome, failed.outcome, failed.trial) == ("task-000", "3 of 3", "passed", "failed", "t0013")


def test_undecided_says_the_bounds_and_how_many_tasks_more() -> None:
    """Word, figure and doubt in one sentence."""
    found = one(two(*by_chance(20, 1, 2, (0.3, 0.6))))
    assert found.word == "undecided"
    assert found.sentence.startswith(f"Undecided between {LOCAL} and {HOSTED}: {LOCAL} solves ")
    assert found.sentence.count("points") == 1


def test_a_run_that_holds_one_side_is_said_where_another_holds_both() -> None:
    """Its trials would be compared with another evening's."""
    found = told({"r1": two(A, B), "r2": played(LOCAL, A)})
    assert [each.a.runs for each in found.comparisons] == [("r1",)]
    assert found.told == (f"left out because other runs hold both sides: {LOCAL}@r2",)


def test_what_a_report_warns_of_is_told_here_too() -> None:
    """Code that left the machine, tasks that nothing shows to be solvable; what has words of its own is said once."""
    rows = played(LOCAL, A, oracle=False) + played(HOSTED, B, flags=("code left the machine",))
    found = one(rows)
    assert found.told == ("code left the machine: 36 trials", "of 12 tasks nothing shows that they can be solved")


def test_a_night_cut_short_sets_like_beside_like() -> None:
    """Cases of doubt and what was spent are over the tasks that ended on both sides, not over those that one side alone reached."""
    easy, hard = [f"task-{number:03d}" for number in range(8)], [f"task-{number:03d}" for number in range(8, 20)]
    rows = [
        msgspec.structs.replace(row, turns=100) if row.task in easy and row.outcome != "pending" else row
        for row in two(dict.fromkeys(easy, "p") | dict.fromkeys(hard, "f") | {"task-019": "b"}, dict.fromkeys(easy, ".") | dict.fromkeys(hard, "f"))
    ]
    side = one(rows).a
    assert (side.rate, side.best, side.worst) == (0.0, 1 / 12, 0.0)
    assert (side.turns, side.tokens_per_pass) == (one(rows).b.turns, None)


def test_a_side_made_by_several_things_is_said_of_both() -> None:
    """Where both sides were made by the same two versions, or thought at the same two levels, no difference between them tells it."""
    rows = [msgspec.structs.replace(row, thinking="off", environment=msgspec.structs.replace(row.environment, harness="0.2.0 sha256:i")) if row.attempt == 2 else row for row in two(A, B)]
    assert [words.partition(" itself ran with ")[2].partition(":")[0] for words in one(rows).told] == ["several levels of thinking", "several versions of longhaul"] * 2


def test_further_tasks_are_promised_of_a_pair_alone() -> None:
    """Of several comparisons p is adjusted: what one pair alone would show is not one task away from being said."""
    a, b = by_chance(30, 2, 0, (0.3, 0.6))
    said = {each.sentence.rpartition("; ")[2] for each in told((*two(a, b), *played(THIRD, a), *played("openai/x", a)), "", "").comparisons if each.word == "undecided"}
    assert "asked alone, the pair would be decided." in said
    assert not any(words.endswith("would decide.") for words in said)


def test_much_unlike_numbers_of_attempts_carry_no_word_on_few_tasks() -> None:
    """Ten attempts against one: signs are no coin's, and two sides that are alike would be told apart four times too often."""
    tens, ones = dict.fromkeys((f"task-{number:03d}" for number in range(20)), "fffffffffp"), dict.fromkeys((f"task-{number:03d}" for number in range(20)), "p")
    found = one(two(tens, ones))
    assert (found.word, found.doubts[0]) == ("", f"10 attempts per task of {LOCAL} against 1 of {HOSTED} are too uneven for 20 tasks, below 60")
    assert one(two(dict.fromkeys(tens, "ffp"), ones)).word == "worse"


def test_pass_hat_k_says_of_which_tasks_it_is() -> None:
    """A task with fewer decided attempts has no say in it."""
    suite = dict.fromkeys((f"task-{number:03d}" for number in range(12)), "ppp")
    found = one(two(suite | {"task-000": "ppb"}, suite), wish=Wish(k=3))
    assert found.told == (f"pass@3 and pass^3 of {LOCAL} are of the 11 of 12 tasks that have 3 decided attempts",)
