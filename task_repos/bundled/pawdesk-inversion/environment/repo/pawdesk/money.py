"""Amounts of money: decimals with two places, rounded half up as tills do."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pawdesk.errors import Refused

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int | str) -> Decimal:
    """An amount with two places; floats and texts that are no numbers are refused."""
    if isinstance(value, (bool, float)):
        raise Refused(f"not an amount of money: {value!r}")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Refused(f"not an amount of money: {value!r}") from None
    if not amount.is_finite():
        raise Refused(f"not an amount of money: {value!r}")
    return amount.quantize(CENT, ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, with two places even when there is nothing to add."""
    return sum(amounts, ZERO).quantize(CENT, ROUND_HALF_UP)


def share(amount: Decimal, rate: Decimal) -> Decimal:
    """A rate of an amount, rounded."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def split_evenly(amount: Decimal, parts: int) -> tuple[Decimal, ...]:
    """Equal parts that add up exactly; the first ones carry the cents that are left over."""
    if parts < 1:
        raise Refused("an amount is split into one part at least")
    cents = int(money(amount) / CENT)
    each, rest = divmod(cents, parts)
    return tuple((Decimal(each + (1 if number < rest else 0)) * CENT).quantize(CENT) for number in range(parts))


def included_tax(gross: Decimal, rate: Decimal) -> Decimal:
    """The tax inside a gross amount."""
    return (gross - gross / (1 + rate)).quantize(CENT, ROUND_HALF_UP)


def show(amount: Decimal, currency: str = "") -> str:
    """`1,234.50 EUR`, as it stands on paper."""
    text = f"{amount:,.2f}"
    return f"{text} {currency}" if currency else text
