"""Loans: annuity and linear schedules, disbursement, instalments, early repayment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from ledgerlite.book import Book
from ledgerlite.dates import add_months
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import HUNDRED, ZERO, round_money, total

LIABILITY = "2400"
INTEREST = "6500"
BANK = "1020"


@dataclass(frozen=True, slots=True)
class Loan:
    """Terms of a loan; ``rate`` is percent per year, payments are monthly."""

    key: str
    principal: Decimal
    rate: Decimal
    months: int
    start: date
    annuity: bool = True

    def __post_init__(self) -> None:
        if self.principal <= 0 or self.rate < 0:
            raise InvalidAmount(f"loan {self.key}: principal and rate do not fit")
        if self.months < 1:
            raise LedgerError(f"loan {self.key}: at least one instalment")

    @property
    def monthly_rate(self) -> Decimal:
        return self.rate / HUNDRED / 12

    @property
    def payment(self) -> Decimal:
        """The constant monthly payment of an annuity loan."""
        if self.rate == 0:
            return round_money(self.principal / self.months)
        with localcontext() as context:
            context.prec = 40
            factor = (1 + self.monthly_rate) ** self.months
            return round_money(self.principal * self.monthly_rate * factor / (factor - 1))


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int
    day: date
    interest: Decimal
    principal: Decimal
    left: Decimal

    @property
    def payment(self) -> Decimal:
        return self.interest + self.principal


def schedule(loan: Loan) -> list[Instalment]:
    """All instalments; the last one takes what rounding has left over."""
    plan, left = [], loan.principal
    linear = round_money(loan.principal / loan.months)
    for number in range(1, loan.months + 1):
        interest = round_money(left * loan.monthly_rate)
        principal = loan.payment - interest if loan.annuity else linear
        if number == loan.months:
            principal = left
        left -= principal
        plan.append(Instalment(number, add_months(loan.start, number), interest, principal, left))
    return plan


def total_interest(loan: Loan) -> Decimal:
    return total(instalment.interest for instalment in schedule(loan))


def disburse(book: Book, loan: Loan, fee: Decimal = ZERO) -> int:
    """Money arrives; a fee that the lender keeps back is a bank charge."""
    if fee == 0:
        memo = f"Loan {loan.key}"
        return book.post(loan.start, BANK, LIABILITY, loan.principal, memo, f"loan:{loan.key}")
    legs = [(BANK, loan.principal - fee), ("6300", fee), (LIABILITY, -loan.principal)]
    return book.post_split(loan.start, legs, memo=f"Loan {loan.key}", ref=f"loan:{loan.key}")


def pay_instalment(book: Book, loan: Loan, number: int, day: date | None = None) -> int:
    """Enter one instalment of the plan, on its due day unless told otherwise."""
    instalment = schedule(loan)[number - 1]
    paid_on = instalment.day if day is None else day
    ref = f"loan:{loan.key}:{number}"
    memo = f"Loan {loan.key} instalment {number}/{loan.months}"
    if instalment.interest == 0:
        return book.post(paid_on, LIABILITY, BANK, instalment.principal, ref=ref, memo=memo)
    legs = [
        (LIABILITY, instalment.principal),
        (INTEREST, instalment.interest),
        (BANK, -instalment.payment),
    ]
    return book.post_split(paid_on, legs, memo, ref)


def pay_due(book: Book, loan: Loan, until: date) -> list[int]:
    """Enter every instalment due by a day that has not been entered."""
    return [
        pay_instalment(book, loan, instalment.number)
        for instalment in schedule(loan)
        if instalment.day <= until and book.find_ref(f"loan:{loan.key}:{instalment.number}") is None
    ]


def outstanding(book: Book, loan: Loan) -> Decimal:
    """Principal still owed by the plan's instalments that have been entered."""
    paid = total(
        instalment.principal
        for instalment in schedule(loan)
        if book.find_ref(f"loan:{loan.key}:{instalment.number}") is not None
    )
    return loan.principal - paid


def repay_early(book: Book, loan: Loan, day: date, penalty: Decimal = ZERO) -> int:
    """Pay the rest at once, with a penalty that counts as interest."""
    rest = outstanding(book, loan)
    if rest == 0:
        raise LedgerError(f"loan {loan.key} is paid off")
    memo = f"Loan {loan.key} early repayment"
    if penalty == 0:
        return book.post(day, LIABILITY, BANK, rest, memo)
    return book.post_split(day, [(LIABILITY, rest), (INTEREST, penalty), (BANK, -(rest + penalty))], memo)
