"""What holds of every comparison: swapping the sides mirrors it, order says nothing, and nothing is better than itself."""

from __future__ import annotations

import random

import msgspec
import pytest

from harness.answer.compare.compared import Wish, answered
from harness.answer.compare.comparison import Comparison
from harness.answer.compare.figures import TaskPair
from harness.answer.compare.measured import counted_pairs
from harness.answer.compare.pair import pair
from harness.answer.compare.question import Known, ask
from harness.answer.compare.redaction import redacted
from harness.answer.side import sides
from harness.metrics.row import Row
from tests.answer.asked import HOSTED, LOCAL, by_chance, one, played, two

MIRRORED = {"better": "worse", "worse": "better"}
SHAPES = [(12, 1, (0.2, 0.9)), (16, 3, (0.4, 0.6)), (40, 2, (0.1, 0.9)), (60, 3, (0.5, 0.5)), (9, 3, (0.0, 1.0))]


def some(seed: int) -> tuple[Row, ...]:
    """Two sides by chance, some of their trials doubtful, pending or of tasks that the other was not given."""
    tasks, attempts, rates = SHAPES[seed % len(SHAPES)]
    drawn = random.Random(seed)
    a, b = ({task: _shaken(ends, drawn) for task, ends in held.items()} for held in by_chance(tasks, attempts, seed, rates))
    return two(a | {"only-a": "p" * attempts}, b)


def _shaken(ends: str, drawn: random.Random) -> str:
    return "".join(drawn.choice("bds.i") if drawn.random() < 0.04 else end for end in ends)


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_swapping_the_sides_mirrors_the_answer(seed: int, sequential: bool) -> None:
    """Words, bounds, cases, tasks, reasons and doubts of B against A are those of A against B, turned round."""
    wish = Wish(sequential=sequential)
    here, there = one(some(seed), LOCAL, HOSTED, wish), one(some(seed), HOSTED, LOCAL, wish)
    assert there.word == MIRRORED.get(here.word, here.word)
    for one_way, other_way in ((here.difference, there.difference), (here.look, there.look)):
        assert (one_way is None) == (other_way is None)
        if one_way and other_way:
            assert (other_way.estimate, other_way.low, other_way.high) == pytest.approx((-one_way.estimate, -one_way.high, -one_way.low))
    assert (here.a, here.b) == (there.b, there.a)
    assert (here.only_a, here.only_b) == (tuple(map(_turned, there.only_b)), tuple(map(_turned, there.only_a)))
    assert here.reasons == tuple((reason, b, a) for reason, a, b in there.reasons)
    assert {case.name: case.word for case in here.cases} == {_other(case.name): MIRRORED.get(case.word, case.word) for case in there.cases}
    assert (here.regime, here.further, len(here.doubts)) == (there.regime, there.further, len(there.doubts))


def _turned(pair: TaskPair) -> TaskPair:
    return msgspec.structs.replace(pair, a=pair.b, b=pair.a, a_trials=pair.b_trials, b_trials=pair.a_trials)


def _other(name: str) -> str:
    return {"best": "worst", "worst": "best"}[name]


@pytest.mark.parametrize("seed", range(6))
def test_a_side_is_never_better_or_worse_than_itself(seed: int) -> None:
    """The same ends in two runs."""
    tasks, attempts, rates = SHAPES[seed % len(SHAPES)]
    ends = by_chance(tasks, attempts, seed, rates)[0]
    for wish in (Wish(), Wish(sequential=True)):
        found = one({"r1": played(LOCAL, ends), "r2": played(LOCAL, ends)}, "", "", wish)
        assert found.word in ("equal", "undecided", "")


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_says_nothing_to_the_fixed_method(seed: int) -> None:
    """Rows in any order give the same figures."""
    rows = list(some(seed))
    first = one(rows)
    random.Random(seed).shuffle(rows)
    assert _figures(one(rows)) == pytest.approx(_figures(first))


def _figures(found: Comparison) -> list[float]:
    assert found.difference
    assert found.a.interval
    difference = found.difference
    return [difference.estimate, difference.low, difference.high, difference.p, found.a.interval.low, found.a.interval.high, found.a.rate or 0.0, found.b.rate or 0.0]


def test_of_models_that_are_alike_few_are_called_better_or_worse() -> None:
    """Two hundred evenings of the same model twice: at most one in twenty has a word that is wrong, with room for chance."""
    wrong = 0
    for seed in range(200):
        a, b = by_chance(24, 2, seed, (0.4, 0.4))
        chances = pair(sides(("r", row) for row in played(LOCAL, a)), sides(("r", row) for row in played(HOSTED, b)))
        (found,) = counted_pairs([chances], 0.10)
        wrong += found.word in ("better", "worse")
    assert wrong <= 200 * 0.05 + 2 * (200 * 0.05 * 0.95) ** 0.5


def test_each_case_is_an_end_of_what_the_difference_may_have_been() -> None:
    """Doubtful trials on both sides: the best case lies above the figure as judged, the worst below."""
    a, b = by_chance(40, 2, 3, (0.5, 0.5))
    found = one(two(a | {"task-000": "db"}, b | {"task-001": "bs"}))
    best, worst = (case.difference.estimate for case in found.cases)
    assert found.difference
    assert worst < found.difference.estimate < best


def test_a_redacted_answer_looks_at_the_nights_in_their_order() -> None:
    """Twelve nights: bounds that depend on the order are those of the answer with its names."""
    drawn, nights = random.Random(1), {}
    for night in range(1, 13):
        names = [f"night-{night}-{number}" for number in range(3)]
        nights[f"202601{night:02d}"] = two({name: drawn.choice("pf") for name in names}, {name: drawn.choice("ppf") if night < 6 else "f" for name in names})
    found, wish = sides((run, row) for run, rows in nights.items() for row in rows), Wish(sequential=True)
    question = ask(Known(found, dict.fromkeys(nights, ())), LOCAL, HOSTED, together=True)
    assert answered(*redacted(question, wish)).comparisons[0].look == answered(question, wish).comparisons[0].look
