"""The patients themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.patients.owners import Owners
from pawdesk.plugins import hooks
from pawdesk.services import service

SPECIES = ("dog", "cat", "rabbit", "guinea pig", "ferret", "parrot", "tortoise", "horse")
GROWN_MONTHS = {"dog": 15, "cat": 12, "rabbit": 8, "guinea pig": 6, "ferret": 10, "parrot": 36, "tortoise": 96, "horse": 48}


@dataclass(frozen=True)
class Animal:
    """One patient; `chip` is the number of the transponder."""

    id: str
    name: str
    species: str
    owner: str
    born: date | None = None
    sex: str = ""
    chip: str = ""
    breed: str = ""
    warnings: tuple[str, ...] = ()
    alive: bool = True
    merged_into: str = ""

    def months_on(self, day: date) -> int | None:
        """Age in whole months, when the birthday is known."""
        if self.born is None:
            return None
        months = (day.year - self.born.year) * 12 + day.month - self.born.month
        return months - (day.day < self.born.day)

    def grown_on(self, day: date) -> bool:
        """Whether it counts as grown; animals of unknown age do."""
        months = self.months_on(day)
        return months is None or months >= GROWN_MONTHS[self.species]


def check_chip(chip: str) -> None:
    """Transponders have fifteen digits."""
    if chip and not (chip.isdigit() and len(chip) == 15):
        raise Refused(f"not a chip number: {chip}")


class Animals:
    """The card index of patients."""

    def admit(self, owner_id: str, name: str, species: str, born: date | None = None, sex: str = "", chip: str = "", breed: str = "") -> Animal:
        """Enters a new patient."""
        owner = Owners().get(owner_id)
        if not owner.active:
            raise Refused(f"{owner.name} is no customer any more")
        if species not in SPECIES:
            raise Refused(f"no such species here: {species}")
        if born is not None and born > clock.today():
            raise Refused(f"{name} is not born yet")
        check_chip(chip)
        if chip and (other := self.by_chip(chip)):
            raise Refused(f"chip {chip} belongs to {other.id}")
        animal = Animal("", name, species, owner_id, born, sex, chip, breed)
        animal = replace(animal, id=db().insert("animals", {**pack(animal), "id": None}))
        journal.write("animal.admitted", animal=animal.id, owner=owner_id)
        hooks.emit("animal.admitted", animal=animal.id, owner=owner_id)
        return animal

    def get(self, animal_id: str) -> Animal:
        """The patient; one that was merged is found under the one it was merged into."""
        animal = unpack(Animal, db().get("animals", animal_id))
        return self.get(animal.merged_into) if animal.merged_into else animal

    def living(self, animal_id: str) -> Animal:
        animal = self.get(animal_id)
        if not animal.alive:
            raise Refused(f"{animal.name} is dead")
        return animal

    def of_owner(self, owner_id: str) -> list[Animal]:
        found = (unpack(Animal, each) for each in db().find("animals", owner=owner_id, merged_into=""))
        return sorted(found, key=lambda animal: (not animal.alive, animal.name))

    def by_chip(self, chip: str) -> Animal | None:
        return next((unpack(Animal, each) for each in db().find("animals", chip=chip, merged_into="")), None)

    def all_living(self) -> list[Animal]:
        return [unpack(Animal, each) for each in db().find("animals", alive=True, merged_into="")]

    def age(self, animal_id: str) -> str:
        """The age today as people say it."""
        months = self.get(animal_id).months_on(clock.today())
        if months is None:
            return "age unknown"
        years, rest = divmod(months, 12)
        if years == 0:
            return f"{rest} months"
        return f"{years} years" if rest == 0 or years > 2 else f"{years} years, {rest} months"

    def warn(self, animal_id: str, warning: str) -> Animal:
        """Adds a warning that everybody sees: it bites, it does not stand penicillin."""
        animal = self.get(animal_id)
        if warning in animal.warnings:
            return animal
        return self._store(replace(animal, warnings=(*animal.warnings, warning)), "animal.warning", warning=warning)

    def chip(self, animal_id: str, chip: str) -> Animal:
        """Notes the transponder that was put in."""
        check_chip(chip)
        other = self.by_chip(chip)
        if other is not None and other.id != animal_id:
            raise Refused(f"chip {chip} belongs to {other.id}")
        return self._store(replace(self.get(animal_id), chip=chip), "animal.chipped", chip=chip)

    def hand_over(self, animal_id: str, new_owner: str) -> Animal:
        """A patient gets another owner; the old one must have paid."""
        animal = self.living(animal_id)
        if service("balances").of_owner(animal.owner) > 0:
            raise Refused(f"{animal.owner} has unpaid invoices")
        Owners().get(new_owner)
        return self._store(replace(animal, owner=new_owner), "animal.handed_over", owner=new_owner, before=animal.owner)

    def died(self, animal_id: str, day: date | None = None) -> Animal:
        """Notes a death and takes the patient out of calendar, waiting list and reminders."""
        animal = self._store(replace(self.living(animal_id), alive=False), "animal.died", day=day or clock.today())
        service("appointments").forget(animal_id)
        service("waitlist").forget(animal_id)
        hooks.emit("animal.died", animal=animal_id)
        return animal

    def merge(self, keep_id: str, drop_id: str) -> Animal:
        """One animal was entered twice: everything of the second goes to the first."""
        keep, drop = self.get(keep_id), self.get(drop_id)
        if keep.id == drop.id or keep.species != drop.species or keep.owner != drop.owner:
            raise Refused(f"{keep_id} and {drop_id} are not the same animal")
        merged = replace(
            keep,
            born=keep.born or drop.born,
            chip=keep.chip or drop.chip,
            breed=keep.breed or drop.breed,
            warnings=tuple(dict.fromkeys(keep.warnings + drop.warnings)),
        )
        with db().transaction():
            db().put("animals", drop.id, pack(replace(drop, merged_into=keep.id, alive=False)))
            self._store(merged, "animal.merged", dropped=drop.id)
            moved = service("appointments").reassign(drop.id, keep.id)
            moved += service("records").reassign(drop.id, keep.id)
            moved += service("weights").reassign(drop.id, keep.id)
            journal.write("animal.moved", animal=keep.id, documents=moved)
        return merged

    def _store(self, animal: Animal, action: str, **facts: object) -> Animal:
        db().put("animals", animal.id, pack(animal))
        journal.write(action, animal=animal.id, **facts)
        return animal
