"""What a probe says in words: how many single points so few re-rolls can name, who guesses, and which gate does not hold."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.answer.probe.attribution import Result
from harness.cli.context.probe_text import show, show_rolls
from tests.answer.probe.test_attribution import KEPT, LOST, told


def said(rolls: int) -> str:
    out = io.StringIO()
    show_rolls(rolls, Console(file=out, width=400))
    return " ".join(out.getvalue().split())


def test_few_re_rolls_recommend_more() -> None:
    """With the figures of the very rule that names."""
    words = said(4)
    assert "4 re-rolls leave more undecided" in words
    assert "94 of 100 losses are named and 82 of 100 points that are not the context's; -k 8 names 100 and 96" in words


@pytest.mark.parametrize("rolls", [8, 16])
def test_enough_re_rolls_say_nothing(rolls: int) -> None:
    """No advice where none is needed."""
    assert not said(rolls)


def shown(result: Result) -> str:
    out = io.StringIO()
    show(result, Console(file=out, width=400))
    return " ".join(out.getvalue().split())


def test_who_names_what_nobody_stated_is_said_to_guess() -> None:
    """With the reading; who always abstains has the count alone."""
    asked = "asked for a value that nobody stated: abstained"
    assert f"{asked} 0 of 160; who names one guesses, and what it recalls is worth less" in shown(told(full=KEPT, recall=KEPT, absent=LOST))
    assert "guesses" not in shown(told(full=KEPT, recall=KEPT, absent=KEPT))
    assert f"{asked} 160 of 160" in shown(told(full=KEPT, recall=KEPT, absent=KEPT))


def test_gates_are_told_with_their_figures() -> None:
    """One that does not hold, and one that is not known."""
    words = shown(told(full=KEPT, fresh=KEPT, wide=LOST))
    assert "a larger window is no worse than full: does not hold (full fails 0 of 160, wide 160 of 160)" in words
    assert "late stages are as hard as early ones under fresh: not known (under 10 tasks have points in early and in late stages)" in words


def test_a_void_side_says_what_was_not_rolled() -> None:
    """Arm by arm, beside the reason."""
    words = shown(told(full=["violated", "violated", "honoured", "honoured"], fresh=["pending"] * 4, remind=["pending"] * 4))
    assert "void: full differs from itself (A/A check); not rolled: 320 re-rolls of fresh, remind" in words
