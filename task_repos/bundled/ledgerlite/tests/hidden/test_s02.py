"""Rounding of fees in the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest


def test_half_cents_go_to_the_customer() -> None:
    """Halves go towards zero, anything above a half does not."""
    from ledgerlite.money import round_fee

    texts = {"0.125": "0.12", "0.135": "0.13", "0.1351": "0.14", "-0.125": "-0.12", "2": "2.00"}
    assert {text: str(round_fee(Decimal(text))) for text in texts} == texts
    assert round_fee(Decimal("0.5"), places=0) == 0


def test_interest_of_reminders_is_a_fee() -> None:
    """Default interest of 0.015 is 0.01, where the banker's way gave 0.02; 0.025 is 0.02."""
    from ledgerlite.invoices.dunning import Dunning

    dunning = Dunning(None, None, interest=Decimal("1"))  # type: ignore[arg-type]
    item = SimpleNamespace(open=Decimal("1.50"), overdue_days=lambda _: 365)
    assert dunning.interest_for(item, date(2026, 1, 1)) == Decimal("0.01")  # type: ignore[arg-type]
    item = SimpleNamespace(open=Decimal("2.60"), overdue_days=lambda _: 365)
    assert dunning.interest_for(item, date(2026, 1, 1)) == Decimal("0.03")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_refused(text: str) -> None:
    """InvalidAmount, as coerce has it."""
    from ledgerlite.errors import InvalidAmount
    from ledgerlite.money import round_fee

    with pytest.raises(InvalidAmount):
        round_fee(Decimal(text))
