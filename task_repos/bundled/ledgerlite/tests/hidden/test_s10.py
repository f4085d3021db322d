"""Fees in what goes to the bank."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_any_fraction_of_a_cent_goes_up() -> None:
    """Two places and a point."""
    from ledgerlite.bankfile import fee_field

    texts = {"0.121": "0.13", "0.125": "0.13", "0.1201": "0.13", "0.12": "0.12", "7": "7.00", "1234.5": "1234.50"}
    assert {text: fee_field(Decimal(text)) for text in texts} == texts


def test_fee_lines_round_the_banks_way() -> None:
    """2.5 % of 5.00 are 0.125: 0.13 at the bank, 0.12 in the book."""
    from ledgerlite.bankfile import fee_line
    from ledgerlite.money import round_fee

    assert fee_line("R-17", amount=Decimal("5.00"), rate=Decimal("2.5")) == "FEE;R-17;0.13"
    assert round_fee(Decimal("0.125")) == Decimal("0.12")


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_lines_of_nothing_are_refused(amount: str) -> None:
    """InvalidAmount."""
    from ledgerlite.bankfile import fee_line
    from ledgerlite.errors import InvalidAmount

    with pytest.raises(InvalidAmount):
        fee_line("R", amount=Decimal(amount), rate=Decimal(1))
