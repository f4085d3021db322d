"""The shelf: batches with their expiry, first out what expires first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, OutOfStock, Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.pharmacy.medicines import Medicines
from pawdesk.plugins import hooks
from pawdesk.services import service


@dataclass(frozen=True)
class Batch:
    """What is left of a delivery."""

    id: str
    medicine: str
    number: str
    expires: date
    left: Decimal
    cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class Taken:
    """What was taken from one batch."""

    batch: str
    number: str
    units: Decimal


def plan(batches: list[Batch], units: Decimal, today: date) -> list[tuple[Batch, Decimal]]:
    """From which batches so many units come; expired ones are left alone."""
    usable = sorted((b for b in batches if b.left > 0 and b.expires > today), key=lambda b: (b.expires, b.id))
    taken: list[tuple[Batch, Decimal]] = []
    for batch in usable:
        missing = units - sum((amount for _, amount in taken), Decimal(0))
        if missing <= 0:
            break
        taken.append((batch, min(missing, batch.left)))
    return taken


class Stock:
    """Batches by medicine."""

    def receive(self, medicine: str, number: str, expires: date, units: Decimal | int | str, cost: Decimal | str = "0") -> Batch:
        """Puts a delivery on the shelf."""
        Medicines().get(medicine)
        amount = Decimal(units)
        if amount <= 0:
            raise Refused("a delivery holds something")
        if expires <= clock.today():
            raise Refused(f"{medicine} {number} has expired")
        for known in self.batches(medicine):
            if known.number == number:
                return self._write(replace(known, left=known.left + amount), "stock.received", units=amount)
        batch = Batch("", medicine, number, expires, amount, Decimal(cost))
        batch = replace(batch, id=db().insert("batches", {**pack(batch), "id": None}))
        journal.write("stock.received", batch=batch.id, medicine=medicine, units=amount)
        return batch

    def batches(self, medicine: str = "") -> list[Batch]:
        found = (unpack(Batch, each) for each in db().find("batches"))
        return [batch for batch in found if not medicine or batch.medicine == medicine]

    def level(self, medicine: str) -> Decimal:
        """Units that can be used today."""
        today = clock.today()
        return sum((batch.left for batch in self.batches(medicine) if batch.expires > today), Decimal(0))

    def take(self, medicine: str, units: Decimal | int | str, reason: str) -> list[Taken]:
        """Takes units off the shelf; when the level falls below the minimum more is ordered."""
        amount = Decimal(units)
        planned = plan(self.batches(medicine), amount, clock.today())
        there = sum((part for _, part in planned), Decimal(0))
        if there < amount:
            raise OutOfStock(medicine, amount, there)
        with db().transaction():
            for batch, part in planned:
                self._write(replace(batch, left=batch.left - part), "stock.taken", units=part, reason=reason)
        self._watch(medicine)
        return [Taken(batch.id, batch.number, part) for batch, part in planned]

    def take_batch(self, medicine: str, number: str, units: Decimal | int) -> Taken:
        """Takes units from one batch by its number."""
        amount = Decimal(units)
        for batch in self.batches(medicine):
            if batch.number == number:
                if batch.expires <= clock.today():
                    raise Refused(f"{medicine} {number} has expired")
                if batch.left < amount:
                    raise OutOfStock(medicine, amount, batch.left)
                self._write(replace(batch, left=batch.left - amount), "stock.taken", units=amount, reason="batch")
                self._watch(medicine)
                return Taken(batch.id, number, amount)
        raise NotFound("batch", number)

    def put_back(self, taken: list[Taken]) -> None:
        """What was taken by mistake goes back where it came from."""
        for each in taken:
            batch = unpack(Batch, db().get("batches", each.batch))
            self._write(replace(batch, left=batch.left + each.units), "stock.put_back", units=each.units)

    def expiring(self, days: int = 30) -> list[Batch]:
        """What expires within some days or has expired, the oldest first."""
        last = clock.today() + timedelta(days=days)
        return sorted((b for b in self.batches() if b.left > 0 and b.expires <= last), key=lambda b: (b.expires, b.id))

    def discard_expired(self) -> Decimal:
        """Empties expired batches; what they had cost."""
        today, lost = clock.today(), Decimal("0.00")
        for batch in self.batches():
            if batch.left > 0 and batch.expires <= today:
                lost += batch.left * batch.cost
                self._write(replace(batch, left=Decimal(0)), "stock.discarded", units=batch.left)
        return lost

    def _watch(self, medicine: str) -> None:
        level = self.level(medicine)
        if level < Medicines().get(medicine).minimum:
            hooks.emit("stock.low", medicine=medicine, level=str(level))
            service("purchasing").reorder(medicine)

    def _write(self, batch: Batch, action: str, **facts: object) -> Batch:
        db().put("batches", batch.id, pack(batch))
        journal.write(action, batch=batch.id, medicine=batch.medicine, **facts)
        return batch
