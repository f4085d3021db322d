"""Receivables: entering invoices, taking payments, credit notes, writing off."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.invoices.documents import Invoice
from ledgerlite.money import ZERO, percent, round_money, total
from ledgerlite.tax import OUTPUT_TAX, TaxTable

RECEIVABLE = "1100"
BANK = "1020"
DEPOSITS = "2500"
BAD_DEBTS = "6600"
DISCOUNTS = "6900"


@dataclass(slots=True)
class OpenItem:
    """What is known about one invoice: its entry and everything that was paid on it."""

    invoice: Invoice
    entry: int
    gross: Decimal
    payments: list[tuple[date, Decimal, int]] = field(default_factory=list)
    credited: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        return total(amount for _, amount, _ in self.payments)

    @property
    def open(self) -> Decimal:
        return self.gross - self.paid - self.credited - self.written_off

    def overdue_days(self, day: date) -> int:
        """Days past the due day while anything is open, else 0."""
        return max(0, (day - self.invoice.due).days) if self.open > 0 else 0


class Receivables:
    """All invoices of a book with their state."""

    def __init__(self, book: Book, table: TaxTable) -> None:
        self.book = book
        self.table = table
        self._items: dict[str, OpenItem] = {}

    def issue(self, invoice: Invoice) -> OpenItem:
        """Enter an invoice: receivable against income accounts and output tax."""
        if invoice.number in self._items:
            raise LedgerError(f"invoice {invoice.number} was issued")
        gross = invoice.gross(self.table)
        legs = [(RECEIVABLE, gross)]
        legs += [(account, -net) for account, net in invoice.income_by_account().items()]
        tax = total(invoice.tax_by_code(self.table).values())
        if tax:
            legs.append((OUTPUT_TAX, -tax))
        memo = f"Invoice {invoice.number} {invoice.customer}"
        number = self.book.record_entry(
            legs, on=invoice.day, note=memo, reference=invoice.number
        ).number
        item = OpenItem(invoice, number, gross)
        self._items[invoice.number] = item
        return item

    def item(self, number: str) -> OpenItem:
        try:
            return self._items[number]
        except KeyError:
            raise LedgerError(f"no invoice {number!r}") from None

    def pay(self, number: str, day: date, amount: Decimal, bank: str = BANK) -> int:
        """Take a payment.  What exceeds the open amount becomes a customer deposit."""
        item = self.item(number)
        if amount <= 0:
            raise InvalidAmount("a payment must be positive")
        applied = min(amount, item.open)
        surplus = amount - applied
        memo = f"Payment {number} {item.invoice.customer}"
        if surplus == 0:
            entry = self.book.record_transfer(
                amount, source=RECEIVABLE, target=bank, on=day, note=memo
            ).number
        else:
            legs = [(bank, amount), (RECEIVABLE, -applied), (DEPOSITS, -surplus)]
            entry = self.book.record_entry(legs, on=day, note=memo).number
        item.payments.append((day, applied, entry))
        return entry

    def pay_with_discount(self, number: str, day: date, rate: Decimal, within: int) -> int:
        """Take full payment less an early-payment discount in percent of the gross amount."""
        item = self.item(number)
        if (day - item.invoice.day).days > within:
            raise LedgerError(f"invoice {number}: the discount ended after {within} days")
        discount = round_money(percent(item.open, rate))
        received = item.open - discount
        legs = [(BANK, received), (DISCOUNTS, discount), (RECEIVABLE, -item.open)]
        entry = self.book.record_entry(legs, on=day, note=f"Payment {number} less {rate}%").number
        item.payments.append((day, item.open, entry))
        return entry

    def bounce(self, number: str, day: date, fee: Decimal = ZERO) -> int:
        """The bank takes the last payment back; its fee is ours."""
        item = self.item(number)
        if not item.payments:
            raise LedgerError(f"invoice {number} has no payment to take back")
        _, _, entry = item.payments.pop()
        back = self.book.record_reversal(entry, on=day, note=f"Payment returned {number}").number
        if fee:
            self.book.record_transfer(
                fee, source=BANK, target="6300", on=day, note=f"Return fee {number}"
            )
        return back

    def credit(self, number: str, day: date, share: Decimal = Decimal(100)) -> int:
        """Issue a credit note over a share of the invoice, in percent.

        A full credit note on an untouched invoice is the reversal of its entry.
        """
        item = self.item(number)
        untouched = not item.payments and item.credited == 0 and item.written_off == 0
        memo = f"Credit note for {number}"
        if share == 100 and untouched:
            item.credited = item.gross
            return self.book.record_reversal(item.entry, on=day, note=memo).number
        amount = round_money(percent(item.gross, share))
        if amount > item.open:
            raise InvalidAmount(f"invoice {number} has only {item.open} open")
        tax = round_money(percent(total(item.invoice.tax_by_code(self.table).values()), share))
        income = next(iter(item.invoice.income_by_account()))
        legs = [(income, amount - tax), (OUTPUT_TAX, tax), (RECEIVABLE, -amount)]
        item.credited += amount
        return self.book.record_entry(legs, on=day, note=memo).number

    def write_off(self, number: str, day: date) -> int:
        """Give up what is open; its tax is claimed back in proportion."""
        item = self.item(number)
        left = item.open
        if left <= 0:
            raise LedgerError(f"invoice {number} is settled")
        tax_total = total(item.invoice.tax_by_code(self.table).values())
        tax = round_money(tax_total * left / item.gross)
        legs = [(BAD_DEBTS, left - tax), (OUTPUT_TAX, tax), (RECEIVABLE, -left)]
        item.written_off += left
        return self.book.record_entry(
            legs, on=day, note=f"Written off {number}", reference=f"writeoff:{number}"
        ).number

    def use_deposit(self, number: str, day: date) -> int | None:
        """Settle an invoice from customer deposits as far as they go."""
        item = self.item(number)
        available = -self.book.balance(DEPOSITS)
        amount = min(available, item.open)
        if amount <= 0:
            return None
        entry = self.book.record_transfer(
            amount, source=RECEIVABLE, target=DEPOSITS, on=day, note=f"Deposit used for {number}"
        ).number
        item.payments.append((day, amount, entry))
        return entry

    def open_items(self, day: date | None = None) -> list[OpenItem]:
        """Invoices with something open, oldest due first; those issued by a day if given."""
        items = [
            item
            for item in self._items.values()
            if item.open > 0 and (day is None or item.invoice.day <= day)
        ]
        return sorted(items, key=lambda item: (item.invoice.due, item.invoice.number))

    def aging(self, day: date, steps: tuple[int, ...] = (0, 30, 60, 90)) -> dict[str, Decimal]:
        """Open amounts by days overdue: ``current``, ``1-30`` and so on, ``over 90``."""
        names = ["current"]
        names += [f"{low + 1}-{high}" for low, high in zip(steps, steps[1:], strict=False)]
        names.append(f"over {steps[-1]}")
        buckets = dict.fromkeys(names, ZERO)
        for item in self.open_items(day):
            late = item.overdue_days(day)
            index = sum(1 for step in steps if late > step)
            buckets[names[index]] += item.open
        return buckets
