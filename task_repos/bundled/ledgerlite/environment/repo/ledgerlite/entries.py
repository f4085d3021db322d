"""Journal entries: legs, finished entries, and drafts that wait to be entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerlite.dates import as_date
from ledgerlite.errors import UnbalancedEntry
from ledgerlite.money import ZERO, coerce, total


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry: a positive amount debits the account, a negative one credits it."""

    account: str
    amount: Decimal

    @property
    def is_debit(self) -> bool:
        return self.amount > 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal.  Numbers run from 1 without gaps within a book."""

    number: int
    date: date
    legs: tuple[Leg, ...]
    memo: str = ""
    ref: str | None = None
    reverses: int | None = None

    @property
    def total(self) -> Decimal:
        """Sum of the debits, which equals the sum of the credits."""
        return total(leg.amount for leg in self.legs if leg.is_debit)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Codes in order of first appearance."""
        return tuple(dict.fromkeys(leg.account for leg in self.legs))

    def amount_for(self, account: str) -> Decimal:
        """Net movement of one account, debit positive."""
        return total(leg.amount for leg in self.legs if leg.account == account)

    def counterparts(self, account: str) -> tuple[str, ...]:
        """The other accounts of the entry."""
        return tuple(code for code in self.accounts if code != account)

    def to_record(self) -> dict[str, object]:
        """A JSON-ready form; amounts become text so that no digit is lost."""
        return {
            "number": self.number,
            "date": self.date.isoformat(),
            "legs": [[leg.account, str(leg.amount)] for leg in self.legs],
            "memo": self.memo,
            "ref": self.ref,
            "reverses": self.reverses,
        }

    @classmethod
    def from_record(cls, record: dict[str, object]) -> Entry:
        legs = tuple(Leg(code, Decimal(amount)) for code, amount in record["legs"])  # type: ignore[union-attr]
        return cls(
            number=int(record["number"]),  # type: ignore[call-overload]
            date=as_date(record["date"]),  # type: ignore[arg-type]
            legs=legs,
            memo=str(record.get("memo") or ""),
            ref=record.get("ref"),  # type: ignore[arg-type]
            reverses=record.get("reverses"),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to enter; nothing about it has been checked yet."""

    date: date
    legs: tuple[tuple[str, Decimal], ...]
    memo: str = ""
    ref: str | None = None
    source: str = field(default="", compare=False)

    @classmethod
    def simple(
        cls, date: date, debit: str, credit: str, amount: Decimal, memo: str = "", ref: str | None = None
    ) -> Draft:
        """A draft with one debit and one credit."""
        return cls(date, ((debit, amount), (credit, -amount)), memo, ref)


def make_legs(pairs: Iterable[tuple[str, Decimal]]) -> tuple[Leg, ...]:
    """Build legs from (account, amount) pairs.

    Zero amounts are dropped.  Raises UnbalancedEntry unless at least two legs remain
    and their amounts add up to zero.
    """
    legs = tuple(Leg(account, coerce(amount)) for account, amount in pairs)
    legs = tuple(leg for leg in legs if leg.amount != 0)
    if len(legs) < 2:
        raise UnbalancedEntry("an entry needs at least two legs that are not zero")
    difference = sum((leg.amount for leg in legs), ZERO)
    if difference != 0:
        raise UnbalancedEntry(f"legs are off by {difference}")
    return legs


def describe(entry: Entry) -> str:
    """One line for logs and error messages."""
    sides = ", ".join(f"{leg.account} {leg.amount:+}" for leg in entry.legs)
    return f"#{entry.number} {entry.date.isoformat()} {sides} {entry.memo}".rstrip()
