"""The medical record: notes that are never changed, only followed by corrections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import paragraph
from pawdesk.patients.animals import Animals

F = TypeVar("F", bound=Callable[..., Any])
KINDS = ("history", "finding", "diagnosis", "therapy", "phone")
CORRECTION_DAYS = 14


def journaled(action: str) -> Callable[[F], F]:
    """Writes a journal entry with the id of the note that the method gives back."""

    def decorate(method: F) -> F:
        def wrapped(self: Any, *args: Any, **named: Any) -> Any:
            note = method(self, *args, **named)
            journal.write(action, animal=note.animal, note=note.id, author=note.author)
            return note

        wrapped.__name__, wrapped.__doc__ = method.__name__, method.__doc__
        wrapped.__wrapped__ = method  # type: ignore[attr-defined]
        return wrapped  # type: ignore[return-value]

    return decorate


@dataclass(frozen=True)
class Note:
    """One note; `corrects` names the one that it replaces."""

    id: str
    animal: str
    kind: str
    text: str
    author: str
    corrects: str = ""
    written: datetime = field(default_factory=clock.now)


class Records:
    """Notes by animal."""

    @journaled("note.written")
    def write(self, animal_id: str, kind: str, text: str, author: str) -> Note:
        """Adds a note to the record of an animal."""
        animal = Animals().get(animal_id)
        if kind not in KINDS:
            raise Refused(f"no such kind of note: {kind}")
        if not text.strip():
            raise Refused("an empty note")
        note = Note("", animal.id, kind, text.strip(), author)
        return replace(note, id=db().insert("notes", {**pack(note), "id": None}))

    @journaled("note.corrected")
    def correct(self, note_id: str, text: str, author: str) -> Note:
        """Replaces a note by a new one, within two weeks; both stay in the record."""
        before = unpack(Note, db().get("notes", note_id))
        if db().find("notes", corrects=note_id):
            raise Refused(f"{note_id} was corrected already")
        if clock.now() - before.written > timedelta(days=CORRECTION_DAYS):
            raise Refused(f"{note_id} is older than {CORRECTION_DAYS} days")
        note = Note("", before.animal, before.kind, text.strip(), author, corrects=note_id)
        return replace(note, id=db().insert("notes", {**pack(note), "id": None}))

    def of_animal(self, animal_id: str, with_replaced: bool = False) -> list[Note]:
        """The notes in the order in which they were written."""
        notes = [unpack(Note, each) for each in db().find("notes", animal=animal_id)]
        replaced = {note.corrects for note in notes}
        shown = [note for note in notes if with_replaced or note.id not in replaced]
        return sorted(shown, key=lambda note: (note.written, note.id))

    def since(self, day: date) -> list[Note]:
        """Every note from a day on, of all animals."""
        notes = (unpack(Note, each) for each in db().find("notes"))
        return sorted((note for note in notes if note.written.date() >= day), key=lambda note: (note.written, note.id))

    def search(self, text: str) -> list[Note]:
        """Notes that hold a text, replaced ones left out."""
        notes = [unpack(Note, each) for each in db().find("notes")]
        replaced = {note.corrects for note in notes}
        return [note for note in notes if note.id not in replaced and text.casefold() in note.text.casefold()]

    def print_record(self, animal_id: str) -> str:
        """The whole record on paper, corrections marked."""
        animal = Animals().get(animal_id)
        lines = [f"{animal.species}, {Animals().age(animal_id)}", *(f"! {warning}" for warning in animal.warnings), ""]
        for note in self.of_animal(animal_id, with_replaced=True):
            mark = f" (corrects {note.corrects})" if note.corrects else ""
            lines += [f"{note.written:%Y-%m-%d %H:%M} {note.kind} by {note.author}{mark}", *paragraph(note.text), ""]
        return printer.print_page(setting("office_queue"), f"RECORD OF {animal.name}", lines)

    def reassign(self, old: str, new: str) -> int:
        """Moves the notes of one animal to another; the number moved."""
        moved = db().find("notes", animal=old)
        for each in moved:
            db().put("notes", each["id"], {**each, "animal": new})
        return len(moved)
