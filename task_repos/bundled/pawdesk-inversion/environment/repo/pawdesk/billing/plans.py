"""Instalments: a large invoice paid in parts, with reminders on hold as long as the parts come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.dunning import Dunning
from pawdesk.billing.invoices import Invoices
from pawdesk.billing.takings import Takings
from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import show, split_evenly, total
from pawdesk.paper import table
from pawdesk.patients.owners import Owners
from pawdesk.spans import add_months

SMALLEST = Decimal("60.00")
GRACE_DAYS = 5


@dataclass(frozen=True)
class Rate:
    """One part and its day."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Plan:
    """Parts of one invoice."""

    id: str
    invoice: str
    rates: tuple[Rate, ...]
    agreed: date
    state: str = "running"


def rates_of(left: Decimal, parts: int, first: date) -> tuple[Rate, ...]:
    """Equal parts a month apart."""
    amounts = split_evenly(left, parts)
    return tuple(Rate(add_months(first, number), amount) for number, amount in enumerate(amounts))


class Plans:
    """Plans by invoice."""

    def agree(self, invoice_id: str, parts: int) -> Plan:
        """Agrees on two to twelve parts, the first in two weeks, and holds reminders until the last."""
        invoice, left = Invoices().get(invoice_id), Balances().of_invoice(invoice_id)
        if left < SMALLEST:
            raise Refused(f"{show(left)} is paid at once")
        if not 2 <= parts <= 12:
            raise Refused("two to twelve parts")
        if self.running(invoice_id) is not None:
            raise Refused(f"{invoice.number} has a plan")
        rates = rates_of(left, parts, clock.today() + timedelta(days=14))
        plan = Plan("", invoice_id, rates, clock.today())
        plan = replace(plan, id=db().insert("plans", {**pack(plan), "id": None}))
        Dunning().pause(invoice_id, rates[-1].day)
        journal.write("plan.agreed", plan=plan.id, invoice=invoice_id, parts=parts)
        owner = Owners().get(invoice.owner)
        rows = [(rate.day, show(rate.amount, setting("currency"))) for rate in rates]
        lines = [*owner.address, "", *table(("day", "amount"), rows, right=(1,)), "", "signature: ____________"]
        printer.print_page(setting("office_queue"), f"PLAN {invoice.number}", lines)
        return plan

    def running(self, invoice_id: str) -> Plan | None:
        return next((unpack(Plan, each) for each in db().find("plans", invoice=invoice_id, state="running")), None)

    def expected(self, plan: Plan, day: date) -> Decimal:
        """What should have been paid up to a day."""
        return total(rate.amount for rate in plan.rates if rate.day + timedelta(days=GRACE_DAYS) <= day)

    def review(self) -> list[Plan]:
        """Ends plans that are paid and breaks those that are behind; gives the plans that changed."""
        changed, today = [], clock.today()
        for plan in [unpack(Plan, each) for each in db().find("plans", state="running")]:
            since = [p for p in Takings().of_invoice(plan.invoice) if p.at.date() >= plan.agreed]
            paid = total(payment.amount for payment in since)
            if Balances().of_invoice(plan.invoice) <= 0:
                changed.append(self._end(plan, "paid"))
            elif paid < self.expected(plan, today):
                broken = self._end(plan, "broken")
                for each in db().find("pauses", invoice=plan.invoice):
                    db().remove("pauses", each["id"])
                invoice = Invoices().get(plan.invoice)
                text = [f"the parts of invoice {invoice.number} have not come; the whole of it is due now."]
                Owners().tell(invoice.owner, f"Invoice {invoice.number}", text)
                changed.append(broken)
        return changed

    def _end(self, plan: Plan, state: str) -> Plan:
        ended = replace(plan, state=state)
        db().put("plans", plan.id, pack(ended))
        journal.write(f"plan.{state}", plan=plan.id, invoice=plan.invoice)
        return ended
