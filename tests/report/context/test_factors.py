"""What a violation hangs on: known effects are found again, and little is said of little."""

from __future__ import annotations

import math
import random

from harness.metrics.context.account import Account
from harness.report.context.factors import Factors, factors, said
from harness.report.context.given import Trust
from harness.report.context.kinds import ready
from harness.report.context.loss import loss
from tests.report.context.populations import GOOD, a_chance, a_cut, an_account

TWICE = 0.5
"""Log hazard ratio of twice the distance."""


def drawn(tasks: int = 20, trials: int = 4, *, model: str = "ollama/made", worse: float = 0.0, **more: object) -> list[Account]:
    """Distance and fill drawn independently; the hazard hangs on distance, and `worse` is the model's own."""
    dice = random.Random(f"{model} {worse}")
    told = []
    for place in range(tasks):
        level = dice.gauss(0, 0.4)
        for each in range(trials):
            chances = tuple(_chance(turn, dice, level + worse, more) for turn in range(4, 40, 3))
            told.append(an_account(place * trials + each + 1, f"task-{place:03d}", model=model, chances=chances, findings=()))
    return told


def _chance(turn: int, dice: random.Random, level: float, more: dict[str, object]) -> object:
    distance = int(1000 * 2 ** dice.uniform(0, 6))
    hazard = math.exp(-3 + level + TWICE * math.log2(distance / 1000))
    return a_chance(turn, honoured=dice.random() >= 1 - math.exp(-hazard), distance=distance, **{"fill": dice.random(), **more})  # type: ignore[arg-type]


def of(accounts: list[Account]) -> Factors:
    return factors({"": tuple(map(ready, accounts))})


def test_the_effect_of_distance_is_found_again() -> None:
    """The interval holds the truth and leaves out no effect; what has none is not said to have one."""
    told = {each.column: each for each in of(drawn()).ratios}
    distance, fill = told["log2 distance"], told["fill"]
    assert distance.low <= math.exp(TWICE) <= distance.high
    assert distance.low > 1
    assert fill.low <= 1 <= fill.high


def test_a_model_that_forgets_twice_as_often_is_told_from_another() -> None:
    """By its ratio against the other, at equal distance."""
    accounts = [*drawn(model="ollama/a"), *drawn(model="ollama/b", worse=math.log(2))]
    between = loss("r", accounts, Trust(GOOD)).between
    assert between
    (ratio,) = [each for each in between.ratios if each.column.startswith("model ")]
    assert ratio.column == "model coder x ollama/b (against coder x ollama/a)"
    assert ratio.low <= 2 <= ratio.high
    assert ratio.low > 1
    assert "ollama/b" in said(between)


def test_models_that_the_server_cut_unequally_are_not_compared() -> None:
    """What one of them was shown less of is no trait of the model."""
    accounts = [*drawn(model="ollama/a"), *drawn(model="ollama/b", worse=math.log(2))]
    assert loss("r", [an_account(999, "task-000", model="ollama/b", cuts=(a_cut(),)), *accounts], Trust(GOOD)).between is None
    assert loss("r", drawn(), Trust(GOOD)).between is None


def test_little_is_said_of_little() -> None:
    """Under the floor, or where all ended alike, a reason and no ratio."""
    few, kept = of(drawn(tasks=9)), of([an_account(place, f"task-{place}") for place in range(12)])
    assert few.ratios == kept.ratios == ()
    assert few.lacking == "9 tasks, 10 needed"
    assert "every one of 120 opportunities was honoured" in kept.lacking
    assert said(few) == said(kept) == ""


def test_what_was_not_in_view_is_no_forgetting() -> None:
    """Hidden opportunities, and those after a cut, are counted beside and in no ratio."""
    hidden, cut = of(drawn(visible=False)), of(drawn(cut=True))
    assert (hidden.of, cut.of) == (0, 0)
    assert hidden.hidden == cut.cut == 20 * 4 * 12


def test_fullness_tells_nothing_where_a_window_is_not_known() -> None:
    """An unknown fill is no empty window, and it is said that fullness was left out."""
    accounts = [*drawn(), *drawn(tasks=3, fill=None)]
    told, known = of(accounts), of(drawn())
    assert [each.column for each in told.ratios] == ["log2 distance"]
    assert set(told.warnings) - set(known.warnings) == {"a window is not known, so fullness is left out"}
    assert "doubtful: a window is not known" in said(told)
