"""Reminders to pay: three of them, then the collectors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.charges import Charges
from pawdesk.billing.invoices import Invoice, Invoices
from pawdesk.documents import pack, unpack
from pawdesk.infra import clock, journal, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import show
from pawdesk.patients.owners import Owners
from pawdesk.plugins import hooks

WAIT_DAYS = (7, 14, 14)
WORDS = ("We are sure it has only been forgotten.", "Please pay within a week.", "This is the last reminder.")
COLLECTORS = "cases@collect.example"


@dataclass(frozen=True)
class Step:
    """A reminder that was sent; level 4 is the collectors."""

    id: str
    invoice: str
    level: int
    day: date
    left: Decimal


def next_level(steps: list[Step], due: date, today: date) -> int:
    """The level that is due today, or none: 0."""
    level = len(steps) + 1
    if level > 4:
        return 0
    since = steps[-1].day if steps else due
    wait = WAIT_DAYS[min(level, 3) - 1]
    return level if today > since + timedelta(days=wait) else 0


class Dunning:
    """Steps by invoice."""

    def steps(self, invoice_id: str) -> list[Step]:
        found = (unpack(Step, each) for each in db().find("dunning", invoice=invoice_id))
        return sorted(found, key=lambda step: step.level)

    def due(self) -> list[tuple[Invoice, int]]:
        """Invoices with the level that they have reached."""
        today = clock.today()
        found = []
        for owner in Balances().debtors(today):
            for invoice in Invoices().of_owner(owner):
                late = invoice.state == "open" and invoice.due < today and Balances().of_invoice(invoice.id) > 0
                level = next_level(self.steps(invoice.id), invoice.due, today) if late else 0
                if level and not self._paused(invoice.id, today):
                    found.append((invoice, level))
        return found

    def run(self) -> list[Step]:
        """Sends what is due."""
        return [self._send(invoice, level) for invoice, level in self.due()]

    def pause(self, invoice_id: str, until: date) -> None:
        """No reminders for an invoice until a day: a plan was agreed on."""
        db().insert("pauses", {"invoice": invoice_id, "until": until.isoformat()})
        journal.write("dunning.paused", invoice=invoice_id, until=until)

    def _paused(self, invoice_id: str, day: date) -> bool:
        return any(each["until"] >= day.isoformat() for each in db().find("pauses", invoice=invoice_id))

    def _send(self, invoice: Invoice, level: int) -> Step:
        left = Balances().of_invoice(invoice.id)
        step = Step("", invoice.id, level, clock.today(), left)
        step = replace(step, id=db().insert("dunning", {**pack(step), "id": None}))
        amount = show(left, setting("currency"))
        if level == 4:
            owner = Owners().get(invoice.owner)
            lines = [*owner.address, f"Invoice {invoice.number} of {invoice.day}", f"Left: {amount}"]
            mailer.send(COLLECTORS, f"Case {invoice.number}", "\n".join(lines) + "\n")
        else:
            text = [f"invoice {invoice.number} was due on {invoice.due}; {amount} are still open. {WORDS[level - 1]}"]
            Owners().tell(invoice.owner, f"Reminder {level}: invoice {invoice.number}", text)
        if level in (2, 3) and setting("dunning_fee") > 0:
            last = db().find("charges", invoice=invoice.id)[-1]
            Charges().add(invoice.owner, last["animal"], f"reminder {level} of {invoice.number}", setting("dunning_fee"), invoice.id)
        journal.write("dunning.sent", invoice=invoice.id, level=level, left=left)
        hooks.emit("dunning.sent", invoice=invoice.id, level=level)
        return step
