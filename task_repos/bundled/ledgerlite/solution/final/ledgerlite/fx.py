"""Foreign currency: entering foreign amounts, realised differences, revaluation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.currency import Money, RateTable
from ledgerlite.errors import CurrencyMismatch
from ledgerlite.money import ZERO

GAINS = "4800"
LOSSES = "6700"


@dataclass(frozen=True, slots=True)
class Holding:
    """A foreign-currency account: what it holds and what that cost in home currency."""

    account: str
    foreign: Money
    book_value: Decimal


class ForeignDesk:
    """Keeps the foreign side of accounts whose book value lives in the home-currency book."""

    def __init__(self, book: Book, rates: RateTable) -> None:
        if rates.home != book.currency:
            raise CurrencyMismatch(f"rates are against {rates.home}, the book is in {book.currency}")
        self.book = book
        self.rates = rates
        self._foreign: dict[str, Money] = {}

    def holding(self, account: str) -> Holding | None:
        held = self._foreign.get(account)
        return None if held is None else Holding(account, held, self.book.balance(account))

    def receive(self, day: date, account: str, money: Money, against: str, memo: str = "") -> int:
        """Foreign money comes in at the rate of the day; returns the entry number."""
        value = self.rates.to_home(money, day).amount
        number = self.book.record_transfer(
            value, source=against, target=account, on=day, note=memo or f"Received {money}"
        ).number
        self._foreign[account] = self._held(account, money.currency) + money
        return number

    def spend(self, day: date, account: str, money: Money, against: str, memo: str = "") -> int:
        """Foreign money goes out: at average cost from the account, at the day's rate to the other.

        The difference between the two is realised gain or loss in the same entry.
        """
        held = self._held(account, money.currency)
        cost = self._average_cost(account, held, money)
        value = self.rates.to_home(money, day).amount
        legs = [(against, value), (account, -cost)]
        legs += _difference_legs(value - cost)
        number = self.book.record_entry(legs, on=day, note=memo or f"Spent {money}").number
        self._foreign[account] = held - money
        return number

    def exchange(self, day: date, source: str, target: str, money: Money, received: Decimal) -> int:
        """Sell foreign money for home currency actually received."""
        held = self._held(source, money.currency)
        cost = self._average_cost(source, held, money)
        legs = [(target, received), (source, -cost), *_difference_legs(received - cost)]
        number = self.book.record_entry(legs, on=day, note=f"Exchanged {money}").number
        self._foreign[source] = held - money
        return number

    def revalue(self, day: date) -> list[int]:
        """Bring every foreign account to the rate of a day; returns the entry numbers.

        Accounts whose value did not change get no entry.
        """
        numbers = []
        for account, held in sorted(self._foreign.items()):
            now = self.rates.to_home(held, day).amount
            difference = now - self.book.balance(account, as_of=day)
            memo = f"Revaluation of {held} at {self.rates.rate(held.currency, day)}"
            if difference > 0:
                numbers.append(self.book.record_transfer(
                    difference, source=GAINS, target=account, on=day, note=memo
                ).number)
            elif difference < 0:
                numbers.append(self.book.record_transfer(
                    -difference, source=account, target=LOSSES, on=day, note=memo
                ).number)
        return numbers

    def undo_revaluation(self, numbers: list[int], day: date) -> list[int]:
        """Take revaluation entries back, as practice wants on the first day of the next year."""
        return [self.book.record_reversal(
            number, on=day, note="Revaluation taken back"
        ).number for number in numbers]

    def _held(self, account: str, currency: str) -> Money:
        held = self._foreign.get(account, Money(ZERO, currency))
        if held.currency != currency:
            raise CurrencyMismatch(f"{account} holds {held.currency}, not {currency}")
        return held

    def _average_cost(self, account: str, held: Money, money: Money) -> Decimal:
        if money.amount > held.amount:
            raise CurrencyMismatch(f"{account} holds only {held}")
        if money.amount == held.amount:
            return self.book.balance(account)
        share = money.amount / held.amount
        return Money(self.book.balance(account) * share, self.book.currency).amount


def _difference_legs(difference: Decimal) -> list[tuple[str, Decimal]]:
    """The leg that balances a realised difference: a gain is credited, a loss debited."""
    if difference > 0:
        return [(GAINS, -difference)]
    if difference < 0:
        return [(LOSSES, -difference)]
    return []
