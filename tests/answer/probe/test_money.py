"""A cap that would bound nothing is refused before anything is spent."""

from __future__ import annotations

import pytest

from harness.answer.probe.points import Chosen
from harness.cli.context.probe import Bounds, _possible
from harness.cli.context.probing import Laid, Read, Wish
from harness.cli.context.scenes import Asked
from harness.core.errors import PlanError
from harness.core.events import Digests, Entry, Event, ModelOpened, TrialStarted
from harness.core.facts import ModelFacts, Price
from harness.core.probe import Place, Point
from harness.core.trial import TrialKey
from tests.answer.probe.test_outlay import asked

KEY = TrialKey("r", "task", "coder", "claude/x", "", 1)
POINT = Point("p001", Place("t0001", "task", "coder", "claude/x", "rule", 9), "every")
WISH = Wish(("full", "fresh"), 4, 6, 40)


PRICE = Price("2026-01-01", 1.0, 1.0, 1.0, 1.0)


def found(*replies: Event, remote: bool, price: Price | None) -> Laid:
    events = (TrialStarted(KEY, 1, None, None, Digests("", "", "", ""), "{}", ""), ModelOpened(ModelFacts("claude", "x", remote=remote, price=price)), *replies)
    trace = tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1))
    read = Read(Asked("t0001", KEY, trace), None, ())  # type: ignore[arg-type]
    return Laid({"t0001": read}, Chosen((POINT,), (), 1), {})


def test_a_hosted_model_without_a_price_can_not_be_capped() -> None:
    """One sentence that names it."""
    with pytest.raises(PlanError, match=r"--max-cost: found claude/x, of which no price is known"):
        _possible(WISH, Bounds(1, 5.0, True, False, ""), found(remote=True, price=None))


@pytest.mark.parametrize(
    ("cap", "remote", "price"), [(None, True, None), (5.0, False, None), (5.0, True, PRICE)]
)
def test_others_can(cap: float | None, remote: bool, price: Price | None) -> None:
    """Without a cap, on this machine, or with a price."""
    _possible(WISH, Bounds(1, cap, True, False, ""), found(remote=remote, price=price))


def test_a_server_that_tells_no_tokens_can_not_be_capped() -> None:
    """It has a price, and no prompt that it could be put on: one sentence that names it; without a cap, and with tokens told, it can be replayed."""
    silent = found(*asked(1, None, 20), remote=True, price=PRICE)
    with pytest.raises(PlanError, match=r"--max-cost: found claude/x, whose server told no tokens of its prompts"):
        _possible(WISH, Bounds(1, 5.0, True, False, ""), silent)
    _possible(WISH, Bounds(1, None, True, False, ""), silent)
    _possible(WISH, Bounds(1, 5.0, True, False, ""), found(*asked(1, 500, 20), remote=True, price=PRICE))
