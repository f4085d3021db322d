"""What a probe says in words: how many single points so few re-rolls can name, who guesses, and which gate does not hold."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.answer.probe.attribution import Result
from harness.answer.probe.outlay import outlay
from harness.cli.context.probe_text import show, show_outlay, show_rolls
from tests.answer.probe.test_attribution import KEPT, LOST, told
from tests.answer.probe.test_outlay import KNOWN, POINT


def said(rolls: int) -> str:
    out = io.StringIO()
    show_rolls(rolls, Console(file=out, width=400))
    return " ".join(out.getvalue().split())


def test_few_re_rolls_recommend_more() -> None:
    """With the figures of the very rule that names."""
    words = said(4)
    assert "4 re-rolls leave more undecided" in words
    assert "of single points 1 re-roll leaves more undecided" in said(1)
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
    """With the reading; who names nothing, for he abstains or answers nothing that can be read, has the counts alone."""
    asked = "asked for a value that nobody stated: abstained"
    guesses = "who names one guesses, and what it recalls is worth less"
    words = shown(told(full=KEPT, absent=["honoured", "violated", "violated", "violated"], answers=("right", "wrong", "format", "format")))
    assert f"{asked} 40, named one 40, no readable answer 80, of 160; {guesses}" in words
    words = shown(told(full=KEPT, absent=["honoured", "violated", "violated", "none"], answers=("right", "format", "format", "")))
    assert f"{asked} 40, named one 0, no readable answer 80, of 120; 40 without a reply" in words
    assert "guesses" not in words
    assert f"{asked} 160, named one 0, no readable answer 0, of 160" in shown(told(full=KEPT, recall=KEPT, absent=KEPT))


def test_who_is_only_asked_honours_and_violates_nothing() -> None:
    """Not in the headline, in no row of a table: in a sentence of its own."""
    words = shown(told(full=KEPT, recall=["honoured", "honoured", "violated", "violated"], answers=("right", "right", "wrong", "format")))
    assert "probe run of parent: 160 honoured, 160 only asked (recall, absent)" in words
    assert "asked for the item's value: known 80, not known 40, no readable answer 40, of 160" in words
    assert "recall 50 %" not in words


def test_a_void_side_reads_nothing_out_of_answers() -> None:
    """Counts are told, and nobody is said to guess."""
    words = shown(told(full=["violated", "violated", "honoured", "honoured"], absent=LOST))
    assert "abstained 0, named one 160" in words
    assert "guesses" not in words


def test_a_fraction_without_fresh_is_one_line() -> None:
    """What is missing, and no count of points that there could not be."""
    words = shown(told(full=LOST, remind=KEPT))
    assert words.count("attributable fraction") == 2  # and once in the advice on re-rolls
    assert "attributable fraction: not asked for (needs fresh)" in words


@pytest.mark.parametrize(("arms", "noted"), [(("full", "evict"), True), (("full", "evict", "no-rule"), False), (("full", "fresh"), False)])
def test_evict_alone_says_what_its_gate_needs(arms: tuple[str, ...], noted: bool) -> None:
    """In one line, before anything is spent."""
    out = io.StringIO()
    show_outlay(outlay([(POINT, KNOWN)], arms, 4, 6), 5.0, Console(file=out, width=400))
    assert ("note: evict is held against no-rule, which is not asked for" in out.getvalue()) is noted


def test_gates_are_told_with_their_figures() -> None:
    """One that does not hold, and one that is not known."""
    words = shown(told(full=KEPT, fresh=KEPT, wide=LOST))
    assert "a larger window is no worse than full: does not hold (full fails 0 of 160, wide 160 of 160)" in words
    assert "late stages are as hard as early ones under fresh: not known (under 10 tasks have points in early and in late stages)" in words


def test_a_void_side_says_what_was_not_rolled() -> None:
    """Arm by arm, beside the reason."""
    words = shown(told(full=["violated", "violated", "honoured", "honoured"], fresh=["pending"] * 4, remind=["pending"] * 4))
    assert "void: full differs from itself (A/A check); not rolled: 320 re-rolls of fresh, remind" in words
