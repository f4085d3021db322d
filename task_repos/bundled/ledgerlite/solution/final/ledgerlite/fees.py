# keeper: north-desk
"""Fees that the book pays: computed, rounded as fees, and entered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ledgerlite.accounts import Kind
from ledgerlite.book import Book
from ledgerlite.entries import Receipt
from ledgerlite.errors import InvalidAmount, NotAFee
from ledgerlite.limits import check_limit
from ledgerlite.money import allocate, percent, round_fee

CHARGES = "6300"
CLEARING = "1947"
"""Where card payments lie; agreed with the tax adviser."""
MOST = Decimal("100.00")


def card_fee(book: Book, *, day: date, amount: Decimal, rate: Decimal, bank: str = "1020") -> int:
    """Enter what the card company keeps, ``rate`` percent of a payment; returns the entry's number.

    Raises InvalidAmount for a payment that is not positive, LimitExceeded for a fee above 100.00.
    """
    if amount <= 0:
        raise InvalidAmount(f"a payment must be positive, found {amount}")
    fee = check_limit(round_fee(percent(amount, rate)), limit=MOST)
    note = f"Card fee of {amount}"
    return book.record_transfer(fee, source=bank, target=CHARGES, on=day, note=note).number


def shared_fee(book: Book, *, day: date, amount: Decimal, accounts: Sequence[str], bank: str = "1020") -> list[int]:
    """Share a fee equally over accounts, one entry each; returns the entries' numbers.

    Odd cents go to the accounts that come first.  Raises InvalidAmount where there is nothing to share.
    """
    if amount <= 0 or not accounts:
        raise InvalidAmount(f"{amount} can't be shared over {len(accounts)} accounts")
    parts = allocate(amount, [1] * len(accounts))
    return [
        book.record_transfer(part, source=bank, target=account, on=day, note=f"Shared fee of {amount}").number
        for account, part in zip(accounts, parts, strict=True)
        if part
    ]


def refund_fee(book: Book, *, number: int, day: date) -> Receipt:
    """Take a fee's entry back; raises NotAFee for one that touches no bank charges."""
    if CHARGES not in book.entry(number).accounts:
        raise NotAFee(f"entry {number} is no fee")
    return book.record_reversal(number, on=day, note=f"Fee refunded, was #{number}")


def take_card(book: Book, *, day: date, amount: Decimal, income: str = "4000") -> Receipt:
    """Enter a card payment: it lies on the clearing account until the card company pays it out."""
    _open_clearing(book)
    return book.record_transfer(amount, source=income, target=CLEARING, on=day, note="Card payment")


def settle_cards(book: Book, *, day: date, amount: Decimal, bank: str = "1020") -> Receipt:
    """Enter what the card company pays out; raises LimitExceeded for more than lies there."""
    _open_clearing(book)
    check_limit(amount, limit=book.balance(CLEARING))
    return book.record_transfer(amount, source=CLEARING, target=bank, on=day, note="Card settlement")


def _open_clearing(book: Book) -> None:
    if CLEARING not in book.chart:
        book.chart.open(CLEARING, "Card clearing", Kind.ASSET)
