"""Reminders for overdue invoices: levels, fees, letters through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.invoices.receivables import OpenItem, Receivables
from ledgerlite.money import ZERO, format_amount, percent, round_money
from ledgerlite.notify.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Level:
    """From ``days`` overdue on this level applies; the fee is charged once."""

    days: int
    title: str
    fee: Decimal = ZERO


LEVELS = (
    Level(7, "Friendly reminder"),
    Level(21, "Second reminder", Decimal("5.00")),
    Level(45, "Final notice", Decimal("15.00")),
)


class Dunning:
    """Walks the open items, sends letters and charges fees; each level once per invoice."""

    def __init__(
        self,
        receivables: Receivables,
        outbox: Outbox,
        levels: tuple[Level, ...] = LEVELS,
        interest: Decimal = ZERO,
    ) -> None:
        self.receivables = receivables
        self.outbox = outbox
        self.levels = levels
        self.interest = interest
        self._reached: dict[str, int] = {}

    def level_for(self, item: OpenItem, day: date) -> int:
        """How many levels an item has earned by a day."""
        late = item.overdue_days(day)
        return sum(1 for level in self.levels if late >= level.days)

    def run(self, day: date) -> list[str]:
        """Send what is due on a day; returns the numbers of the invoices concerned."""
        sent = []
        for item in self.receivables.open_items(day):
            number = item.invoice.number
            earned = self.level_for(item, day)
            if earned <= self._reached.get(number, 0):
                continue
            self._reached[number] = earned
            level = self.levels[earned - 1]
            self._charge(item, level, day)
            self.outbox.post(item.invoice.customer, self._letter(item, level, day))
            sent.append(number)
        return sent

    def interest_for(self, item: OpenItem, day: date) -> Decimal:
        """Simple default interest since the due day, on a basis of 365 days."""
        yearly = percent(item.open, self.interest)
        return round_money(yearly * item.overdue_days(day) / 365)

    def _charge(self, item: OpenItem, level: Level, day: date) -> None:
        charge = level.fee + self.interest_for(item, day)
        if charge:
            book = self.receivables.book
            memo = f"{level.title} {item.invoice.number}"
            book.post(day, "1100", "4900", charge, memo, ref=f"dunning:{item.invoice.number}:{level.days}")

    def _letter(self, item: OpenItem, level: Level, day: date) -> str:
        rows = [
            level.title,
            f"Invoice {item.invoice.number} of {item.invoice.day.isoformat()}",
            f"was payable until {item.invoice.due.isoformat()}.",
            f"Open: {format_amount(item.open)}",
        ]
        if level.fee:
            rows.append(f"Fee: {format_amount(level.fee)}")
        if interest := self.interest_for(item, day):
            rows.append(f"Interest: {format_amount(interest)}")
        return "\n".join(rows)

    def history(self) -> dict[str, str]:
        """Invoice numbers with the title of the last level that was reached."""
        return {number: self.levels[reached - 1].title for number, reached in sorted(self._reached.items())}
