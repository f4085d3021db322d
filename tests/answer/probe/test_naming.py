"""With few re-rolls a probe says how many single points it can name, and how many re-rolls name more."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.cli.context.probe_text import show_rolls


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
