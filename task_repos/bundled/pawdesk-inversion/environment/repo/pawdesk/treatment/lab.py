"""Orders to the laboratory and the results that come back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, exchange, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.patients.records import Records
from pawdesk.plugins import hooks
from pawdesk.services import service

PANELS: dict[str, dict[str, tuple[Decimal, Decimal]]] = {
    "blood count": {
        "wbc": (Decimal("6.0"), Decimal("17.0")),
        "rbc": (Decimal("5.5"), Decimal("8.5")),
        "hct": (Decimal("37"), Decimal("55")),
    },
    "kidney": {"crea": (Decimal("0.5"), Decimal("1.6")), "bun": (Decimal("7"), Decimal("27"))},
    "liver": {"alt": (Decimal("10"), Decimal("100")), "ast": (Decimal("10"), Decimal("55"))},
    "thyroid": {"t4": (Decimal("1.0"), Decimal("4.0"))},
}
FAR_OFF = 2


@dataclass(frozen=True)
class Value:
    """One measured value with the flag that follows from the limits: low, high or nothing."""

    name: str
    amount: Decimal
    flag: str = ""


@dataclass(frozen=True)
class LabOrder:
    """A panel ordered for an animal; `key` is the name under which the laboratory knows it."""

    id: str
    animal: str
    panel: str
    vet: str
    key: str
    ordered: datetime
    values: tuple[Value, ...] = ()
    received: datetime | None = None


def flag(panel: str, name: str, amount: Decimal) -> str:
    """Where a value lies against its limits; two marks when it is far off."""
    low, high = PANELS[panel].get(name, (amount, amount))
    if amount < low:
        return "low!" if amount * FAR_OFF < low else "low"
    if amount > high:
        return "high!" if amount > high * FAR_OFF else "high"
    return ""


def order_text(order: LabOrder, species: str, practice: str) -> str:
    """The order as the laboratory's program reads it."""
    fields = ["ORD", order.key, practice, species, order.panel, ",".join(PANELS[order.panel])]
    return "|".join(fields) + "\n"


def read_result(text: str) -> tuple[str, dict[str, Decimal]]:
    """The key and the values of a result: RES|key, then one VAL|name|amount per line."""
    lines = [line.split("|") for line in text.splitlines() if line.strip()]
    if not lines or lines[0][0] != "RES" or len(lines[0]) != 2:
        raise Refused("not a result of the laboratory")
    values = {}
    for line in lines[1:]:
        try:
            kind, name, amount = line
            values[name] = Decimal(amount)
        except (ValueError, InvalidOperation):
            raise Refused(f"not a line of a result: {'|'.join(line)}") from None
        if kind != "VAL":
            raise Refused(f"not a line of a result: {'|'.join(line)}")
    return lines[0][1], values


class Lab:
    """Orders by animal."""

    def order(self, animal_id: str, panel: str, vet: str) -> LabOrder:
        """Leaves an order in the exchange folder and charges the panel."""
        animal = Animals().living(animal_id)
        if panel not in PANELS:
            raise Refused(f"no such panel: {panel}")
        order = LabOrder("", animal.id, panel, vet, uuid.uuid4().hex[:8].upper(), clock.now())
        order = replace(order, id=db().insert("lab", {**pack(order), "id": None}))
        exchange.drop(f"{order.key}.txt", order_text(order, animal.species, setting("practice_name")))
        service("charges").add(animal.owner, animal.id, f"laboratory: {panel}", service("prices").amount("LAB", 1), source=order.id)
        journal.write("lab.ordered", order=order.id, animal=animal.id, panel=panel)
        return order

    def fetch(self) -> list[LabOrder]:
        """Reads what the laboratory has left; results that are far off are told to the vet's owner at once."""
        received = []
        for name, text in exchange.collect():
            try:
                key, values = read_result(text)
                order = self._by_key(key)
            except Refused as problem:
                journal.write("lab.unreadable", file=name, why=problem)
                continue
            received.append(self._receive(order, values))
        return received

    def of_animal(self, animal_id: str) -> list[LabOrder]:
        found = (unpack(LabOrder, each) for each in db().find("lab", animal=animal_id))
        return sorted(found, key=lambda order: (order.ordered, order.id))

    def overdue(self, hours: int = 48) -> list[LabOrder]:
        """Orders without a result for so long."""
        limit = clock.now() - timedelta(hours=hours)
        found = (unpack(LabOrder, each) for each in db().find("lab", received=None))
        return [order for order in found if order.ordered < limit]

    def _by_key(self, key: str) -> LabOrder:
        for each in db().find("lab", key=key, received=None):
            return unpack(LabOrder, each)
        raise Refused(f"no open order {key}")

    def _receive(self, order: LabOrder, values: dict[str, Decimal]) -> LabOrder:
        flagged = tuple(Value(name, amount, flag(order.panel, name, amount)) for name, amount in values.items())
        done = replace(order, values=flagged, received=clock.now())
        db().put("lab", order.id, pack(done))
        off = [value for value in flagged if value.flag]
        text = ", ".join(f"{value.name} {value.amount} {value.flag}".strip() for value in flagged)
        Records().write(order.animal, "finding", f"{order.panel}: {text}", order.vet)
        journal.write("lab.received", order=order.id, off=len(off))
        if any(value.flag.endswith("!") for value in off):
            animal = Animals().get(order.animal)
            Owners().tell(animal.owner, f"Results of {animal.name}", ["Please call us today about the results of the laboratory."])
            hooks.emit("lab.alarm", order=order.id)
        return done
