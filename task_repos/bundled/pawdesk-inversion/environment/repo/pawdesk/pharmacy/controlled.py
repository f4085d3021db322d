"""The book of controlled substances: every unit in and out, with two names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import chance, clock, journal, mailer, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import table
from pawdesk.pharmacy.medicines import Medicines
from pawdesk.pharmacy.stock import Stock

AUTHORITY = "controlled@board.example"


@dataclass(frozen=True)
class Line:
    """One line of the book with the balance after it."""

    id: str
    at: datetime
    medicine: str
    change: Decimal
    balance: Decimal
    vet: str
    witness: str
    reason: str
    slip: str = ""


class ControlledBook:
    """Lines by medicine, and the count of the cupboard."""

    def enter(self, medicine: str, change: Decimal | str | int, vet: str, witness: str, reason: str) -> Line:
        """Writes a line; it needs two different people and a balance that does not go below zero."""
        if not Medicines().get(medicine).controlled:
            raise Refused(f"{medicine} is not controlled")
        if not witness or witness == vet:
            raise Refused("a line of the book needs a witness")
        balance = self.balance(medicine) + Decimal(change)
        if balance < 0:
            raise Refused(f"{medicine}: the book has {self.balance(medicine)} only")
        line = Line("", clock.now(), medicine, Decimal(change), balance, vet, witness, reason, slip=chance.token(5))
        line = replace(line, id=db().insert("controlled", {**pack(line), "id": None}))
        journal.write("controlled.line", medicine=medicine, change=change, vet=vet, witness=witness)
        return line

    def lines(self, medicine: str) -> list[Line]:
        return [unpack(Line, each) for each in db().find("controlled", medicine=medicine)]

    def balance(self, medicine: str) -> Decimal:
        lines = self.lines(medicine)
        return lines[-1].balance if lines else Decimal(0)

    def dispense(self, medicine: str, units: Decimal | str | int, vet: str, witness: str, reason: str) -> Line:
        """Takes units off the shelf and writes the line, or does neither."""
        with db().transaction():
            Stock().take(medicine, units, f"controlled: {reason}")
            return self.enter(medicine, -Decimal(units), vet, witness, reason)

    def count(self, medicine: str, counted: Decimal | str | int, vet: str, witness: str) -> Decimal:
        """Compares the cupboard with the book; a difference is entered and told to the board."""
        difference = Decimal(counted) - self.balance(medicine)
        if difference:
            line = self.enter(medicine, difference, vet, witness, "count")
            body = f"{setting('practice_name')} counted {counted} of {medicine}; the book had {line.balance - difference}."
            mailer.send(AUTHORITY, f"Difference in {medicine}: {difference:+}", body + f"\nSlip {line.slip}\n")
        journal.write("controlled.count", medicine=medicine, counted=counted, difference=difference)
        return difference

    def print_book(self, medicine: str, year: int) -> str:
        """A year of the book on paper."""
        lines = [line for line in self.lines(medicine) if line.at.year == year]
        rows = [(f"{x.at:%m-%d %H:%M}", f"{x.change:+}", x.balance, x.vet, x.witness, x.reason) for x in lines]
        page = table(("at", "change", "balance", "vet", "witness", "reason"), rows, right=(1, 2))
        return printer.print_page(setting("office_queue"), f"{medicine.upper()} {year}", [*page, "", f"printed {clock.now()}"])
