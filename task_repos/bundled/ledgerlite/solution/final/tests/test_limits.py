"""Limits."""

from decimal import Decimal

import pytest

from ledgerlite.errors import LimitExceeded
from ledgerlite.limits import check_limit


def test_the_limit_itself_is_fine() -> None:
    assert check_limit(Decimal(5), limit=Decimal(5)) == 5
    with pytest.raises(LimitExceeded):
        check_limit(Decimal("5.01"), limit=Decimal(5))
