"""The largest entries, and accounts that did not move."""

from datetime import date
from decimal import Decimal

from ledgerlite import Book
from ledgerlite.periods import month
from ledgerlite.queries import idle_accounts, largest


def test_the_largest_and_the_idle(funded: Book) -> None:
    funded.post(date(2026, 1, 9), "6100", "1020", Decimal(5))
    assert [entry.number for entry in largest(funded, period=month(2026, 1), count=1)] == [1]
    assert "6100" not in idle_accounts(funded, period=month(2026, 1))
    assert "6100" in idle_accounts(funded, period=month(2026, 2))
