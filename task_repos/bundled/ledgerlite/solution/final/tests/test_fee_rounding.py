"""Fees round half cents towards zero."""

from decimal import Decimal

import pytest

from ledgerlite.errors import InvalidAmount
from ledgerlite.money import round_fee


def test_half_cents_are_the_customers() -> None:
    assert [str(round_fee(Decimal(text))) for text in ("0.125", "0.1251", "-0.125")] == ["0.12", "0.13", "-0.12"]
    with pytest.raises(InvalidAmount):
        round_fee(Decimal("NaN"))
