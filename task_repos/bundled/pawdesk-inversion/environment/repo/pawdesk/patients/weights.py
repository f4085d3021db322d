"""What the animals weigh, over time: doses and diets depend on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.plugins import hooks

HEAVIEST = {"dog": 110, "cat": 20, "rabbit": 10, "guinea pig": 3, "ferret": 4, "parrot": 3, "tortoise": 60, "horse": 1200}
FRESH_DAYS = 90
ALARM = Decimal("0.10")


@dataclass(frozen=True)
class Weight:
    """Kilograms on a day."""

    id: str
    animal: str
    day: date
    kg: Decimal


def change(before: Decimal, after: Decimal) -> Decimal:
    """The change as a rate of what it was, three places."""
    return ((after - before) / before).quantize(Decimal("0.001"))


def trend(weights: list[Weight]) -> Decimal:
    """Kilograms per thirty days over the whole row, by the first and the last."""
    if len(weights) < 2 or weights[0].day == weights[-1].day:
        return Decimal("0.00")
    days = (weights[-1].day - weights[0].day).days
    return ((weights[-1].kg - weights[0].kg) * 30 / days).quantize(Decimal("0.01"))


class Weights:
    """Weights by animal."""

    def note(self, animal_id: str, kg: Decimal | str | int, day: date | None = None) -> Weight:
        """Notes a weight, today's if no day is given; a change of a tenth within a month raises an alarm."""
        animal = Animals().living(animal_id)
        value, when = Decimal(kg), day or clock.today()
        if not 0 < value <= HEAVIEST[animal.species]:
            raise Refused(f"a {animal.species} does not weigh {value} kg")
        if when > clock.today():
            raise Refused("a weight is noted afterwards")
        before = self._latest(animal.id)
        weight = Weight("", animal.id, when, value)
        weight = replace(weight, id=db().insert("weights", {**pack(weight), "id": None}))
        journal.write("weight.noted", animal=animal.id, kg=value)
        if before is not None and when - before.day <= timedelta(days=30) and abs(change(before.kg, value)) >= ALARM:
            Animals().warn(animal.id, f"weight changed by {change(before.kg, value):+.1%} until {when}")
            hooks.emit("weight.alarm", animal=animal.id, kg=str(value))
        return weight

    def history(self, animal_id: str) -> list[Weight]:
        found = (unpack(Weight, each) for each in db().find("weights", animal=animal_id))
        return sorted(found, key=lambda weight: (weight.day, weight.id))

    def for_dose(self, animal_id: str) -> Decimal:
        """A weight that is fresh enough to reckon a dose from."""
        latest = self._latest(animal_id)
        if latest is None:
            raise NotFound("weight of", animal_id)
        if (clock.today() - latest.day).days > FRESH_DAYS:
            raise Refused(f"the last weight of {animal_id} is from {latest.day}")
        return latest.kg

    def trend_of(self, animal_id: str, days: int = 180) -> Decimal:
        """Kilograms per thirty days over the last days."""
        since = clock.today() - timedelta(days=days)
        return trend([weight for weight in self.history(animal_id) if weight.day >= since])

    def reassign(self, old: str, new: str) -> int:
        """Moves the weights of one animal to another; the number moved."""
        moved = db().find("weights", animal=old)
        for each in moved:
            db().put("weights", each["id"], {**each, "animal": new})
        return len(moved)

    def _latest(self, animal_id: str) -> Weight | None:
        history = self.history(animal_id)
        return history[-1] if history else None
