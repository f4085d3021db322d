"""Comma-separated files for the accountant and for the statistics of the chamber."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from pawdesk.billing.invoices import Invoices
from pawdesk.billing.takings import Takings
from pawdesk.infra import clock, files, journal
from pawdesk.infra.config import setting
from pawdesk.paper import csv_line
from pawdesk.patients.animals import Animals
from pawdesk.patients.records import Records
from pawdesk.patients.vaccinations import SCHEMES, Vaccinations
from pawdesk.spans import days_between, month_of


def csv_text(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A whole file: heads, then rows, each line ended."""
    return "".join(csv_line(row) + "\r\n" for row in [list(heads), *(list(row) for row in rows)])


class Exports:
    """Files under `exports/`; each is written down in the journal."""

    def invoices(self, day: date | None = None) -> str:
        """The invoices of a month, this one if no day is given; the name of the file."""
        first, last = month_of(day or clock.today())
        heads = ("number", "day", "owner", "net", "tax", "gross", "state")
        rows = [(i.number, i.day, i.owner, i.net, i.tax, i.gross, i.state) for i in Invoices().between(first, last)]
        return self._put(f"invoices-{first:%Y-%m}.csv", csv_text(heads, rows))

    def payments(self, day: date | None = None) -> str:
        """The payments of a month."""
        first, last = month_of(day or clock.today())
        found = [payment for when in days_between(first, last) for payment in Takings().on(when)]
        rows = [(p.id, p.invoice, p.amount, setting("currency"), p.way, p.at.isoformat(), p.receipt) for p in found]
        return self._put(f"payments-{first:%Y-%m}.csv", csv_text(("id", "invoice", "amount", "currency", "way", "at", "receipt"), rows))

    def animals(self) -> str:
        """Numbers of living animals by species and whether they are grown."""
        counts = Counter((animal.species, animal.grown_on(clock.today())) for animal in Animals().all_living())
        rows = [(species, "grown" if grown else "young", number) for (species, grown), number in sorted(counts.items())]
        return self._put(f"animals-{clock.today()}.csv", csv_text(("species", "age", "number"), rows))

    def protection(self) -> str:
        """How many animals of a species are protected against what today."""
        rows = []
        living = Animals().all_living()
        for species, schemes in SCHEMES.items():
            group = [animal for animal in living if animal.species == species]
            late = Counter(due.disease for animal in group for due in Vaccinations().due(animal.id))
            rows += [(species, each.disease, len(group), len(group) - late[each.disease]) for each in schemes if group]
        return self._put(f"protection-{clock.today()}.csv", csv_text(("species", "disease", "animals", "protected"), rows))

    def notes(self, days: int = 7) -> str:
        """The notes of the last days, for the meeting of the vets."""
        since = clock.today() - timedelta(days=days)
        rows = [(n.written.isoformat(), n.animal, n.kind, n.author, n.text) for n in Records().since(since)]
        return self._put(f"notes-{clock.today()}.csv", csv_text(("written", "animal", "kind", "author", "text"), rows))

    def read(self, name: str) -> str:
        """The text of an export."""
        return files.get(f"exports/{name}").decode("utf-8")

    def _put(self, name: str, text: str) -> str:
        files.put(f"exports/{name}", text.encode("utf-8"))
        copy = os.environ.get("PAWDESK_EXPORTS")
        if copy:
            with open(Path(copy) / name, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        journal.write("export.written", file=name)
        return name
