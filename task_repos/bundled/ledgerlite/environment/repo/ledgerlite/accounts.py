"""Accounts and the chart that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from ledgerlite.errors import AccountLocked, DuplicateAccount, LedgerError, UnknownAccount


class Kind(str, Enum):
    """The five kinds of account; debit-normal are assets and expenses."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def debit_normal(self) -> bool:
        return self in (Kind.ASSET, Kind.EXPENSE)

    @property
    def on_balance_sheet(self) -> bool:
        return self in (Kind.ASSET, Kind.LIABILITY, Kind.EQUITY)


@dataclass(frozen=True, slots=True)
class Account:
    """One account.  ``heading`` accounts group others and take no entries themselves."""

    code: str
    name: str
    kind: Kind
    parent: str | None = None
    currency: str | None = None
    heading: bool = False
    archived: bool = False
    tags: frozenset[str] = frozenset()

    def natural(self, balance: Decimal) -> Decimal:
        """A debit-positive balance as its reader expects it: positive on the normal side."""
        return balance if self.kind.debit_normal else -balance

    def to_record(self) -> dict[str, object]:
        return {
            "code": self.code, "name": self.name, "kind": self.kind.value, "parent": self.parent,
            "currency": self.currency, "heading": self.heading, "archived": self.archived,
            "tags": sorted(self.tags),
        }

    @classmethod
    def from_record(cls, record: dict[str, object]) -> Account:
        data = dict(record)
        data["kind"] = Kind(data["kind"])
        data["tags"] = frozenset(data.get("tags") or ())  # type: ignore[arg-type]
        return cls(**data)  # type: ignore[arg-type]


class Chart:
    """A chart of accounts: a forest by parent codes, iterated in code order."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts: dict[str, Account] = {}
        for account in accounts:
            self.add(account)

    def add(self, account: Account) -> Account:
        """Add an account whose parent, if it names one, is already there and of the same kind."""
        if account.code in self._accounts:
            raise DuplicateAccount(f"account {account.code!r} exists")
        if account.parent is not None:
            parent = self.get(account.parent)
            if parent.kind is not account.kind:
                raise LedgerError(
                    f"{account.code} is {account.kind.value}, its parent {parent.kind.value}"
                )
        self._accounts[account.code] = account
        return account

    def open(self, code: str, name: str, kind: Kind | str, **options: object) -> Account:
        """Shorthand for ``add(Account(...))``."""
        return self.add(Account(code, name, Kind(kind), **options))  # type: ignore[arg-type]

    def get(self, code: str) -> Account:
        try:
            return self._accounts[code]
        except KeyError:
            raise UnknownAccount(code) from None

    def usable(self, code: str) -> Account:
        """The account if it takes entries; raises UnknownAccount or AccountLocked."""
        account = self.get(code)
        if account.heading:
            raise AccountLocked(f"{code} is a heading and takes no entries")
        if account.archived:
            raise AccountLocked(f"{code} is archived")
        return account

    def archive(self, code: str) -> None:
        """Forbid further entries on an account."""
        self._accounts[code] = replace(self.get(code), archived=True)

    def rename(self, code: str, name: str) -> None:
        """Give an account another name; its code is its identity and never changes."""
        self._accounts[code] = replace(self.get(code), name=name)

    def children(self, code: str) -> list[Account]:
        return [a for a in self if a.parent == code]

    def subtree(self, code: str) -> list[Account]:
        """The account and everything below it, parents before children."""
        found = [self.get(code)]
        for child in self.children(code):
            found.extend(self.subtree(child.code))
        return found

    def depth(self, code: str) -> int:
        parent = self.get(code).parent
        return 0 if parent is None else 1 + self.depth(parent)

    def of_kind(self, *kinds: Kind) -> list[Account]:
        return [a for a in self if a.kind in kinds]

    def tagged(self, tag: str) -> list[Account]:
        return [a for a in self if tag in a.tags]

    def __iter__(self) -> Iterator[Account]:
        return iter(sorted(self._accounts.values(), key=lambda a: a.code))

    def __contains__(self, code: object) -> bool:
        return code in self._accounts

    def __len__(self) -> int:
        return len(self._accounts)


def small_business_chart() -> Chart:
    """The chart that new books start with; codes follow a common four-digit scheme."""
    chart = Chart()
    rows: tuple[tuple[str, str, Kind, str | None, bool], ...] = (
        ("1000", "Current assets", Kind.ASSET, None, True),
        ("1010", "Cash on hand", Kind.ASSET, "1000", False),
        ("1020", "Bank", Kind.ASSET, "1000", False),
        ("1030", "Bank USD", Kind.ASSET, "1000", False),
        ("1100", "Receivables", Kind.ASSET, "1000", False),
        ("1200", "Inventory", Kind.ASSET, "1000", False),
        ("1300", "Input tax", Kind.ASSET, "1000", False),
        ("1400", "Prepaid expenses", Kind.ASSET, "1000", False),
        ("1500", "Equipment", Kind.ASSET, None, False),
        ("1590", "Accumulated depreciation", Kind.ASSET, None, False),
        ("1900", "Suspense", Kind.ASSET, None, False),
        ("2000", "Payables", Kind.LIABILITY, None, False),
        ("2100", "Output tax", Kind.LIABILITY, None, False),
        ("2110", "Tax settlement", Kind.LIABILITY, None, False),
        ("2200", "Accrued liabilities", Kind.LIABILITY, None, False),
        ("2300", "Wages payable", Kind.LIABILITY, None, False),
        ("2310", "Payroll tax payable", Kind.LIABILITY, None, False),
        ("2400", "Loans", Kind.LIABILITY, None, False),
        ("2500", "Customer deposits", Kind.LIABILITY, None, False),
        ("3000", "Capital", Kind.EQUITY, None, False),
        ("3100", "Retained earnings", Kind.EQUITY, None, False),
        ("4000", "Sales", Kind.INCOME, None, False),
        ("4100", "Service income", Kind.INCOME, None, False),
        ("4800", "Exchange gains", Kind.INCOME, None, False),
        ("4900", "Other income", Kind.INCOME, None, False),
        ("5000", "Cost of goods sold", Kind.EXPENSE, None, False),
        ("6000", "Wages", Kind.EXPENSE, None, False),
        ("6100", "Rent", Kind.EXPENSE, None, False),
        ("6200", "Office expenses", Kind.EXPENSE, None, False),
        ("6300", "Bank charges", Kind.EXPENSE, None, False),
        ("6400", "Depreciation", Kind.EXPENSE, None, False),
        ("6500", "Interest", Kind.EXPENSE, None, False),
        ("6600", "Bad debts", Kind.EXPENSE, None, False),
        ("6700", "Exchange losses", Kind.EXPENSE, None, False),
        ("6800", "Stock differences", Kind.EXPENSE, None, False),
        ("6900", "Other expenses", Kind.EXPENSE, None, False),
    )
    for code, name, kind, parent, heading in rows:
        chart.add(Account(code, name, kind, parent, heading=heading))
    return chart
