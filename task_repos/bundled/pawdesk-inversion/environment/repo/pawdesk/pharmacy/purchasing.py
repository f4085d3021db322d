"""Orders to the wholesaler: collected, mailed, delivered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import table
from pawdesk.pharmacy.medicines import Medicines
from pawdesk.services import service

WHOLESALER = "orders@wholesale.example"
STATES = ("open", "sent", "delivered", "cancelled")


@dataclass(frozen=True)
class Line:
    """So many units of a medicine."""

    medicine: str
    units: Decimal


@dataclass(frozen=True)
class Order:
    """One order; `open` ones are still added to."""

    id: str
    begun: datetime
    state: str
    lines: tuple[Line, ...]
    sent: date | None = None
    delivered: date | None = None


def add_line(lines: tuple[Line, ...], medicine: str, units: Decimal) -> tuple[Line, ...]:
    """Lines with one more, or with a greater number in the one that is there."""
    if any(line.medicine == medicine for line in lines):
        return tuple(replace(line, units=max(line.units, units)) if line.medicine == medicine else line for line in lines)
    return (*lines, Line(medicine, units))


class Purchasing:
    """Orders, one open at a time."""

    def reorder(self, medicine: str) -> Order:
        """Adds a medicine to the open order: what is used in some weeks, twice the minimum at least."""
        weekly = self.weekly_use(medicine)
        wanted = max(weekly * setting("reorder_weeks"), Medicines().get(medicine).minimum * 2)
        return self.add(medicine, wanted.to_integral_value(ROUND_CEILING))

    def add(self, medicine: str, units: Decimal | int) -> Order:
        """Adds units of a medicine to the open order."""
        if Decimal(units) <= 0:
            raise Refused("nothing to order")
        order = self.open_order()
        if order is None:
            order = Order("", clock.now(), "open", ())
            order = replace(order, id=db().insert("orders", {**pack(order), "id": None}))
        return self._write(replace(order, lines=add_line(order.lines, medicine, Decimal(units))), "order.line", medicine=medicine)

    def open_order(self) -> Order | None:
        return next((unpack(Order, each) for each in db().find("orders", state="open")), None)

    def get(self, order_id: str) -> Order:
        return unpack(Order, db().get("orders", order_id))

    def weekly_use(self, medicine: str, weeks: int = 8) -> Decimal:
        """Units taken per week on the average of the last weeks, by the journal."""
        since = (clock.now() - timedelta(weeks=weeks)).isoformat()
        taken = [each["facts"] for each in journal.entries("stock.taken") if each["at"] >= since]
        units = sum((Decimal(facts["units"]) for facts in taken if facts["medicine"] == medicine), Decimal(0))
        return (units / weeks).quantize(Decimal("0.01"))

    def send(self) -> Order:
        """Mails the open order to the wholesaler."""
        order = self.open_order()
        if order is None:
            raise Refused("there is no open order")
        rows = [(line.medicine, line.units) for line in order.lines]
        body = "\n".join([f"Order {order.id} of {setting('practice_name')}", "", *table(("medicine", "units"), rows, right=(1,))])
        mailer.send(WHOLESALER, f"Order {order.id}", body + "\n")
        return self._write(replace(order, state="sent", sent=clock.today()), "order.sent")

    def deliver(self, order_id: str, batches: dict[str, tuple[str, date]], costs: dict[str, Decimal] | None = None) -> Order:
        """A delivery has come: its lines go on the shelf under batch numbers and expiries by medicine."""
        order = self.get(order_id)
        if order.state != "sent":
            raise Refused(f"{order_id} is {order.state}")
        missing = [line.medicine for line in order.lines if line.medicine not in batches]
        if missing:
            raise Refused(f"no batch for {', '.join(missing)}")
        stock = service("stock")
        with db().transaction():
            for line in order.lines:
                number, expires = batches[line.medicine]
                stock.receive(line.medicine, number, expires, line.units, (costs or {}).get(line.medicine, Decimal(0)))
            return self._write(replace(order, state="delivered", delivered=clock.today()), "order.delivered")

    def cancel(self, order_id: str) -> Order:
        order = self.get(order_id)
        if order.state in ("delivered", "cancelled"):
            raise Refused(f"{order_id} is {order.state}")
        if order.state == "sent":
            mailer.send(WHOLESALER, f"Order {order.id} cancelled", f"Please do not deliver {order.id}.\n")
        return self._write(replace(order, state="cancelled"), "order.cancelled")

    def late(self, days: int = 5) -> list[Order]:
        """Orders that should have come."""
        last = clock.today() - timedelta(days=days)
        return [o for o in (unpack(Order, each) for each in db().find("orders", state="sent")) if o.sent and o.sent < last]

    def _write(self, order: Order, action: str, **facts: object) -> Order:
        db().put("orders", order.id, pack(order))
        journal.write(action, order=order.id, **facts)
        return order
