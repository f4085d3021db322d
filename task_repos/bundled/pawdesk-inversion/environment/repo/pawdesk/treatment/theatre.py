"""Operations: planned with a checklist, anaesthesia watched, swabs counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import table
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.patients.records import Records
from pawdesk.patients.weights import Weights
from pawdesk.pharmacy.controlled import ControlledBook
from pawdesk.plugins import hooks
from pawdesk.scheduling.rosters import Rosters
from pawdesk.services import service

CHECKLIST = ("consent signed", "fasted", "weight fresh", "second person", "swabs counted")
LIMITS = {"pulse": (50, 200), "spo2": (92, 100), "temp": (36, 40)}


@dataclass(frozen=True)
class Reading:
    """What the monitor showed at one moment."""

    at: datetime
    pulse: int
    spo2: int
    temp: Decimal


@dataclass(frozen=True)
class Operation:
    """One operation from planning to the end."""

    id: str
    animal: str
    vet: str
    nurse: str
    what: str
    planned: datetime
    checks: tuple[str, ...] = ()
    begun: datetime | None = None
    ended: datetime | None = None
    swabs: int = 0
    readings: tuple[Reading, ...] = ()


def alarms(reading: Reading) -> list[str]:
    """Which values are outside their limits."""
    values = {"pulse": reading.pulse, "spo2": reading.spo2, "temp": reading.temp}
    return [name for name, (low, high) in LIMITS.items() if not low <= values[name] <= high]


class Theatre:
    """Operations by animal."""

    def plan(self, animal_id: str, vet: str, nurse: str, what: str, when: datetime) -> Operation:
        """Plans an operation with somebody who can do it and somebody who helps."""
        animal = Animals().living(animal_id)
        if "surgery" not in Rosters().get(vet).skills:
            raise Refused(f"{vet} does not operate")
        if Rosters().get(nurse).role != "nurse" or when < clock.now():
            raise Refused("an operation needs a nurse and a time ahead")
        operation = Operation("", animal.id, vet, nurse, what, when)
        operation = replace(operation, id=db().insert("operations", {**pack(operation), "id": None}))
        journal.write("operation.planned", operation=operation.id, animal=animal.id, what=what)
        owner = Owners().get(animal.owner)
        lines = [f"{owner.name} agrees to: {what}", f"for {animal.name}, {animal.species}", "", "signature: ____________"]
        printer.print_page(setting("office_queue"), "CONSENT", [*lines, f"{clock.today()}"])
        return operation

    def get(self, operation_id: str) -> Operation:
        return unpack(Operation, db().get("operations", operation_id))

    def check(self, operation_id: str, item: str) -> Operation:
        """Ticks an item of the checklist; a fresh weight is looked up, not believed."""
        operation = self.get(operation_id)
        if item not in CHECKLIST:
            raise Refused(f"not on the checklist: {item}")
        if item == "weight fresh":
            Weights().for_dose(operation.animal)
        return self._write(replace(operation, checks=tuple(dict.fromkeys((*operation.checks, item)))), "operation.checked", item=item)

    def begin(self, operation_id: str, medicine: str, units: Decimal | str, swabs: int) -> Operation:
        """Begins: everything is ticked, the narcotic is taken out of the cupboard."""
        operation = self.get(operation_id)
        missing = [item for item in CHECKLIST if item not in operation.checks]
        if missing:
            raise Refused(f"not checked: {', '.join(missing)}")
        if operation.begun is not None:
            raise Refused(f"{operation_id} has begun")
        with db().transaction():
            ControlledBook().dispense(medicine, units, operation.vet, operation.nurse, operation_id)
            return self._write(replace(operation, begun=clock.now(), swabs=swabs), "operation.begun", medicine=medicine)

    def read(self, operation_id: str, pulse: int, spo2: int, temp: Decimal | str) -> list[str]:
        """Notes what the monitor shows; gives what is outside the limits."""
        operation = self._running(operation_id)
        reading = Reading(clock.now(), pulse, spo2, Decimal(temp))
        db().put("operations", operation_id, pack(replace(operation, readings=(*operation.readings, reading))))
        found = alarms(reading)
        if found:
            journal.write("operation.alarm", operation=operation_id, values=",".join(found))
            hooks.emit("operation.alarm", operation=operation_id, values=found)
        return found

    def end(self, operation_id: str, swabs: int, notes: str) -> Operation:
        """Ends: all swabs are there, the protocol is printed, the time is charged."""
        operation = self._running(operation_id)
        if swabs != operation.swabs:
            raise Refused(f"{operation.swabs} swabs at the beginning, {swabs} now")
        ended = replace(operation, ended=clock.now())
        minutes = int((clock.now() - operation.begun).total_seconds() // 60)  # type: ignore[operator]
        animal = Animals().get(operation.animal)
        quarters = max(1, -(-minutes // 15))
        with db().transaction():
            self._write(ended, "operation.ended", minutes=minutes)
            price = service("prices").amount("OP-15", quarters)
            service("charges").add(animal.owner, animal.id, f"{operation.what}, {minutes} min", price, source=operation_id)
            Records().write(animal.id, "therapy", f"{operation.what}: {notes}", operation.vet)
        self.print_protocol(operation_id)
        return ended

    def print_protocol(self, operation_id: str) -> str:
        operation = self.get(operation_id)
        rows = [(f"{r.at:%H:%M}", r.pulse, r.spo2, r.temp, ",".join(alarms(r))) for r in operation.readings]
        lines = [f"{operation.what}, {operation.vet} with {operation.nurse}", ""]
        lines += table(("at", "pulse", "spo2", "temp", "alarm"), rows, right=(1, 2, 3))
        return printer.print_page(setting("office_queue"), f"ANAESTHESIA {operation.id}", lines)

    def _running(self, operation_id: str) -> Operation:
        operation = self.get(operation_id)
        if operation.begun is None or operation.ended is not None:
            raise Refused(f"{operation_id} is not running")
        return operation

    def _write(self, operation: Operation, action: str, **facts: object) -> Operation:
        db().put("operations", operation.id, pack(operation))
        journal.write(action, operation=operation.id, **facts)
        return operation
