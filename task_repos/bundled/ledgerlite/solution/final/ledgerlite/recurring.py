"""Recurring entries: templates with a rhythm, kept as JSON between runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from ledgerlite.book import Book
from ledgerlite.dates import add_months, as_date, next_business_day
from ledgerlite.errors import LedgerError, StorageError
from ledgerlite.money import coerce


class Rhythm(str, Enum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    def occurrence(self, start: date, index: int) -> date:
        """The day of the index-th occurrence; counted from the start so that the 31st recovers."""
        if self is Rhythm.WEEKLY:
            return start + timedelta(weeks=index)
        months = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}[self]
        return add_months(start, months * index)


@dataclass(frozen=True, slots=True)
class Template:
    """An entry that comes back.

    ``method`` says how the entry is made and is part of the file format: ``"post"`` for
    one debit and one credit (``args`` holds debit, credit and amount), ``"post_split"``
    for several legs (``args`` holds legs).  Amounts are kept as text.
    """

    key: str
    rhythm: Rhythm
    start: date
    method: str
    args: dict[str, object] = field(hash=False)
    memo: str = ""
    until: date | None = None
    business_days: bool = False
    paused: bool = False

    def occurrences(self, last: date) -> Iterator[tuple[int, date]]:
        """Numbered days up to ``last`` and the template's own end."""
        index = 0
        while True:
            day = self.rhythm.occurrence(self.start, index)
            if day > last or (self.until is not None and day > self.until):
                return
            yield index, next_business_day(day) if self.business_days else day
            index += 1

    def to_record(self) -> dict[str, object]:
        return {
            "key": self.key, "rhythm": self.rhythm.value, "start": self.start.isoformat(),
            "method": self.method, "args": self.args, "memo": self.memo,
            "until": self.until.isoformat() if self.until else None,
            "business_days": self.business_days, "paused": self.paused,
        }

    @classmethod
    def from_record(cls, record: dict[str, object]) -> Template:
        data = dict(record)
        if data.get("method") not in ("post", "post_split"):
            raise StorageError(f"template {data.get('key')!r}: unknown method {data.get('method')!r}")
        data["rhythm"] = Rhythm(data["rhythm"])
        data["start"] = as_date(data["start"])  # type: ignore[arg-type]
        if data.get("until"):
            data["until"] = as_date(data["until"])  # type: ignore[arg-type]
        return cls(**data)  # type: ignore[arg-type]


def monthly_transfer(key: str, start: date, debit: str, credit: str, amount: Decimal, memo: str) -> Template:
    """The most common template: the same two accounts every month."""
    args: dict[str, object] = {"debit": debit, "credit": credit, "amount": str(amount)}
    return Template(key, Rhythm.MONTHLY, start, "post", args, memo)


class Scheduler:
    """Enters what templates owe; every occurrence once, by its reference."""

    def __init__(self, book: Book, templates: Iterable[Template] = ()) -> None:
        self.book = book
        self._templates: dict[str, Template] = {}
        for template in templates:
            self.add(template)

    def add(self, template: Template) -> None:
        if template.key in self._templates:
            raise LedgerError(f"template {template.key!r} exists")
        self._templates[template.key] = template

    def pause(self, key: str, paused: bool = True) -> None:
        self._templates[key] = replace(self._templates[key], paused=paused)

    def templates(self) -> list[Template]:
        return [self._templates[key] for key in sorted(self._templates)]

    def due(self, last: date) -> list[tuple[Template, int, date]]:
        """Occurrences up to a day without an entry, oldest first."""
        found = [
            (template, index, day)
            for template in self.templates()
            if not template.paused
            for index, day in template.occurrences(last)
            if self.book.find_ref(_ref(template, index)) is None
        ]
        return sorted(found, key=lambda item: (item[2], item[0].key))

    def run(self, last: date) -> list[int]:
        """Enter everything due up to a day; returns the entry numbers."""
        return [self._enter(template, index, day) for template, index, day in self.due(last)]

    def _enter(self, template: Template, index: int, day: date) -> int:
        note, reference = _memo(template, day), _ref(template, index)
        args: dict[str, Any] = template.args
        if template.method == "post_split":
            lines = [(code, Decimal(str(amount))) for code, amount in args["legs"]]
            return self.book.record_entry(lines, on=day, note=note, reference=reference).number
        return self.book.record_transfer(
            coerce(args["amount"]),
            source=args["credit"],
            target=args["debit"],
            on=day,
            note=note,
            reference=reference,
        ).number


def _ref(template: Template, index: int) -> str:
    return f"recurring:{template.key}:{index}"


def _memo(template: Template, day: date) -> str:
    """Memo with the placeholders ``{month}`` and ``{year}`` filled in."""
    return template.memo.replace("{month}", f"{day:%Y-%m}").replace("{year}", f"{day:%Y}")


def save_templates(path: Path, templates: Iterable[Template]) -> None:
    records = [template.to_record() for template in templates]
    path.write_text(json.dumps(records, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load_templates(path: Path) -> list[Template]:
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StorageError(f"{path}: {error}") from error
    return [Template.from_record(record) for record in records]
