"""Prescriptions: reckoned, checked, dispensed with a label, repeated a few times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import chance, clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import money
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.pharmacy.controlled import ControlledBook
from pawdesk.pharmacy.labels import Labels
from pawdesk.pharmacy.medicines import Dose, Medicines
from pawdesk.pharmacy.stock import Stock
from pawdesk.plugins import hooks
from pawdesk.services import service

VALID_DAYS = 180
CONTROLLED_DAYS = 7


@dataclass(frozen=True)
class Prescription:
    """A therapy with a medicine; `left` says how often it may still be dispensed."""

    id: str
    animal: str
    vet: str
    medicine: str
    per_day: Decimal
    units: Decimal
    days: int
    text: str
    issued: date
    left: int
    number: str

    @property
    def dose(self) -> Dose:
        return Dose(self.medicine, self.per_day, self.units, self.text)


def valid_until(prescription: Prescription, controlled: bool) -> date:
    return prescription.issued + timedelta(days=CONTROLLED_DAYS if controlled else VALID_DAYS)


class Prescriptions:
    """Prescriptions by animal."""

    def issue(self, animal_id: str, medicine: str, days: int, vet: str, repeats: int = 0) -> Prescription:
        """Writes a prescription with a dose by the last weight; controlled substances are not repeated."""
        found = Medicines().get(medicine)
        if found.controlled and repeats:
            raise Refused(f"{medicine} is controlled and not repeated")
        for other in self.running(animal_id):
            if other.medicine == medicine:
                raise Refused(f"{animal_id} gets {medicine} already ({other.id})")
        dose = Medicines().dose_for(medicine, animal_id, days)
        number = f"P-{chance.token(6)}"
        made = Prescription(
            "", animal_id, vet, medicine, dose.per_day, dose.units, days, dose.text, clock.today(), 1 + repeats, number
        )
        made = replace(made, id=db().insert("prescriptions", {**pack(made), "id": None}))
        journal.write("prescription.issued", prescription=made.id, animal=animal_id, medicine=medicine, vet=vet)
        return made

    def get(self, prescription_id: str) -> Prescription:
        return unpack(Prescription, db().get("prescriptions", prescription_id))

    def running(self, animal_id: str) -> list[Prescription]:
        """Those that can be dispensed today."""
        found = (unpack(Prescription, each) for each in db().find("prescriptions", animal=animal_id))
        return [each for each in found if each.left and self.valid(each)]

    def valid(self, prescription: Prescription) -> bool:
        controlled = Medicines().get(prescription.medicine).controlled
        return valid_until(prescription, controlled) >= clock.today()

    def dispense(self, prescription_id: str, witness: str = "") -> Prescription:
        """Hands out the medicine: off the shelf, label printed, charged."""
        before = self.get(prescription_id)
        if not before.left:
            raise Refused(f"{prescription_id} is used up")
        if not self.valid(before):
            raise Refused(f"{prescription_id} has expired")
        animal, medicine = Animals().living(before.animal), Medicines().get(before.medicine)
        after = replace(before, left=before.left - 1)
        with db().transaction():
            if medicine.controlled:
                ControlledBook().dispense(medicine.name, before.units, before.vet, witness, prescription_id)
            else:
                Stock().take(medicine.name, before.units, prescription_id)
            db().put("prescriptions", prescription_id, pack(after))
            price = money(medicine.price * before.units)
            service("charges").add(animal.owner, animal.id, f"{medicine.name}, {before.units} units", price, source=prescription_id)
            journal.write("prescription.dispensed", prescription=prescription_id, units=before.units)
        Labels().print_label(animal.id, before.dose, before.days)
        hooks.emit("medicine.dispensed", animal=animal.id, medicine=medicine.name)
        return after

    def print_script(self, prescription_id: str) -> str:
        """A prescription on paper, for another pharmacy; it cannot be dispensed here any more."""
        before = self.get(prescription_id)
        animal = Animals().get(before.animal)
        owner = Owners().get(animal.owner)
        lines = [*owner.address, "", f"for {animal.name} ({animal.species})", "", before.medicine, before.text, "", before.vet]
        db().put("prescriptions", prescription_id, pack(replace(before, left=0)))
        journal.write("prescription.printed", prescription=prescription_id)
        return printer.print_page(setting("office_queue"), f"PRESCRIPTION {before.number}", [*lines, str(clock.today())])

    def stop(self, prescription_id: str, why: str) -> Prescription:
        """Ends a therapy."""
        stopped = replace(self.get(prescription_id), left=0)
        db().put("prescriptions", prescription_id, pack(stopped))
        journal.write("prescription.stopped", prescription=prescription_id, why=why)
        return stopped
