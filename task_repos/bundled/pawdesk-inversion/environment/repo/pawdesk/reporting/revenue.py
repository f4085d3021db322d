"""What was earned: by month, by kind, by vet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.invoices import Invoices
from pawdesk.billing.takings import WAYS, Takings
from pawdesk.infra import clock, mailer, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import show, total
from pawdesk.paper import headed, table
from pawdesk.spans import add_months, days_between, month_of
from pawdesk.treatment.visits import Visits

KINDS = {"vis": "visits", "pre": "medicines", "lab": "laboratory", "pic": "pictures", "ope": "operations", "sta": "ward", "app": "fees"}


@dataclass(frozen=True)
class Month:
    """The figures of one month."""

    first: date
    invoiced: Decimal
    tax: Decimal
    taken: Decimal
    open: Decimal


def kind_of(source: str) -> str:
    """What a charge is for, by the beginning of what it came from."""
    return KINDS.get(source.split("-")[0], "other")


class Revenue:
    """Figures over invoices and payments."""

    def month(self, day: date | None = None) -> Month:
        """The month that holds a day, this one if none is given."""
        first, last = month_of(day or clock.today())
        invoices = Invoices().between(first, last)
        taken = total(p.amount for when in days_between(first, last) for p in Takings().on(when))
        left = total(Balances().of_invoice(invoice.id) for invoice in invoices)
        return Month(first, total(i.gross for i in invoices), total(i.tax for i in invoices), taken, left)

    def year_to_date(self) -> list[Month]:
        today = clock.today()
        return [self.month(add_months(today.replace(day=1), back)) for back in range(1 - today.month, 1)]

    def by_kind(self, first: date, last: date) -> dict[str, Decimal]:
        """Invoiced amounts by what they were for."""
        sums: dict[str, Decimal] = defaultdict(lambda: Decimal("0.00"))
        for invoice in Invoices().between(first, last):
            for charge in db().find("charges", invoice=invoice.id):
                sums[kind_of(charge["source"])] += Decimal(charge["amount"])
        return dict(sorted(sums.items()))

    def by_vet(self, first: date, last: date) -> dict[str, Decimal]:
        """What the visits of vets brought."""
        sums: dict[str, Decimal] = defaultdict(lambda: Decimal("0.00"))
        for visit in Visits().seen(first, last):
            sums[visit.vet] += total(act.price for act in visit.acts if act.price is not None)
        return dict(sorted(sums.items()))

    def by_way(self, day: date | None = None) -> dict[str, Decimal]:
        payments = Takings().on(day or clock.today())
        return {way: total(p.amount for p in payments if p.way == way) for way in WAYS}

    def print_year(self) -> str:
        """The year up to now on paper."""
        currency = setting("currency")
        rows = [(f"{m.first:%Y-%m}", show(m.invoiced), show(m.tax), show(m.taken), show(m.open)) for m in self.year_to_date()]
        lines = table(("month", "invoiced", "tax", "taken", "open"), rows, right=(1, 2, 3, 4))
        return printer.print_page(setting("office_queue"), f"REVENUE in {currency}", headed(str(clock.today().year), lines))

    def mail_month(self, to: str, day: date | None = None) -> int:
        """Sends the figures of a month to the accountant."""
        month = self.month(day)
        names = ("invoiced", "tax", "taken", "open")
        lines = [f"{name:10} {show(getattr(month, name), setting('currency')):>16}" for name in names]
        return mailer.send(to, f"{setting('practice_name')} {month.first:%Y-%m}", "\n".join(lines) + "\n")
