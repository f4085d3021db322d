"""Whose word guesses are, of how many, and what they leave out, is said alike by text, page and JSON."""

from __future__ import annotations

import json
from functools import cache

import pytest

from harness.report.context.given import PLANTED, Trust
from harness.report.context.loss import Beside, Loss, loss
from harness.report.context.loss_document import document
from tests.report.context import prohibitions
from tests.report.context.populations import GOOD
from tests.report.context.shown import flat, page, plots, text


@cache
def with_prohibitions(honoured: int | None) -> Loss:
    """Of each trial four re-rolls by who was never told of the prohibition, so many of which keep it; None: no replays."""
    accounts = prohibitions.population()
    rows = () if honoured is None else prohibitions.replayed(accounts, honoured)
    return loss("r", accounts, Trust(GOOD, PLANTED), Beside(untold=rows))


@pytest.mark.parametrize(
    ("honoured", "every", "own"),
    [
        (None, "guesses not measured, taken as none; left out: 400 of prohibitions, guesses not measured", "as done: guesses not measured"),
        (1, "guessed 25 % (no-rule, 20 of 80 re-rolls over 20 tasks; the intervals take it as exact); for 400 of 800 opportunities guesses not measured, taken as none",
         "guessed 25 % (no-rule, 20 of 80 re-rolls over 20 tasks; the intervals take it as exact)"),
        (3, "guesses not measured, taken as none; left out: 400 of items that most honour untold", "0 opportunities, 30 needed; 0 tasks, 10 needed; left out: 400 of items that most honour untold"),
    ],
)  # fmt: skip
def test_whose_word_guesses_are_is_said_everywhere_alike(honoured: int | None, every: str, own: str) -> None:
    """Rate, source and n, what is left out and why: in text at both widths, on the page with its captions, and in the JSON."""
    told = with_prohibitions(honoured)
    shown, given = flat(page(told)), json.loads(document(told))["groups"][0]["figures"]["recalled"]
    for written in (flat(text(told)), flat(text(told, 80)), shown):
        assert every in written
        assert own in written
    whole, forbidden, _ = given
    rate, source = (0.25, "no-rule, 20 of 80 re-rolls over 20 tasks") if honoured == 1 else (None, None)
    assert [(each["guess"], each["guess_from"]) for each in (whole, forbidden)] == [(rate, source)] * 2
    assert (whole["left"], whole["dropped"], whole["unmeasured"]) == (400 * (honoured is None), 400 * (honoured == 3), 400)
    assert forbidden["unmeasured"] == 400 * (honoured is None)
    feet = [plot.foot for plot in plots(told) if plot.number == 3]
    assert [("left out: 400 of prohibitions" in foot, "left out: 400 of items" in foot, "guesses: no-rule, 20 of 80" in foot) for foot in feet[:2]] == [
        (honoured is None, honoured == 3, honoured == 1), (False, honoured == 3, honoured == 1),
    ]  # fmt: skip


def test_replays_that_are_too_few_for_a_rate_are_told() -> None:
    """Who rolled no-rule sees why nothing is corrected by it."""
    accounts = prohibitions.population()
    told = loss("r", accounts, Trust(GOOD), Beside(untold=prohibitions.replayed(accounts[:9], 1)))
    words = "too little to measure guesses: no-rule, 36 re-rolls over 9 tasks; 30 over 10 needed of items alike"
    assert words in flat(text(told))
    assert words in flat(page(told))
    assert json.loads(document(told))["groups"][0]["figures"]["recalled"][0]["guess_lacking"] in words
