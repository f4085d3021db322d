"""Limits."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_the_error_is_one_of_ours() -> None:
    """LimitExceeded is a LedgerError of errors.py."""
    from ledgerlite.errors import LedgerError, LimitExceeded

    assert issubclass(LimitExceeded, LedgerError)
    assert LimitExceeded.__module__ == "ledgerlite.errors"


def test_limits_are_inclusive() -> None:
    """The amount comes back up to the limit, beyond it the error."""
    from ledgerlite.errors import LimitExceeded
    from ledgerlite.limits import check_limit

    assert check_limit(Decimal("5.00"), limit=Decimal("5.00")) == Decimal("5.00")
    assert check_limit(Decimal("-7"), limit=Decimal(0)) == Decimal("-7")
    with pytest.raises(LimitExceeded):
        check_limit(Decimal("5.01"), limit=Decimal("5.00"))
