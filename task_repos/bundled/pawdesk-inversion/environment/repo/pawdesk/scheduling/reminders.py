"""Reminders of appointments and recalls to vaccinations, each sent once."""

from __future__ import annotations

from datetime import date, timedelta

from pawdesk.infra import clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.patients.vaccinations import Due, Vaccinations
from pawdesk.plugins import hooks
from pawdesk.scheduling.appointments import Appointment, Appointments


def appointment_text(name: str, appointment: Appointment) -> list[str]:
    """The paragraphs of a reminder."""
    start = appointment.start
    lines = [f"we expect {name} on {start:%A, %d %B} at {start:%H:%M}."]
    if appointment.reason in ("surgery", "dental"):
        lines.append(f"Please do not feed {name} from the evening before on.")
    return [*lines, f"Your code is {appointment.code}."]


def recall_text(name: str, dues: list[Due]) -> list[str]:
    """The paragraphs of a recall."""
    what = ", ".join(f"{due.disease} ({due.day})" for due in dues)
    return [f"{name} is due for vaccination: {what}.", "Please call us for an appointment."]


class Reminders:
    """What is sent every morning."""

    def due_appointments(self) -> list[Appointment]:
        """Booked appointments of the day that lies `reminder_days` ahead, without a reminder yet."""
        day = clock.today() + timedelta(days=setting("reminder_days"))
        return [a for a in Appointments().on(day) if a.state == "booked" and not self._sent("appointment", a.id)]

    def remind(self) -> int:
        """Sends the reminders of appointments; how many."""
        sent = 0
        for appointment in self.due_appointments():
            animal = Animals().get(appointment.animal)
            subject = f"Reminder: {animal.name} on {appointment.start:%d %B}"
            channel = Owners().tell(animal.owner, subject, appointment_text(animal.name, appointment))
            self._mark("appointment", appointment.id, channel)
            sent += channel != "none"
        return sent

    def due_recalls(self, until: date | None = None) -> dict[str, list[Due]]:
        """What is due within `recall_weeks`, by animal; nothing that was recalled in the last weeks."""
        last = until or clock.today() + timedelta(weeks=setting("recall_weeks"))
        found = {}
        for animal in Animals().all_living():
            dues = [d for d in Vaccinations().due(animal.id, last) if not self._sent("recall", f"{animal.id}/{d.disease}/{d.day}")]
            if dues:
                found[animal.id] = dues
        return found

    def recall(self) -> int:
        """Sends the recalls; how many letters."""
        sent = 0
        for animal_id, dues in self.due_recalls().items():
            animal = Animals().get(animal_id)
            channel = Owners().tell(animal.owner, f"Vaccination of {animal.name}", recall_text(animal.name, dues))
            for due in dues:
                self._mark("recall", f"{animal_id}/{due.disease}/{due.day}", channel)
            hooks.emit("recall.sent", animal=animal_id)
            sent += channel != "none"
        return sent

    def _sent(self, kind: str, subject: str) -> bool:
        return bool(db().count("reminders", kind=kind, subject=subject))

    def _mark(self, kind: str, subject: str, channel: str) -> None:
        db().insert("reminders", {"kind": kind, "subject": subject, "channel": channel, "at": clock.now().isoformat()})
        journal.write("reminder.sent", kind=kind, subject=subject, channel=channel)
