"""Views by name: one word each, as the docs write it, whatever way it was typed or recorded."""

from __future__ import annotations

import pytest

from harness.core.errors import PlanError
from harness.wiring.forking import itemless, known_view, needs_item


@pytest.mark.parametrize("typed", ["no-rule", "no_rule"])
def test_a_view_has_one_word(typed: str) -> None:
    """Either spelling is taken, and the one of the docs is what outputs and records have."""
    assert known_view(typed) == "no-rule"
    assert needs_item("no-rule")


def test_an_unknown_view_is_told_the_nearest() -> None:
    """By the words that the command line takes."""
    with pytest.raises(PlanError, match=r"'no-rule', perhaps, or another of full, short, .*, no-rule, recall, absent, wide"):
        known_view("no-rul")


@pytest.mark.parametrize("name", ["absent", "wide"])
def test_an_arm_that_only_a_probe_lays_is_no_view_of_a_fork(name: str) -> None:
    """One sentence that says where it is had."""
    with pytest.raises(PlanError, match=f"--view: found '{name}', expected a view that a fork can have; `longhaul probe` has this arm"):
        itemless(name)
