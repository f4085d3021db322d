"""Visits: opened when the animal comes in, closed when the vet has signed, charged when closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.records import Records
from pawdesk.patients.weights import Weights
from pawdesk.plugins import hooks
from pawdesk.scheduling.appointments import Appointments
from pawdesk.services import service

NIGHT_RATE = Decimal("1.5")


@dataclass(frozen=True)
class Act:
    """Something that was done and is charged; `price` stays None until the visit is closed."""

    code: str
    times: int
    note: str = ""
    price: Decimal | None = None


@dataclass(frozen=True)
class Visit:
    """One visit."""

    id: str
    animal: str
    vet: str
    begun: datetime
    appointment: str = ""
    complaint: str = ""
    acts: tuple[Act, ...] = ()
    ended: datetime | None = None
    signed: str = ""


def is_night(moment: datetime, opening: time, closing: time) -> bool:
    """Outside the opening hours, or on a Sunday."""
    return moment.weekday() == 6 or not opening <= moment.time() < closing


class Visits:
    """Visits by animal; one open visit each."""

    def begin(self, animal_id: str, vet: str, complaint: str = "", appointment_id: str = "") -> Visit:
        """Opens a visit."""
        animal = Animals().living(animal_id)
        if self.open_visit(animal.id) is not None:
            raise Refused(f"{animal.name} is being treated already")
        visit = Visit("", animal.id, vet, clock.now(), appointment_id, complaint)
        visit = replace(visit, id=db().insert("visits", {**pack(visit), "id": None}))
        journal.write("visit.begun", visit=visit.id, animal=animal.id, vet=vet)
        if complaint:
            Records().write(animal.id, "history", complaint, vet)
        return visit

    def get(self, visit_id: str) -> Visit:
        return unpack(Visit, db().get("visits", visit_id))

    def open_visit(self, animal_id: str) -> Visit | None:
        return next((unpack(Visit, each) for each in db().find("visits", animal=animal_id, ended=None)), None)

    def of_animal(self, animal_id: str) -> list[Visit]:
        found = (unpack(Visit, each) for each in db().find("visits", animal=animal_id))
        return sorted(found, key=lambda visit: (visit.begun, visit.id))

    def weigh(self, visit_id: str, kg: Decimal | str) -> None:
        """Weighs the animal of an open visit."""
        Weights().note(self._open(visit_id).animal, kg)

    def act(self, visit_id: str, code: str, times: int = 1, note: str = "") -> Visit:
        """Notes something that was done, by its code in the price list."""
        visit = self._open(visit_id)
        if times < 1:
            raise Refused("something is done once at least")
        service("prices").get(code)
        changed = replace(visit, acts=(*visit.acts, Act(code, times, note)))
        db().put("visits", visit_id, pack(changed))
        return changed

    def undo(self, visit_id: str, number: int) -> Visit:
        """Takes out an act of an open visit, counted from one."""
        visit = self._open(visit_id)
        if not 1 <= number <= len(visit.acts):
            raise NotFound("act", number)
        changed = replace(visit, acts=visit.acts[: number - 1] + visit.acts[number:])
        db().put("visits", visit_id, pack(changed))
        journal.write("visit.undone", visit=visit_id, act=visit.acts[number - 1].code)
        return changed

    def close(self, visit_id: str, diagnosis: str, signed: str) -> Visit:
        """Signs a visit: the diagnosis goes into the record, the acts onto the account of the owner."""
        visit = self._open(visit_id)
        if not signed:
            raise Refused("a visit is signed")
        night = is_night(visit.begun, setting("opening"), setting("closing"))
        priced = tuple(replace(act, price=self._price(act, night)) for act in visit.acts)
        closed = replace(visit, acts=priced, ended=clock.now(), signed=signed)
        animal = Animals().get(visit.animal)
        with db().transaction():
            db().put("visits", visit_id, pack(closed))
            if diagnosis:
                Records().write(animal.id, "diagnosis", diagnosis, signed)
            for act in priced:
                service("charges").add(animal.owner, animal.id, service("prices").get(act.code).text, act.price, source=visit_id)
            if visit.appointment:
                Appointments().finish(visit.appointment)
            journal.write("visit.closed", visit=visit_id, acts=len(priced), signed=signed)
        hooks.emit("visit.closed", visit=visit_id, animal=animal.id)
        return closed

    def follow_up(self, visit_id: str, days: int) -> str:
        """Books the animal again with the same vet about so many days after the visit; the id of the appointment."""
        visit = self.get(visit_id)
        wanted = visit.begun.date() + timedelta(days=days)
        ahead = (wanted - clock.today()).days
        if ahead < 0:
            raise Refused(f"{wanted} has passed")
        for start, vet in Appointments().suggest("followup", visit.vet, days=ahead + 5, wanted=200):
            if start.date() >= wanted:
                return Appointments().book(visit.animal, vet, start, "followup").id
        raise Refused(f"no time about {wanted}")

    def seen(self, first: date, last: date) -> list[Visit]:
        """Closed visits that began in these days."""
        found = (unpack(Visit, each) for each in db().find("visits"))
        return [v for v in found if v.ended is not None and first <= v.begun.date() <= last]

    def _price(self, act: Act, night: bool) -> Decimal:
        price = service("prices").amount(act.code, act.times)
        return (price * NIGHT_RATE).quantize(price) if night else price

    def _open(self, visit_id: str) -> Visit:
        visit = self.get(visit_id)
        if visit.ended is not None:
            raise Refused(f"{visit_id} is closed")
        return visit
