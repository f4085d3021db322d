"""Payroll: from gross pay to net pay, with progressive tax and shared contributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.dates import month_end
from ledgerlite.errors import InvalidAmount
from ledgerlite.money import ZERO, percent, round_money, total

WAGES = "6000"
NET_PAYABLE = "2300"
TAX_PAYABLE = "2310"


@dataclass(frozen=True, slots=True)
class Bracket:
    """Income above ``floor`` per month is taxed at ``rate`` percent up to the next bracket."""

    floor: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """Rules of a country: tax brackets in rising order and contribution rates in percent."""

    brackets: tuple[Bracket, ...]
    employee_rate: Decimal
    employer_rate: Decimal
    contribution_cap: Decimal

    def income_tax(self, gross: Decimal) -> Decimal:
        tax = ZERO
        ceilings = [bracket.floor for bracket in self.brackets[1:]] + [None]
        for bracket, ceiling in zip(self.brackets, ceilings, strict=True):
            top = gross if ceiling is None else min(gross, ceiling)
            if top > bracket.floor:
                tax += percent(top - bracket.floor, bracket.rate)
        return round_money(tax)

    def contribution(self, gross: Decimal, rate: Decimal) -> Decimal:
        return round_money(percent(min(gross, self.contribution_cap), rate))


DEFAULT_SCHEME = Scheme(
    brackets=(
        Bracket(Decimal(0), Decimal(0)),
        Bracket(Decimal(1000), Decimal(20)),
        Bracket(Decimal(4000), Decimal(40)),
    ),
    employee_rate=Decimal("9.3"),
    employer_rate=Decimal("9.8"),
    contribution_cap=Decimal(7000),
)


@dataclass(frozen=True, slots=True)
class Employee:
    name: str
    gross: Decimal
    cost_account: str = WAGES


@dataclass(frozen=True, slots=True)
class Payslip:
    """One employee's month."""

    employee: Employee
    gross: Decimal
    tax: Decimal
    employee_share: Decimal
    employer_share: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax - self.employee_share

    @property
    def cost(self) -> Decimal:
        """What the employee costs the company."""
        return self.gross + self.employer_share

    @property
    def owed_to_office(self) -> Decimal:
        return self.tax + self.employee_share + self.employer_share


def payslip(employee: Employee, scheme: Scheme = DEFAULT_SCHEME, bonus: Decimal = ZERO) -> Payslip:
    gross = employee.gross + bonus
    if gross <= 0:
        raise InvalidAmount(f"{employee.name} has no pay")
    return Payslip(
        employee,
        gross,
        scheme.income_tax(gross),
        scheme.contribution(gross, scheme.employee_rate),
        scheme.contribution(gross, scheme.employer_rate),
    )


def run_payroll(book: Book, day: date, slips: Sequence[Payslip]) -> int:
    """Enter a month's payroll as one entry dated on the last of the month.

    Costs are grouped by the employees' cost accounts; net pay and what the tax office
    gets stand as liabilities until :func:`pay_out` and :func:`remit`.
    """
    last = month_end(day)
    costs: dict[str, Decimal] = {}
    for slip in slips:
        account = slip.employee.cost_account
        costs[account] = costs.get(account, ZERO) + slip.cost
    legs = sorted(costs.items())
    legs.append((NET_PAYABLE, -total(slip.net for slip in slips)))
    legs.append((TAX_PAYABLE, -total(slip.owed_to_office for slip in slips)))
    return book.record_entry(
        legs, on=last, note=f"Payroll {last:%Y-%m}", reference=f"payroll:{last:%Y-%m}"
    ).number


def pay_out(book: Book, day: date, slips: Sequence[Payslip], bank: str = "1020") -> list[int]:
    """Enter one payment per employee; returns the entry numbers."""
    return [
        book.record_transfer(
            slip.net, source=bank, target=NET_PAYABLE, on=day, note=f"Net pay {slip.employee.name}"
        ).number
        for slip in slips
    ]


def remit(book: Book, day: date, bank: str = "1020") -> int | None:
    """Pay the tax office whatever it is owed; None when nothing is."""
    owed = -book.balance(TAX_PAYABLE, as_of=day)
    if owed <= 0:
        return None
    return book.record_transfer(
        owed, source=bank, target=TAX_PAYABLE, on=day, note="Payroll tax and contributions"
    ).number


def correct_payroll(book: Book, number: int, day: date, slips: Sequence[Payslip]) -> tuple[int, int]:
    """Replace a payroll entry: reverse it and enter the right one, both in the month of ``day``.

    The new entry can't carry the month's reference, which stays with the first one.
    """
    back = book.record_reversal(
        number, on=month_end(day), note=f"Payroll correction of #{number}"
    ).number
    costs: dict[str, Decimal] = {}
    for slip in slips:
        account = slip.employee.cost_account
        costs[account] = costs.get(account, ZERO) + slip.cost
    legs = [
        *sorted(costs.items()),
        (NET_PAYABLE, -total(slip.net for slip in slips)),
        (TAX_PAYABLE, -total(slip.owed_to_office for slip in slips)),
    ]
    new = book.record_entry(
        legs, on=month_end(day), note=f"Payroll corrected, was #{number}"
    ).number
    return back, new
