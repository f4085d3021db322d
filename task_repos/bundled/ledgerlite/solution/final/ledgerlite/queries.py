"""Reading a journal: filters, movements, running balances, turnover by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.accounts import Kind
from ledgerlite.book import Book
from ledgerlite.entries import Entry
from ledgerlite.money import ZERO, total
from ledgerlite.periods import Period

Predicate = Callable[[Entry], bool]


def in_period(period: Period) -> Predicate:
    return lambda entry: entry.date in period


def touching(*accounts: str) -> Predicate:
    wanted = set(accounts)
    return lambda entry: not wanted.isdisjoint(entry.accounts)


def memo_contains(text: str) -> Predicate:
    needle = text.casefold()
    return lambda entry: needle in entry.memo.casefold()


def at_least(amount: Decimal) -> Predicate:
    return lambda entry: entry.total >= amount


def all_of(*predicates: Predicate) -> Predicate:
    return lambda entry: all(test(entry) for test in predicates)


def select(entries: Iterable[Entry], *predicates: Predicate) -> list[Entry]:
    """Entries that satisfy every predicate, ordered by date and then number."""
    test = all_of(*predicates)
    return sorted((e for e in entries if test(e)), key=lambda e: (e.date, e.number))


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of an account statement."""

    entry: Entry
    amount: Decimal
    balance: Decimal


def movements(book: Book, account: str, period: Period | None = None) -> Iterator[Movement]:
    """Movements of an account in date order with the running balance after each."""
    balance = ZERO
    for entry in select(book, touching(account)):
        balance += entry.amount_for(account)
        if period is None or entry.date in period:
            yield Movement(entry, entry.amount_for(account), balance)


def turnover(book: Book, account: str, period: Period) -> tuple[Decimal, Decimal]:
    """Sum of debits and sum of credits of an account in a period, both positive."""
    legs = [
        leg.amount
        for entry in book
        if entry.date in period
        for leg in entry.legs
        if leg.account == account
    ]
    return total(a for a in legs if a > 0), -total(a for a in legs if a < 0)


def net_change(book: Book, account: str, period: Period) -> Decimal:
    """Debit-positive change of an account over a period."""
    debit, credit = turnover(book, account, period)
    return debit - credit


def changes_by_account(book: Book, period: Period | None = None) -> dict[str, Decimal]:
    """Debit-positive change of every account that moved."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in book:
        if period is not None and entry.date not in period:
            continue
        for leg in entry.legs:
            sums[leg.account] += leg.amount
    return dict(sums)


def balances_on(book: Book, day: date) -> dict[str, Decimal]:
    """Debit-positive balances of all accounts with entries up to a day."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in book:
        if entry.date <= day:
            for leg in entry.legs:
                sums[leg.account] += leg.amount
    return dict(sums)


def by_month(book: Book, account: str, period: Period) -> dict[str, Decimal]:
    """Net change per calendar month, months without movement included as zero."""
    return {part.label: net_change(book, account, part) for part in period.months()}


def profit(book: Book, period: Period) -> Decimal:
    """Income minus expenses of a period; a loss is negative."""
    changes = changes_by_account(book, period)
    results = (Kind.INCOME, Kind.EXPENSE)
    return -total(changes.get(a.code, ZERO) for a in book.chart.of_kind(*results))


def largest(book: Book, *, period: Period, count: int) -> list[Entry]:
    """Up to ``count`` entries of a period by total, highest first; of equal ones the earlier number first."""
    found = [entry for entry in book if entry.date in period]
    return sorted(found, key=lambda entry: (-entry.total, entry.number))[:count]


def idle_accounts(book: Book, *, period: Period) -> list[str]:
    """Codes of accounts that could have moved in a period and did not, sorted."""
    moved = {code for entry in book if entry.date in period for code in entry.accounts}
    return [a.code for a in book.chart if not a.heading and not a.archived and a.code not in moved]


def is_live(book: Book, entry: Entry) -> bool:
    """Whether an entry is neither a reversal nor reversed itself."""
    return entry.reverses is None and book.reversal_of(entry.number) is None
