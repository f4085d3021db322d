"""Charges: what was done and is not yet on an invoice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.money import money, total


@dataclass(frozen=True)
class Charge:
    """One line that will be on an invoice; `source` is what it came from."""

    id: str
    owner: str
    animal: str
    text: str
    amount: Decimal
    source: str = ""
    invoice: str = ""
    day: date = field(default_factory=clock.today)


class Charges:
    """Charges by owner."""

    def add(self, owner_id: str, animal_id: str, text: str, amount: Decimal | str | int, source: str = "") -> Charge:
        """Notes a charge; nothing is charged twice for the same thing from the same source."""
        value = money(amount)
        if value < 0:
            raise Refused("a charge is not negative")
        for known in self.open_of(owner_id):
            if source and known.source == source and known.text == text and known.amount == value and text.startswith("missed"):
                return known
        charge = Charge("", owner_id, animal_id, text, value, source)
        charge = replace(charge, id=db().insert("charges", {**pack(charge), "id": None}))
        journal.write("charge.added", charge=charge.id, owner=owner_id, amount=value)
        return charge

    def open_of(self, owner_id: str) -> list[Charge]:
        """What waits for the next invoice."""
        return [unpack(Charge, each) for each in db().find("charges", owner=owner_id, invoice="")]

    def owners(self) -> list[str]:
        """Owners with open charges."""
        return sorted({each["owner"] for each in db().find("charges", invoice="")})

    def waive(self, charge_id: str, why: str) -> None:
        """Strikes an open charge."""
        charge = unpack(Charge, db().get("charges", charge_id))
        if charge.invoice:
            raise Refused(f"{charge_id} is on {charge.invoice}")
        if not why.strip():
            raise Refused("a charge is struck for a reason")
        db().remove("charges", charge_id)
        journal.write("charge.waived", charge=charge_id, amount=charge.amount, why=why)

    def bind(self, charge_ids: list[str], invoice_id: str) -> Decimal:
        """Puts open charges on an invoice; their sum."""
        bound = []
        for charge_id in charge_ids:
            charge = unpack(Charge, db().get("charges", charge_id))
            if charge.invoice:
                raise Refused(f"{charge_id} is on {charge.invoice}")
            db().put("charges", charge_id, pack(replace(charge, invoice=invoice_id)))
            bound.append(charge.amount)
        return total(bound)

    def unbind(self, invoice_id: str) -> int:
        """An invoice was cancelled: its charges are open again."""
        found = db().find("charges", invoice=invoice_id)
        for each in found:
            db().put("charges", each["id"], {**each, "invoice": ""})
        return len(found)
