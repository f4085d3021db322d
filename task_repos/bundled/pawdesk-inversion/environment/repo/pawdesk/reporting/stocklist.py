"""What is on the shelf, what it is worth, what will run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.money import money, show
from pawdesk.paper import table
from pawdesk.pharmacy.controlled import ControlledBook
from pawdesk.pharmacy.medicines import Medicines
from pawdesk.pharmacy.purchasing import Purchasing
from pawdesk.pharmacy.stock import Stock


@dataclass(frozen=True)
class Row:
    """One medicine on the list; `weeks` is how long it will last, None when none is used."""

    medicine: str
    level: Decimal
    minimum: Decimal
    value: Decimal
    next_expiry: date | None
    weeks: Decimal | None


class StockList:
    """Rows by medicine."""

    def rows(self) -> list[Row]:
        today, found = clock.today(), []
        for name in Medicines().names():
            medicine = Medicines().get(name)
            usable = [b for b in Stock().batches(name) if b.left > 0 and b.expires > today]
            level, weekly = Stock().level(name), Purchasing().weekly_use(name)
            weeks = (level / weekly).quantize(Decimal("0.1")) if weekly else None
            value = money(sum((b.left * b.cost for b in usable), Decimal(0)))
            expiry = min((b.expires for b in usable), default=None)
            found.append(Row(name, level, medicine.minimum, value, expiry, weeks))
        return found

    def value(self) -> Decimal:
        return money(sum((row.value for row in self.rows()), Decimal(0)))

    def short(self) -> list[Row]:
        """What is below its minimum or will not last two weeks."""
        return [row for row in self.rows() if row.level < row.minimum or (row.weeks is not None and row.weeks < 2)]

    def mismatches(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Controlled medicines whose shelf and book differ: shelf, book."""
        found = {}
        for name in Medicines().names():
            shelf = sum((batch.left for batch in Stock().batches(name)), Decimal(0))
            if Medicines().get(name).controlled and shelf != ControlledBook().balance(name):
                found[name] = (shelf, ControlledBook().balance(name))
        return found

    def print_list(self) -> str:
        """The list on paper, for the yearly count."""
        rows = [(r.medicine, r.level, r.minimum, r.next_expiry or "-", show(r.value)) for r in self.rows()]
        lines = table(("medicine", "level", "minimum", "expires", "value"), rows, right=(1, 2, 4))
        journal.write("stock.listed", medicines=len(rows))
        lines += ["", f"value {show(self.value(), setting('currency'))}, {clock.now():%Y-%m-%d %H:%M}"]
        return printer.print_page(setting("office_queue"), "STOCK", lines)
