"""Value added tax: codes, splitting of gross and net, returns and their settlement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.errors import LedgerError
from ledgerlite.money import HUNDRED, ZERO, percent, round_tax, total
from ledgerlite.periods import Period
from ledgerlite.queries import net_change

OUTPUT_TAX = "2100"
INPUT_TAX = "1300"
SETTLEMENT = "2110"


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A rate in percent, in force from a day until the next rate of the same name."""

    name: str
    rate: Decimal
    since: date
    reverse_charge: bool = False

    def tax_on_net(self, net: Decimal) -> Decimal:
        return round_tax(percent(net, self.rate))

    def split_gross(self, gross: Decimal) -> tuple[Decimal, Decimal]:
        """Net and tax that add up to the gross amount exactly."""
        tax = round_tax(gross * self.rate / (HUNDRED + self.rate))
        return gross - tax, tax


class TaxTable:
    """Tax codes by name; rates change over time."""

    def __init__(self, codes: Iterable[TaxCode] = ()) -> None:
        self._codes: dict[str, list[TaxCode]] = {}
        for code in codes:
            self.add(code)

    def add(self, code: TaxCode) -> None:
        history = self._codes.setdefault(code.name, [])
        if any(known.since == code.since for known in history):
            raise LedgerError(f"tax code {code.name} has a rate from {code.since} already")
        history.append(code)
        history.sort(key=lambda known: known.since)

    def on(self, name: str, day: date) -> TaxCode:
        """The code in force on a day; raises LedgerError for an unknown name or an early day."""
        for code in reversed(self._codes.get(name, [])):
            if code.since <= day:
                return code
        raise LedgerError(f"no tax code {name!r} on {day.isoformat()}")

    def names(self) -> list[str]:
        return sorted(self._codes)


def default_table() -> TaxTable:
    start = date(2021, 1, 1)
    return TaxTable(
        [
            TaxCode("standard", Decimal(19), start),
            TaxCode("reduced", Decimal(7), start),
            TaxCode("zero", Decimal(0), start),
            TaxCode("reverse", Decimal(19), start, reverse_charge=True),
        ]
    )


def post_sale(
    book: Book,
    table: TaxTable,
    day: date,
    gross: Decimal,
    code: str = "standard",
    receivable: str = "1100",
    income: str = "4000",
    memo: str = "",
    ref: str | None = None,
) -> int:
    """Enter a sale at its gross price; returns the entry number."""
    net, tax = table.on(code, day).split_gross(gross)
    if tax == 0:
        return book.record_transfer(
            gross, source=income, target=receivable, on=day, note=memo, reference=ref
        ).number
    legs = [(receivable, gross), (income, -net), (OUTPUT_TAX, -tax)]
    return book.record_entry(legs, on=day, note=memo, reference=ref).number


def post_purchase(
    book: Book,
    table: TaxTable,
    day: date,
    net: Decimal,
    expense: str,
    code: str = "standard",
    payable: str = "2000",
    memo: str = "",
    ref: str | None = None,
) -> int:
    """Enter a purchase at its net price; returns the entry number.

    Under reverse charge the buyer owes the tax and may deduct it at once, so both tax
    accounts move and the supplier gets the net amount.
    """
    rule = table.on(code, day)
    tax = rule.tax_on_net(net)
    if rule.reverse_charge:
        legs = [(expense, net), (INPUT_TAX, tax), (OUTPUT_TAX, -tax), (payable, -net)]
        return book.record_entry(legs, on=day, note=memo, reference=ref).number
    if tax == 0:
        return book.record_transfer(
            net, source=payable, target=expense, on=day, note=memo, reference=ref
        ).number
    return book.record_entry(
        [(expense, net), (INPUT_TAX, tax), (payable, -(net + tax))],
        on=day,
        note=memo,
        reference=ref,
    ).number


@dataclass(frozen=True, slots=True)
class TaxReturn:
    """What a period owes: output tax less input tax."""

    period: Period
    output_tax: Decimal
    input_tax: Decimal

    @property
    def payable(self) -> Decimal:
        """Positive when we owe the office, negative when it owes us."""
        return self.output_tax - self.input_tax


def tax_return(book: Book, period: Period) -> TaxReturn:
    """Figures of a return; settlements of earlier periods are not mixed in."""
    output = -sum((_moved(book, entry_legs, OUTPUT_TAX) for entry_legs in _sources(book, period)), ZERO)
    deductible = sum((_moved(book, entry_legs, INPUT_TAX) for entry_legs in _sources(book, period)), ZERO)
    return TaxReturn(period, output, deductible)


def _sources(book: Book, period: Period) -> list[int]:
    return [e.number for e in book if e.date in period and SETTLEMENT not in e.accounts]


def _moved(book: Book, number: int, account: str) -> Decimal:
    return book.entry(number).amount_for(account)


def settle(book: Book, filed: TaxReturn) -> int | None:
    """Move both tax accounts into the settlement account on the last day of the period.

    Returns the entry number, or None when there was nothing to move.
    """
    if filed.output_tax == 0 and filed.input_tax == 0:
        return None
    legs = [(OUTPUT_TAX, filed.output_tax), (INPUT_TAX, -filed.input_tax), (SETTLEMENT, -filed.payable)]
    memo = f"VAT return {filed.period.label}"
    return book.record_entry(
        legs, on=filed.period.last, note=memo, reference=f"vat:{filed.period.label}"
    ).number


def pay_settlement(book: Book, day: date, amount: Decimal, bank: str = "1020") -> int:
    """Enter a payment to the tax office, or a refund when the amount is negative."""
    if amount < 0:
        return book.record_transfer(
            -amount, source=SETTLEMENT, target=bank, on=day, note="VAT refund"
        ).number
    return book.record_transfer(
        amount, source=bank, target=SETTLEMENT, on=day, note="VAT payment"
    ).number


def unsettled(book: Book, period: Period) -> Decimal:
    """Tax that moved in the period and has not been settled; zero after :func:`settle`."""
    return -total(net_change(book, account, period) for account in (OUTPUT_TAX, INPUT_TAX))
