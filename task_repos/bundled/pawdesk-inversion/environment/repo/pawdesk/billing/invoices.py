"""Invoices: charges put together, numbered without gaps, mailed or printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.charges import Charge, Charges
from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import chance, clock, journal, mailer, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import included_tax, show, total
from pawdesk.paper import letter, table
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owner, Owners
from pawdesk.plugins import hooks

TAX = setting("tax_rate")


@dataclass(frozen=True)
class Invoice:
    """One invoice; `number` is what the law wants without gaps, `reference` what owners write on transfers."""

    id: str
    number: str
    owner: str
    day: date
    due: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    reference: str
    state: str = "open"


def invoice_number(year: int, number: int) -> str:
    return f"{year}-{number:05d}"


class Invoices:
    """Invoices by owner."""

    def make(self, owner_id: str) -> Invoice:
        """Puts all open charges of an owner on an invoice and sends it."""
        owner = Owners().get(owner_id)
        charges = Charges().open_of(owner_id)
        if not charges:
            raise Refused(f"nothing to charge {owner.name}")
        today = clock.today()
        with db().transaction():
            gross = total(charge.amount for charge in charges)
            tax = included_tax(gross, TAX)
            number = invoice_number(today.year, db().next_number(f"invoice-{today.year}"))
            due = today + timedelta(days=setting("payment_days"))
            invoice = Invoice("", number, owner_id, today, due, gross - tax, tax, gross, chance.token(8))
            invoice = replace(invoice, id=db().insert("invoices", {**pack(invoice), "id": None}))
            Charges().bind([charge.id for charge in charges], invoice.id)
            journal.write("invoice.made", invoice=invoice.id, number=number, gross=gross)
        self._deliver(invoice, owner, charges)
        hooks.emit("invoice.made", invoice=invoice.id, owner=owner_id)
        return invoice

    def make_all(self) -> list[Invoice]:
        """Invoices for everybody with open charges, as at the end of a day."""
        return [self.make(owner) for owner in Charges().owners()]

    def get(self, invoice_id: str) -> Invoice:
        return unpack(Invoice, db().get("invoices", invoice_id))

    def by_reference(self, reference: str) -> Invoice | None:
        return next((unpack(Invoice, each) for each in db().find("invoices", reference=reference.upper())), None)

    def of_owner(self, owner_id: str) -> list[Invoice]:
        return [unpack(Invoice, each) for each in db().find("invoices", owner=owner_id)]

    def between(self, first: date, last: date) -> list[Invoice]:
        """Invoices of some days that were not cancelled."""
        found = (unpack(Invoice, each) for each in db().find("invoices"))
        return [invoice for invoice in found if first <= invoice.day <= last and invoice.state != "cancelled"]

    def settle(self, invoice_id: str) -> Invoice:
        """Marks an invoice as paid when nothing is left of it."""
        invoice = self.get(invoice_id)
        if invoice.state == "open" and Balances().of_invoice(invoice_id) <= 0:
            return self._write(replace(invoice, state="paid"), "invoice.paid")
        return invoice

    def cancel(self, invoice_id: str, why: str) -> Invoice:
        """Cancels an invoice that nobody has paid anything on; its charges are open again."""
        invoice = self.get(invoice_id)
        if invoice.state != "open":
            raise Refused(f"{invoice.number} is {invoice.state}")
        if Balances().of_invoice(invoice_id) != invoice.gross:
            raise Refused(f"{invoice.number} is paid in part")
        with db().transaction():
            Charges().unbind(invoice_id)
            cancelled = self._write(replace(invoice, state="cancelled"), "invoice.cancelled", why=why)
        owner = Owners().get(invoice.owner)
        Owners().tell(owner.id, f"Invoice {invoice.number} cancelled", [f"We have cancelled invoice {invoice.number}: {why}."])
        return cancelled

    def page(self, invoice: Invoice, owner: Owner, charges: list[Charge]) -> list[str]:
        """The lines of an invoice on paper."""
        rows = [(charge.day, Animals().get(charge.animal).name, charge.text, show(charge.amount)) for charge in charges]
        lines = [*owner.address, "", *table(("day", "animal", "what", "amount"), rows, right=(3,)), ""]
        lines += [f"net   {show(invoice.net, setting('currency'))}", f"tax   {show(invoice.tax, setting('currency'))}"]
        lines += [f"total {show(invoice.gross, setting('currency'))}", "", f"Please pay until {invoice.due}."]
        return [*lines, f"Reference: {invoice.reference}"]

    def _deliver(self, invoice: Invoice, owner: Owner, charges: list[Charge]) -> None:
        lines = self.page(invoice, owner, charges)
        if owner.channel == "mail":
            text = "\n".join(lines)
            body = letter(owner.greeting, ["here is your invoice."], text)
            mailer.send(owner.mail, f"Invoice {invoice.number}", body)
        else:
            printer.print_page(setting("office_queue"), f"INVOICE {invoice.number}", lines)

    def _write(self, invoice: Invoice, action: str, **facts: object) -> Invoice:
        db().put("invoices", invoice.id, pack(invoice))
        journal.write(action, invoice=invoice.id, number=invoice.number, **facts)
        return invoice
