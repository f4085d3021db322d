"""Vaccinations: schemes by species, what was given, and what is due when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import headed, table
from pawdesk.patients.animals import Animal, Animals
from pawdesk.plugins import hooks
from pawdesk.services import service
from pawdesk.spans import add_months


@dataclass(frozen=True)
class Scheme:
    """First shot at so many weeks, second so many weeks later (0: none), then every so many months."""

    disease: str
    first_weeks: int
    second_after_weeks: int
    every_months: int
    needs_chip: bool = False


SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "dog": (
        Scheme("distemper", 8, 4, 36),
        Scheme("leptospirosis", 8, 4, 12),
        Scheme("rabies", 12, 0, 36, needs_chip=True),
    ),
    "cat": (Scheme("panleukopenia", 8, 4, 36), Scheme("cat flu", 8, 4, 12), Scheme("rabies", 12, 0, 36, needs_chip=True)),
    "rabbit": (Scheme("myxomatosis", 5, 0, 6), Scheme("rhd", 5, 3, 12)),
    "ferret": (Scheme("distemper", 8, 4, 12), Scheme("rabies", 12, 0, 36, needs_chip=True)),
    "horse": (Scheme("tetanus", 26, 4, 24), Scheme("influenza", 26, 4, 6)),
}


@dataclass(frozen=True)
class Shot:
    """One vaccination that was given."""

    id: str
    animal: str
    disease: str
    day: date
    batch: str
    vet: str


@dataclass(frozen=True)
class Due:
    """One vaccination that is due."""

    animal: str
    disease: str
    day: date
    why: str


def scheme_of(species: str, disease: str) -> Scheme:
    for scheme in SCHEMES.get(species, ()):
        if scheme.disease == disease:
            return scheme
    raise Refused(f"no scheme for {disease} in {species}s")


def next_due(scheme: Scheme, animal: Animal, shots: list[Shot]) -> tuple[date | None, str]:
    """When the next shot is due, and why; None when the birthday is not known and none was given."""
    given = sorted(shot.day for shot in shots if shot.disease == scheme.disease)
    if not given:
        if animal.born is None:
            return None, "birthday unknown"
        return animal.born + timedelta(weeks=scheme.first_weeks), "first"
    if len(given) == 1 and scheme.second_after_weeks:
        return given[0] + timedelta(weeks=scheme.second_after_weeks), "second"
    return add_months(given[-1], scheme.every_months), "again"


class Vaccinations:
    """The vaccination passes."""

    def give(self, animal_id: str, disease: str, batch: str, vet: str) -> Shot:
        """Notes a shot given today, takes the dose out of the stock and prints the sticker for the pass."""
        animal = Animals().living(animal_id)
        scheme = scheme_of(animal.species, disease)
        if scheme.needs_chip and not animal.chip:
            raise Refused(f"{disease}: {animal.name} needs a chip first")
        if any(shot.disease == disease and shot.day == clock.today() for shot in self.pass_of(animal_id)):
            raise Refused(f"{animal.name} got {disease} today already")
        service("stock").take_batch(f"vaccine {disease}", batch, 1)
        shot = Shot("", animal.id, disease, clock.today(), batch, vet)
        shot = replace(shot, id=db().insert("shots", {**pack(shot), "id": None}))
        journal.write("shot.given", animal=animal.id, disease=disease, batch=batch, vet=vet)
        hooks.emit("shot.given", animal=animal.id, disease=disease)
        again, _ = next_due(scheme, animal, self.pass_of(animal.id))
        printer.print_page(setting("label_queue"), disease.upper(), [animal.name, f"batch {batch}", f"again {again}", vet])
        return shot

    def pass_of(self, animal_id: str) -> list[Shot]:
        found = (unpack(Shot, each) for each in db().find("shots", animal=animal_id))
        return sorted(found, key=lambda shot: (shot.day, shot.id))

    def due(self, animal_id: str, until: date | None = None) -> list[Due]:
        """What is due up to a day (today, if none is given), the oldest first."""
        animal = Animals().living(animal_id)
        last = until or clock.today()
        shots = self.pass_of(animal_id)
        found = []
        for scheme in SCHEMES.get(animal.species, ()):
            day, why = next_due(scheme, animal, shots)
            if day is not None and day <= last:
                found.append(Due(animal.id, scheme.disease, day, why))
        return sorted(found, key=lambda due: (due.day, due.disease))

    def print_pass(self, animal_id: str) -> str:
        """The pass on paper."""
        animal = Animals().get(animal_id)
        rows = [(shot.day, shot.disease, shot.batch, shot.vet) for shot in self.pass_of(animal_id)]
        lines = table(("day", "disease", "batch", "vet"), rows)
        lines = headed(f"{animal.name}, {animal.species}, chip {animal.chip or '-'}", lines)
        return printer.print_page(setting("office_queue"), "VACCINATION PASS", [*lines, "", f"printed {clock.today()}"])
