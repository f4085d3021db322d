"""Closing: checks before a period ends, result transfer at year end, reopening."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerlite.accounts import Kind
from ledgerlite.book import Book
from ledgerlite.errors import LedgerError
from ledgerlite.money import ZERO, format_amount
from ledgerlite.periods import Period
from ledgerlite.queries import balances_on, changes_by_account

RETAINED = "3100"
SUSPENSE = "1900"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a bookkeeper should look at before closing."""

    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class CloseReport:
    """The result of closing a period: the transfer entry, if any, and what was found."""

    period: Period
    result: Decimal
    transfer: int | None
    findings: tuple[Finding, ...] = field(default=())


def findings_for(book: Book, period: Period) -> list[Finding]:
    """Suspense not empty, negative cash, missing months: reasons to hesitate."""
    found: list[Finding] = []
    balances = balances_on(book, period.last)
    if SUSPENSE in book.chart and balances.get(SUSPENSE, ZERO) != 0:
        text = f"suspense account holds {format_amount(balances[SUSPENSE])}"
        found.append(Finding("error", text))
    for account in book.chart.tagged("cash"):
        if balances.get(account.code, ZERO) < 0:
            found.append(Finding("error", f"{account.code} {account.name} is negative"))
    busy = {entry.date.strftime("%Y-%m") for entry in book if entry.date in period}
    for part in period.months():
        if part.label not in busy:
            found.append(Finding("warning", f"no entries in {part.label}"))
    return found


def result_legs(book: Book, period: Period) -> list[tuple[str, Decimal]]:
    """Legs that empty all income and expense accounts of a period."""
    changes = changes_by_account(book, period)
    results = book.chart.of_kind(Kind.INCOME, Kind.EXPENSE)
    return [
        (account.code, -changes[account.code])
        for account in results
        if changes.get(account.code, ZERO) != 0
    ]


def close_month(book: Book, period: Period, force: bool = False) -> CloseReport:
    """Close a month without moving results; findings of severity error stop it unless forced."""
    found = findings_for(book, period)
    _stop_on_errors(found, force)
    book.calendar.close(period)
    return CloseReport(period, ZERO, None, tuple(found))


def close_year(book: Book, day: date, retained: str = RETAINED, force: bool = False) -> CloseReport:
    """Move the result of the fiscal year that holds ``day`` into retained earnings, then close it.

    The result is debit-positive from the equity side: a profit is a positive figure.
    """
    year = book.calendar.year_of(day)
    found = findings_for(book, year)
    _stop_on_errors(found, force)
    legs = result_legs(book, year)
    result = sum((amount for _, amount in legs), ZERO)
    transfer = None
    if legs:
        ref = f"close:{year.label}"
        balancing = [*legs, (retained, -result)]
        transfer = book.record_entry(
            balancing, on=year.last, note=f"Result of {year.label}", reference=ref
        ).number
    book.calendar.close(year)
    return CloseReport(year, result, transfer, tuple(found))


def reopen_year(book: Book, report: CloseReport) -> int | None:
    """Open a closed year again and take its result transfer back; returns the reversal's number."""
    book.calendar.reopen(report.period)
    if report.transfer is None:
        return None
    return book.record_reversal(report.transfer, note=f"Reopening {report.period.label}").number


def opening_balances(book: Book, day: date, amounts: dict[str, Decimal], equity: str = "3000") -> int:
    """Enter natural-side opening balances; what they leave open is booked against equity."""
    legs = []
    for code, amount in sorted(amounts.items()):
        account = book.chart.usable(code)
        if not account.kind.on_balance_sheet:
            raise LedgerError(f"{code} is no balance sheet account and has no opening balance")
        legs.append((code, account.natural(amount)))
    rest = -sum((amount for _, amount in legs), ZERO)
    if rest:
        legs.append((equity, rest))
    return book.record_entry(
        legs, on=day, note="Opening balances", reference=f"opening:{day.isoformat()}"
    ).number


def write_off_suspense(book: Book, day: date, expense: str = "6900", income: str = "4900") -> int | None:
    """Clear what is left in suspense; a debit rest becomes expense, a credit rest income."""
    rest = book.balance(SUSPENSE, as_of=day)
    if rest == 0:
        return None
    if rest > 0:
        return book.record_transfer(
            rest, source=SUSPENSE, target=expense, on=day, note="Suspense written off"
        ).number
    return book.record_transfer(
        -rest, source=income, target=SUSPENSE, on=day, note="Suspense written off"
    ).number


def _stop_on_errors(found: list[Finding], force: bool) -> None:
    errors = [finding.text for finding in found if finding.severity == "error"]
    if errors and not force:
        raise LedgerError("cannot close: " + "; ".join(errors))
