"""What owners owe, reckoned from invoices and payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pawdesk.infra.database import db
from pawdesk.money import total


class Balances:
    """Sums over stored invoices and payments; nothing is kept twice."""

    def of_invoice(self, invoice_id: str) -> Decimal:
        """What is still to be paid on an invoice."""
        invoice = db().get("invoices", invoice_id)
        if invoice["state"] == "cancelled":
            return Decimal("0.00")
        paid = total(Decimal(each["amount"]) for each in db().find("payments", invoice=invoice_id))
        return Decimal(invoice["gross"]) - paid

    def of_owner(self, owner_id: str) -> Decimal:
        """What an owner owes in all, charges without an invoice included."""
        invoices = [self.of_invoice(each["id"]) for each in db().find("invoices", owner=owner_id)]
        waiting = [Decimal(each["amount"]) for each in db().find("charges", owner=owner_id, invoice="")]
        return total([*invoices, *waiting])

    def overdue(self, owner_id: str, day: date) -> Decimal:
        """What should have been paid before a day."""
        late = [each["id"] for each in db().find("invoices", owner=owner_id) if each["due"] < day.isoformat()]
        return total(self.of_invoice(each) for each in late)

    def debtors(self, day: date) -> dict[str, Decimal]:
        """Owners with something overdue."""
        owners = sorted({each["owner"] for each in db().find("invoices")})
        sums = {owner: self.overdue(owner, day) for owner in owners}
        return {owner: amount for owner, amount in sums.items() if amount > 0}
