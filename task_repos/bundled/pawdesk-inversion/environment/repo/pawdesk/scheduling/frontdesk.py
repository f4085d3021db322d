"""The front desk: who has come, who is next, how long it will take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, Refused
from pawdesk.infra import journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.plugins import hooks
from pawdesk.scheduling.appointments import Appointments
from pawdesk.scheduling.rosters import Rosters

TRIAGE = {"red": 0, "orange": 10, "green": 60}


@dataclass(frozen=True)
class Ticket:
    """An animal in the waiting room."""

    id: str
    animal: str
    triage: str
    came: datetime
    expected: datetime
    appointment: str = ""
    state: str = "waiting"


def rank(ticket: Ticket, now: datetime) -> tuple[float, datetime, str]:
    """Smaller is sooner: how many minutes are left of what the triage allows, or until the appointed time."""
    allowed = TRIAGE[ticket.triage]
    waited = (now - ticket.came).total_seconds() / 60
    left = allowed - waited
    if ticket.appointment and ticket.triage == "green":
        left = min(left, (ticket.expected - now).total_seconds() / 60)
    return (left, ticket.came, ticket.id)


class FrontDesk:
    """Tickets of the waiting room."""

    def check_in(self, code: str) -> Ticket:
        """Somebody shows the code of an appointment at the terminal of the door."""
        appointment = Appointments().by_code(code)
        now = datetime.now().replace(microsecond=0)
        if appointment is None:
            owner = Owners().by_code(code)
            if owner is None:
                raise NotFound("code", code)
            raise Refused(f"{owner.name} has no appointment under this code")
        Appointments().arrive(appointment.id)
        return self._issue(Ticket("", appointment.animal, "green", now, appointment.start, appointment.id))

    def walk_in(self, animal_id: str, triage: str) -> Ticket:
        """Somebody comes without an appointment; the nurse says how urgent it is."""
        animal = Animals().living(animal_id)
        if triage not in TRIAGE:
            raise Refused(f"no such triage: {triage}")
        now = datetime.now().replace(microsecond=0)
        return self._issue(Ticket("", animal.id, triage, now, now))

    def waiting(self) -> list[Ticket]:
        """Who waits, the next one first."""
        now = datetime.now()
        tickets = [unpack(Ticket, each) for each in db().find("tickets", state="waiting")]
        return sorted(tickets, key=lambda ticket: rank(ticket, now))

    def call_next(self, vet: str) -> Ticket:
        """Calls the next one in; the vet must be on duty."""
        if vet not in {member.id for member in Rosters().on_duty(datetime.now().date())}:
            raise Refused(f"{vet} is not on duty")
        line = self.waiting()
        if not line:
            raise Refused("nobody waits")
        ticket = replace(line[0], state="called")
        db().put("tickets", ticket.id, pack(ticket))
        journal.write("ticket.called", ticket=ticket.id, vet=vet)
        hooks.emit("ticket.called", ticket=ticket.id)
        return ticket

    def go_away(self, ticket_id: str) -> None:
        """Somebody does not want to wait any longer."""
        ticket = unpack(Ticket, db().get("tickets", ticket_id))
        db().put("tickets", ticket_id, pack(replace(ticket, state="gone")))
        journal.write("ticket.gone", ticket=ticket_id)

    def minutes_to_wait(self, ticket_id: str) -> int:
        """A guess for the screen: a slot for each one before, shared by the vets on duty."""
        line = [ticket.id for ticket in self.waiting()]
        if ticket_id not in line:
            return 0
        vets = max(1, len(Rosters().on_duty(datetime.now().date())))
        return line.index(ticket_id) * setting("slot_minutes") // vets

    def _issue(self, ticket: Ticket) -> Ticket:
        issued = replace(ticket, id=db().insert("tickets", {**pack(ticket), "id": None}))
        journal.write("ticket.issued", ticket=issued.id, animal=issued.animal, triage=issued.triage)
        animal = Animals().get(issued.animal)
        printer.print_page(setting("label_queue"), issued.id, [animal.name, issued.triage, f"{issued.came:%H:%M}"])
        return issued
