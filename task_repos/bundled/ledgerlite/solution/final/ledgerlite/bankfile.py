# keeper: north-desk
"""Lines of the files that go to the bank; fees are rounded there as the bank does it, up."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from ledgerlite.errors import InvalidAmount
from ledgerlite.money import percent, round_money


def fee_field(value: Decimal) -> str:
    """An amount with two places and a point; any fraction of a cent goes up."""
    return f"{round_money(value, 2, ROUND_UP):.2f}"


def fee_line(reference: str, *, amount: Decimal, rate: Decimal) -> str:
    """The line of a fee of ``rate`` percent; raises InvalidAmount unless the amount is positive."""
    if amount <= 0:
        raise InvalidAmount(f"a fee needs a positive amount, found {amount}")
    return f"FEE;{reference};{fee_field(percent(amount, rate))}"
