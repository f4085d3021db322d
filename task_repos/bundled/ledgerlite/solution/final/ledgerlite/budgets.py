"""Budgets: planned figures by account and month, compared with the journal, and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import HUNDRED, ZERO, allocate, round_money, total
from ledgerlite.periods import Period, month
from ledgerlite.queries import net_change


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """Plan and fact of one account in one period, both on the account's natural side."""

    account: str
    planned: Decimal
    actual: Decimal

    @property
    def variance(self) -> Decimal:
        return self.actual - self.planned

    @property
    def used(self) -> Decimal | None:
        """Percent of the plan that is used; None when nothing was planned."""
        if self.planned == 0:
            return None
        return round_money(self.actual / self.planned * HUNDRED, 1)


class Budget:
    """Planned amounts of one calendar year."""

    def __init__(self, book: Book, year: int) -> None:
        self.book = book
        self.year = year
        self._planned: dict[tuple[str, int], Decimal] = {}

    def plan(self, account: str, number: int, amount: Decimal) -> None:
        """Plan an amount for a month, 1 to 12; a second plan replaces the first."""
        self.book.chart.usable(account)
        if amount < 0:
            raise InvalidAmount("plan on the natural side of an account: not negative")
        self._planned[account, month(self.year, number).first.month] = amount

    def plan_year(self, account: str, amount: Decimal, weights: list[int] | None = None) -> None:
        """Spread a yearly amount over the months, evenly or by twelve weights."""
        shares = allocate(amount, weights or [1] * 12)
        if len(shares) != 12:
            raise LedgerError("twelve weights are needed")
        for number, share in enumerate(shares, start=1):
            self.plan(account, number, share)

    def copy_actuals(self, source_year: int, growth: Decimal = ZERO) -> None:
        """Plan what another year's journal shows, raised by a percentage."""
        factor = 1 + growth / HUNDRED
        for account in self.book.chart:
            if account.heading or account.archived or account.kind.on_balance_sheet:
                continue
            for number in range(1, 13):
                change = net_change(self.book, account.code, month(source_year, number))
                amount = round_money(account.natural(change) * factor)
                if amount > 0:
                    self.plan(account.code, number, amount)

    def planned(self, account: str, period: Period) -> Decimal:
        """Planned amount of the whole months that begin within a period."""
        return total(
            amount
            for (code, number), amount in self._planned.items()
            if code == account and date(self.year, number, 1) in period
        )

    def actual(self, account: str, period: Period) -> Decimal:
        return self.book.chart.get(account).natural(net_change(self.book, account, period))

    def compare(self, period: Period) -> list[BudgetLine]:
        """One line per planned account, in code order."""
        codes = sorted({code for code, _ in self._planned})
        return [BudgetLine(code, self.planned(code, period), self.actual(code, period)) for code in codes]

    def overspent(self, period: Period, tolerance: Decimal = ZERO) -> list[BudgetLine]:
        """Expense lines above plan by more than a percentage."""
        lines = []
        for line in self.compare(period):
            limit = line.planned * (1 + tolerance / HUNDRED)
            is_cost = self.book.chart.get(line.account).kind.debit_normal
            if is_cost and line.actual > limit:
                lines.append(line)
        return lines

    def shift(self, source: str, target: str, number: int, amount: Decimal) -> None:
        """Move planned money between two accounts of the same month."""
        first = self._planned.get((source, number), ZERO)
        if amount <= 0 or amount > first:
            raise InvalidAmount(f"{source} has {first} planned in month {number}")
        self._planned[source, number] = first - amount
        self._planned[target, number] = self._planned.get((target, number), ZERO) + amount

    def reserve(self, day: date, expense: str, memo: str, accrued: str = "2200") -> int | None:
        """Set aside what a month's plan has left, as a provision; None when nothing is left."""
        period = month(day.year, day.month)
        left = self.planned(expense, period) - self.actual(expense, period)
        if left <= 0:
            return None
        ref = f"reserve:{expense}:{period.label}"
        return self.book.record_transfer(
            left,
            source=accrued,
            target=expense,
            on=period.last,
            note=memo or "Budget reserve",
            reference=ref,
        ).number

    def release(self, expense: str, period: Period, day: date) -> int | None:
        """Take a provision back on a day; None when there is none."""
        entry = self.book.find_ref(f"reserve:{expense}:{period.label}")
        if entry is None:
            return None
        return self.book.record_reversal(
            entry.number, on=day, note=f"Reserve released {period.label}"
        ).number
