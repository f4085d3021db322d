# keeper: north-desk
"""Limits that amounts must keep."""

from __future__ import annotations

from decimal import Decimal

from ledgerlite.errors import LimitExceeded


def check_limit(amount: Decimal, *, limit: Decimal) -> Decimal:
    """The amount itself; raises LimitExceeded when it is above the limit."""
    if amount > limit:
        raise LimitExceeded(f"{amount} is above {limit}")
    return amount
