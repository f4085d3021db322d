"""The sheet of the day: who comes, who works, what is to be done in the ward."""

from __future__ import annotations

from datetime import date

from pawdesk.infra import clock, mailer, printer
from pawdesk.infra.config import setting
from pawdesk.paper import headed, table
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.scheduling.appointments import Appointments
from pawdesk.scheduling.rosters import Rosters
from pawdesk.treatment.lab import Lab
from pawdesk.treatment.ward import Ward


class DaySheet:
    """One page for the wall behind the front desk."""

    def lines(self, day: date | None = None) -> list[str]:
        """The lines of the sheet, today's if no day is given."""
        when = day or clock.today()
        vets = {member.id: member.name for member in Rosters().staff()}
        rows = []
        for each in Appointments().on(when):
            animal = Animals().get(each.animal)
            owner = Owners().get(animal.owner)
            marks = "!" * bool(animal.warnings)
            rows.append((f"{each.start:%H:%M}", each.room, animal.name + marks, owner.name, each.reason, vets.get(each.vet, each.vet)))
        lines = headed(f"{when:%A, %d %B %Y}", table(("at", "room", "animal", "owner", "reason", "vet"), rows))
        duty = ", ".join(member.name for member in Rosters().on_duty(when))
        lines += ["", f"on duty: {duty or 'nobody'}"]
        lines += [f"ward: {at:%H:%M} {stay} {what}" for at, stay, what in Ward().todo(minutes=12 * 60)]
        lines += [f"laboratory late: {order.key} {order.panel}" for order in Lab().overdue()]
        return lines

    def print_sheet(self, day: date | None = None) -> str:
        return printer.print_page(setting("office_queue"), "DAY SHEET", self.lines(day))

    def mail_sheet(self, day: date | None = None) -> int:
        """Sends the sheet to everybody on duty; how many."""
        when = day or clock.today()
        text = "\n".join(self.lines(when)) + "\n"
        addressed = [member for member in Rosters().on_duty(when) if member.mail]
        for member in addressed:
            mailer.send(member.mail, f"Day sheet {when}", text)
        return len(addressed)

    def show(self, day: date | None = None) -> None:
        """Writes the sheet to the terminal."""
        for line in self.lines(day):
            print(line)

    def utilisation(self, day: date | None = None) -> dict[str, int]:
        """Per cent of their working time that vets have appointments, by id."""
        when = day or clock.today()
        found = {}
        for vet in Rosters().on_duty(when):
            working = sum(span.minutes for span in Rosters().working(vet.id, when))
            booked = sum(each.span.minutes for each in Appointments().on(when, vet.id))
            found[vet.id] = booked * 100 // working
        return found
