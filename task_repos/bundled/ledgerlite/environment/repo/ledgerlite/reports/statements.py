"""Trial balance, balance sheet, income statement, cash flow, account sheet."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ledgerlite.accounts import Account, Kind
from ledgerlite.book import Book
from ledgerlite.money import ZERO, total
from ledgerlite.periods import Period
from ledgerlite.queries import balances_on, changes_by_account, movements
from ledgerlite.reports.table import Table


def trial_balance(book: Book, day: date) -> Table:
    """All accounts with a balance, debits and credits in columns that must agree."""
    table = Table(f"Trial balance {day.isoformat()}", ("account", "name", "debit", "credit"))
    balances = balances_on(book, day)
    for account in book.chart:
        balance = balances.get(account.code, ZERO)
        if balance > 0:
            table.add(account.code, account.name, balance, None)
        elif balance < 0:
            table.add(account.code, account.name, None, -balance)
    debit = total(b for b in balances.values() if b > 0)
    credit = -total(b for b in balances.values() if b < 0)
    table.total("", "Total", debit, credit)
    return table


def balance_sheet(book: Book, day: date) -> Table:
    """Assets against liabilities and equity; the running result counts as equity."""
    table = Table(f"Balance sheet {day.isoformat()}", ("account", "name", "amount"))
    balances = balances_on(book, day)
    sums = {}
    for kind in (Kind.ASSET, Kind.LIABILITY, Kind.EQUITY):
        sums[kind] = _section(table, book, kind, balances)
    result = -total(
        balances.get(a.code, ZERO) for a in book.chart.of_kind(Kind.INCOME, Kind.EXPENSE)
    )
    if result:
        table.add("", "Result of the running year", result)
    table.total("", "Assets", sums[Kind.ASSET])
    table.add("", "Liabilities and equity", sums[Kind.LIABILITY] + sums[Kind.EQUITY] + result)
    return table


def income_statement(book: Book, period: Period) -> Table:
    """Income and expenses of a period; result transfers of year ends are left out."""
    table = Table(f"Income statement {period.label}", ("account", "name", "amount"))
    changes = _without_transfers(book, period)
    income = _section(table, book, Kind.INCOME, changes)
    expense = _section(table, book, Kind.EXPENSE, changes)
    table.total("", "Result", income - expense)
    return table


def _without_transfers(book: Book, period: Period) -> dict[str, Decimal]:
    changes = changes_by_account(book, period)
    for entry in book:
        transfer = entry.ref is not None and entry.ref.startswith("close:")
        if transfer and entry.date in period and book.reversal_of(entry.number) is None:
            for leg in entry.legs:
                changes[leg.account] -= leg.amount
    return changes


def _section(table: Table, book: Book, kind: Kind, balances: dict[str, Decimal]) -> Decimal:
    section = ZERO
    for account in book.chart.of_kind(kind):
        amount = account.natural(balances.get(account.code, ZERO))
        if amount:
            table.add(account.code, "  " * book.chart.depth(account.code) + account.name, amount)
            section += amount
    table.total("", f"{kind.value.capitalize()} total", section)
    return section


def cash_flow(book: Book, period: Period, cash: tuple[str, ...] = ("1010", "1020")) -> Table:
    """Where cash came from and went to, by counterpart account (direct method)."""
    table = Table(f"Cash flow {period.label}", ("account", "name", "amount"))
    flows: dict[str, Decimal] = {}
    for entry in book:
        if entry.date not in period:
            continue
        moved = total(entry.amount_for(code) for code in cash)
        if moved == 0:
            continue
        for leg in entry.legs:
            if leg.account not in cash:
                flows[leg.account] = flows.get(leg.account, ZERO) - leg.amount
    opening = _cash_on(book, cash, period.first - timedelta(days=1))
    table.add("", "Opening cash", opening)
    for code in sorted(flows):
        if flows[code]:
            table.add(code, book.chart.get(code).name, flows[code])
    table.total("", "Closing cash", opening + total(flows.values()))
    return table


def _cash_on(book: Book, cash: tuple[str, ...], day: date) -> Decimal:
    return total(book.balance(code, as_of=day) for code in cash)


def account_sheet(book: Book, code: str, period: Period) -> Table:
    """Movements of one account with its running balance on the natural side."""
    account: Account = book.chart.get(code)
    title = f"{account.code} {account.name} {period.label}"
    table = Table(title, ("date", "no", "memo", "amount", "balance"))
    for movement in movements(book, code, period):
        entry = movement.entry
        table.add(
            entry.date.isoformat(),
            entry.number,
            entry.memo,
            account.natural(movement.amount),
            account.natural(movement.balance),
        )
    return table
