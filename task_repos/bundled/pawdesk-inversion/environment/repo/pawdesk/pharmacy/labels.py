"""Labels for what goes home: the owner must know how much, how often and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.pharmacy.medicines import Dose, Medicines

LINE = 32


@dataclass(frozen=True)
class Label:
    """The lines of one label."""

    title: str
    lines: tuple[str, ...]


def fit(text: str, width: int = LINE) -> str:
    """A text that fits on a label line."""
    return text if len(text) <= width else text[: width - 1] + "…"


def withdrawal_text(days: int, until: date) -> str:
    """What a keeper of horses must know before slaughter."""
    return f"withdrawal {days} days, until {until}" if days else ""


class Labels:
    """The label printer."""

    def compose(self, animal_id: str, dose: Dose, days: int) -> Label:
        """A label for a dose that begins today."""
        animal = Animals().get(animal_id)
        owner = Owners().get(animal.owner)
        medicine = Medicines().get(dose.medicine)
        last = clock.today() + timedelta(days=days - 1)
        lines = [f"{animal.name} / {owner.name}", dose.text, f"until {last}"]
        if medicine.withdrawal_days:
            lines.append(withdrawal_text(medicine.withdrawal_days, last + timedelta(days=medicine.withdrawal_days)))
        if medicine.controlled:
            lines.append("KEEP LOCKED")
        lines += [setting("practice_name"), f"{clock.now():%Y-%m-%d %H:%M}"]
        return Label(fit(dose.medicine.upper()), tuple(fit(line) for line in lines))

    def print_label(self, animal_id: str, dose: Dose, days: int, copies: int = 1) -> list[str]:
        """Prints labels and gives the names of the pages."""
        if not 1 <= copies <= 5:
            raise Refused("one to five labels")
        label = self.compose(animal_id, dose, days)
        journal.write("label.printed", animal=animal_id, medicine=dose.medicine, copies=copies)
        return [printer.print_page(setting("label_queue"), label.title, label.lines) for _ in range(copies)]
