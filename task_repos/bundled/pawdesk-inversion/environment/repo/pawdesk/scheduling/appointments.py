"""The appointment book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pawdesk.documents import pack, unpack
from pawdesk.errors import Conflict, Refused
from pawdesk.infra import chance, clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.plugins import hooks
from pawdesk.scheduling.rooms import Rooms
from pawdesk.scheduling.rosters import Rosters
from pawdesk.scheduling.slots import minutes_for, on_grid, spread, starts
from pawdesk.services import service
from pawdesk.spans import Span, days_between

STATES = ("booked", "arrived", "done", "cancelled", "missed")
LATE_CANCEL = timedelta(hours=4)


@dataclass(frozen=True)
class Appointment:
    """One appointment; `code` is what the owner shows at the desk."""

    id: str
    animal: str
    vet: str
    start: datetime
    end: datetime
    reason: str
    room: str
    code: str
    made: datetime
    state: str = "booked"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def counts(self) -> bool:
        """Whether it takes time in the calendar."""
        return self.state in ("booked", "arrived", "done")


class Appointments:
    """Booking, moving, cancelling; the vet, the room and the animal must all be free."""

    def book(self, animal_id: str, vet_id: str, start: datetime, reason: str, minutes: int = 0) -> Appointment:
        """Books an appointment and confirms it to the owner."""
        animal = Animals().living(animal_id)
        if start < clock.now():
            raise Refused(f"{start:%Y-%m-%d %H:%M} has passed")
        if not on_grid(start, setting("slot_minutes")):
            raise Refused(f"appointments begin every {setting('slot_minutes')} minutes")
        owed = service("balances").overdue(animal.owner, clock.today())
        if owed > setting("overdue_limit") and reason != "emergency":
            raise Refused(f"{animal.owner} has {owed} overdue")
        span = Span.of(start, minutes or minutes_for(reason, setting("slot_minutes")))
        self._check(vet_id, animal.id, span)
        with db().transaction():
            code = chance.token(5)
            made = Appointment("", animal.id, vet_id, span.start, span.end, reason, "", code, clock.now())
            made = replace(made, id=db().insert("appointments", {**pack(made), "id": None}))
            made = replace(made, room=Rooms().take(span, made.id).room)
            self._write(made, "appointment.booked", start=start)
        hooks.emit("appointment.booked", appointment=made.id, animal=animal.id)
        Owners().tell(
            animal.owner,
            f"Appointment for {animal.name}",
            [f"{animal.name} is expected on {start:%A, %d %B} at {start:%H:%M} ({reason}).", f"Your code is {code}."],
            short=f"{animal.name}: {start:%d.%m. %H:%M}, code {code}",
        )
        return made

    def get(self, appointment_id: str) -> Appointment:
        return unpack(Appointment, db().get("appointments", appointment_id))

    def by_code(self, code: str) -> Appointment | None:
        found = (unpack(Appointment, each) for each in db().find("appointments", code=code.upper()))
        return next((each for each in found if each.state == "booked"), None)

    def on(self, day: date, vet_id: str = "") -> list[Appointment]:
        """The appointments of a day that count, in order."""
        found = (unpack(Appointment, each) for each in db().find("appointments"))
        chosen = [a for a in found if a.start.date() == day and a.counts and (not vet_id or a.vet == vet_id)]
        return sorted(chosen, key=lambda a: (a.start, a.id))

    def of_animal(self, animal_id: str) -> list[Appointment]:
        found = (unpack(Appointment, each) for each in db().find("appointments", animal=animal_id))
        return sorted(found, key=lambda a: (a.start, a.id))

    def suggest(self, reason: str, vet_id: str = "", days: int = 7, wanted: int = 6) -> list[tuple[datetime, str]]:
        """Free beginnings within some days, with the vets that have them."""
        now, minutes = clock.now(), minutes_for(reason, setting("slot_minutes"))
        vets = [Rosters().get(vet_id)] if vet_id else Rosters().staff("vet")
        found: list[tuple[datetime, str]] = []
        for day in days_between(now.date(), now.date() + timedelta(days=days)):
            for vet in vets:
                taken = [a.span for a in self.on(day, vet.id)]
                free = starts(Rosters().working(vet.id, day), taken, minutes, setting("slot_minutes"))
                ahead = [at for at in free if at >= now and Rooms().free(Span.of(at, minutes))]
                found += [(at, vet.id) for at in spread(ahead, wanted)]
        return sorted(found)[:wanted]

    def move(self, appointment_id: str, start: datetime, vet_id: str = "") -> Appointment:
        """Another time, another vet or both; what becomes free is offered to the waiting list."""
        before = self._booked(appointment_id)
        if start < clock.now():
            raise Refused(f"{start:%Y-%m-%d %H:%M} has passed")
        span = Span.of(start, before.span.minutes)
        self._check(vet_id or before.vet, before.animal, span, but=before.id)
        with db().transaction():
            Rooms().release(before.id)
            room = Rooms().take(span, before.id).room
            after = replace(before, start=span.start, end=span.end, vet=vet_id or before.vet, room=room)
            self._write(after, "appointment.moved", before=before.start, start=start)
        animal = Animals().get(after.animal)
        Owners().tell(animal.owner, f"New time for {animal.name}", [f"The new time is {start:%A, %d %B} at {start:%H:%M}."])
        service("waitlist").offer(before.vet, before.start, before.span.minutes)
        return after

    def cancel(self, appointment_id: str, by_practice: bool = False) -> Appointment:
        """Cancels; owners who do so in the last hours pay the fee, and the time is offered to the waiting list."""
        before = self._booked(appointment_id)
        after = replace(before, state="cancelled")
        with db().transaction():
            Rooms().release(before.id)
            self._write(after, "appointment.cancelled", by="practice" if by_practice else "owner")
            if not by_practice and before.start - clock.now() < LATE_CANCEL:
                self._fee(after, "late cancellation")
        hooks.emit("appointment.cancelled", appointment=after.id)
        service("waitlist").offer(before.vet, before.start, before.span.minutes)
        return after

    def arrive(self, appointment_id: str) -> Appointment:
        return self._write(replace(self._booked(appointment_id), state="arrived"), "appointment.arrived")

    def finish(self, appointment_id: str) -> Appointment:
        before = self.get(appointment_id)
        if before.state != "arrived":
            raise Refused(f"{appointment_id} is {before.state}")
        return self._write(replace(before, state="done"), "appointment.done")

    def sweep(self) -> list[Appointment]:
        """Marks who did not come, half an hour after they should have, and charges the fee."""
        limit = clock.now() - timedelta(minutes=30)
        found = (unpack(Appointment, each) for each in db().find("appointments", state="booked"))
        missed = []
        for each in sorted((a for a in found if a.start <= limit), key=lambda a: a.start):
            gone = replace(each, state="missed")
            with db().transaction():
                Rooms().release(each.id)
                self._write(gone, "appointment.missed")
                self._fee(gone, "missed appointment")
            missed.append(gone)
        return missed

    def forget(self, animal_id: str) -> int:
        """Cancels all that lies ahead of an animal, without fee or letter; the number cancelled."""
        ahead = [a for a in self.of_animal(animal_id) if a.state == "booked"]
        for each in ahead:
            Rooms().release(each.id)
            self._write(replace(each, state="cancelled"), "appointment.forgotten")
        return len(ahead)

    def reassign(self, old: str, new: str) -> int:
        """Moves the appointments of one animal to another; the number moved."""
        moved = db().find("appointments", animal=old)
        for each in moved:
            db().put("appointments", each["id"], {**each, "animal": new})
        return len(moved)

    def _fee(self, appointment: Appointment, why: str) -> None:
        if setting("no_show_fee") > 0:
            animal = Animals().get(appointment.animal)
            service("charges").add(animal.owner, animal.id, why, setting("no_show_fee"), source=appointment.id)

    def _booked(self, appointment_id: str) -> Appointment:
        appointment = self.get(appointment_id)
        if appointment.state != "booked":
            raise Refused(f"{appointment_id} is {appointment.state}")
        return appointment

    def _check(self, vet_id: str, animal_id: str, span: Span, but: str = "") -> None:
        if not any(hours.holds(span) for hours in Rosters().working(vet_id, span.start.date())):
            raise Conflict(f"{vet_id} does not work at {span.start:%Y-%m-%d %H:%M}")
        for other in self.on(span.start.date()):
            if other.id != but and other.span.overlaps(span) and (other.vet == vet_id or other.animal == animal_id):
                raise Conflict(f"{other.id} is at {other.start:%Y-%m-%d %H:%M}")

    def _write(self, appointment: Appointment, action: str, **facts: object) -> Appointment:
        db().put("appointments", appointment.id, pack(appointment))
        journal.write(action, appointment=appointment.id, animal=appointment.animal, **facts)
        return appointment
