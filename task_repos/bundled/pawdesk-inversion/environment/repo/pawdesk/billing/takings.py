"""Money that comes in: cash, cards, transfers, and money that goes back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.invoices import Invoices
from pawdesk.documents import pack, unpack
from pawdesk.errors import Declined, Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.infra.payments import terminal
from pawdesk.money import money, show, total
from pawdesk.plugins import hooks

WAYS = ("cash", "card", "transfer", "insurance")
TWICE_SECONDS = 120
_last_swipe: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Payment:
    """One payment on an invoice; refunds are negative."""

    id: str
    invoice: str
    amount: Decimal
    way: str
    at: datetime
    receipt: str = ""


def read_transfers(text: str) -> list[tuple[str, Decimal]]:
    """Lines of the bank: `reference;amount`, comments begin with a hash."""
    found = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            reference, _, amount = line.partition(";")
            found.append((reference.strip(), money(amount.strip())))
    return found


class Takings:
    """Payments by invoice."""

    def cash(self, invoice_id: str, given: Decimal | str | int) -> Decimal:
        """Takes cash and gives the change."""
        left, amount = Balances().of_invoice(invoice_id), money(given)
        if amount <= 0:
            raise Refused("nothing was given")
        self._note(invoice_id, min(left, amount), "cash")
        return max(amount - left, Decimal("0.00"))

    def card(self, invoice_id: str, number: str) -> Payment:
        """Charges a card with what is left; the same card twice within two minutes is a slip of the hand."""
        left = Balances().of_invoice(invoice_id)
        if left <= 0:
            raise Refused(f"{invoice_id} is paid")
        swipe, at = (invoice_id, number[-4:]), time.time()
        if at - _last_swipe.get(swipe, 0.0) < TWICE_SECONDS:
            raise Refused("this card was charged a moment ago")
        invoice = Invoices().get(invoice_id)
        try:
            receipt = terminal().charge(left, number, invoice.reference)
        except Declined as problem:
            journal.write("payment.declined", invoice=invoice_id, why=problem)
            raise
        _last_swipe[swipe] = at
        return self._note(invoice_id, left, "card", receipt)

    def transfer(self, text: str) -> tuple[list[Payment], list[str]]:
        """Reads the bank's list; payments, and the references that nobody knows."""
        payments, unknown = [], []
        for reference, amount in read_transfers(text):
            invoice = Invoices().by_reference(reference)
            if invoice is None or invoice.state == "cancelled":
                unknown.append(reference)
            else:
                payments.append(self._note(invoice.id, amount, "transfer"))
        return payments, unknown

    def insured(self, invoice_id: str, amount: Decimal) -> Payment:
        """What an insurance pays."""
        return self._note(invoice_id, amount, "insurance")

    def refund(self, payment_id: str, amount: Decimal | str | int) -> Payment:
        """Gives money back, on the card it came from or in cash."""
        before = unpack(Payment, db().get("payments", payment_id))
        back = money(amount)
        if not 0 < back <= before.amount:
            raise Refused(f"{back} cannot be given back on {before.amount}")
        receipt = terminal().refund(before.receipt, back) if before.way == "card" else ""
        return self._note(before.invoice, -back, before.way, receipt)

    def of_invoice(self, invoice_id: str) -> list[Payment]:
        return [unpack(Payment, each) for each in db().find("payments", invoice=invoice_id)]

    def on(self, day: date) -> list[Payment]:
        found = (unpack(Payment, each) for each in db().find("payments"))
        return [payment for payment in found if payment.at.date() == day]

    def close_day(self) -> dict[str, Decimal]:
        """Sums by way of payment, printed for the safe."""
        sums = {way: total(p.amount for p in self.on(clock.today()) if p.way == way) for way in WAYS}
        lines = [f"{way:10} {show(amount, setting('currency')):>16}" for way, amount in sums.items()]
        printer.print_page(setting("office_queue"), f"TAKINGS {clock.today()}", lines)
        journal.write("takings.closed", **{way: amount for way, amount in sums.items()})
        return sums

    def _note(self, invoice_id: str, amount: Decimal, way: str, receipt: str = "") -> Payment:
        payment = Payment("", invoice_id, amount, way, clock.now(), receipt)
        with db().transaction():
            payment = replace(payment, id=db().insert("payments", {**pack(payment), "id": None}))
            journal.write("payment.noted", payment=payment.id, invoice=invoice_id, amount=amount, way=way)
            Invoices().settle(invoice_id)
        hooks.emit("payment.noted", payment=payment.id, invoice=invoice_id)
        return payment
