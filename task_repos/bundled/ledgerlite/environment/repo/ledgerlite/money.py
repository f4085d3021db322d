"""Money as exact decimals: rounding, splitting, reading and writing amounts.

Amounts travel through the whole package as ``decimal.Decimal``.  Nothing here
knows about currencies; see :mod:`ledgerlite.currency` for those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

from ledgerlite.errors import InvalidAmount

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def coerce(value: Decimal | int | str | float) -> Decimal:
    """Turn a loosely typed amount into a finite Decimal.

    Floats go through their shortest repr, so ``coerce(0.1)`` is ``Decimal("0.1")``.
    Raises InvalidAmount for booleans, NaN, infinities and text that is no number.
    """
    if isinstance(value, bool):
        raise InvalidAmount("a truth value is not an amount")
    text = repr(value) if isinstance(value, float) else value
    try:
        amount = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        raise InvalidAmount(f"not an amount: {value!r}") from None
    if not amount.is_finite():
        raise InvalidAmount(f"not a finite amount: {value!r}")
    return amount


def quantum(places: int) -> Decimal:
    """The smallest step for a number of decimal places: 2 gives 0.01."""
    return Decimal(1).scaleb(-places)


def round_money(value: Decimal, places: int = 2, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Round to the given places, banker's rounding unless told otherwise."""
    return value.quantize(quantum(places), rounding=rounding)


def round_tax(value: Decimal, places: int = 2) -> Decimal:
    """Round the way tax offices do: halves go away from zero."""
    return round_money(value, places, ROUND_HALF_UP)


def check_places(value: Decimal, places: int = 2) -> Decimal:
    """Give the value back if it has no more than the given places, else raise InvalidAmount."""
    if value != round_money(value, places, ROUND_DOWN):
        raise InvalidAmount(f"{value} has more than {places} decimal places")
    return round_money(value, places)


def percent(amount: Decimal, rate: Decimal) -> Decimal:
    """``rate`` percent of ``amount``, not rounded."""
    return amount * rate / HUNDRED


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Sum of amounts; an empty sum is 0.00 and not the integer 0."""
    return sum(amounts, ZERO)


def allocate(amount: Decimal, weights: Sequence[Decimal | int], places: int = 2) -> list[Decimal]:
    """Split an amount by weights so that the parts add up to it exactly.

    What rounding leaves over goes, one quantum each, to the parts with the largest
    remainders; among equal remainders the earlier part wins.
    """
    if not weights or any(w < 0 for w in weights):
        raise InvalidAmount("weights must be given and must not be negative")
    whole = sum((Decimal(w) for w in weights), Decimal(0))
    if whole == 0:
        raise InvalidAmount("weights must not all be zero")
    step = quantum(places)
    exact = [amount * Decimal(w) / whole for w in weights]
    parts = [round_money(share, places, ROUND_DOWN) for share in exact]
    left = amount - sum(parts, Decimal(0))
    sign = 1 if left >= 0 else -1
    order = sorted(range(len(parts)), key=lambda i: (-abs(exact[i] - parts[i]), i))
    for position in range(int(abs(left) / step)):
        parts[order[position % len(order)]] += sign * step
    return parts


def parse_amount(text: str, decimal_mark: str = ".") -> Decimal:
    """Read an amount as banks print it.

    Understood are grouping marks, a leading or trailing minus sign, parentheses for
    negative amounts, and the marks DR and CR (CR is positive, DR negative).
    """
    raw = text.strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
    sign = 1
    upper = raw.upper()
    if upper.endswith("DR"):
        raw, sign = raw[:-2], -1
    elif upper.endswith("CR"):
        raw = raw[:-2]
    if raw.startswith("(") and raw.endswith(")"):
        raw, sign = raw[1:-1], -sign
    if raw.endswith("-"):
        raw, sign = raw[:-1], -sign
    grouping = "," if decimal_mark == "." else "."
    raw = raw.replace(grouping, "").replace(decimal_mark, ".")
    if not raw:
        raise InvalidAmount(f"not an amount: {text!r}")
    return sign * coerce(raw)


def format_amount(value: Decimal, places: int = 2, grouping: bool = True) -> str:
    """Write an amount with fixed places; negative amounts carry a leading minus."""
    rounded = round_money(value, places)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,.{places}f}" if grouping else f"{rounded:.{places}f}"
