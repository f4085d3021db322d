"""A card on the birthday of an animal: sent with the morning jobs."""

from __future__ import annotations

from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.plugins import hooks
from pawdesk.services import service


def send_cards(**_: object) -> None:
    """Writes to the owners of animals that were born on this day of the year, once a year."""
    today = clock.today()
    for animal in service("animals").all_living():
        key = f"{animal.id}/{today.year}"
        if animal.born is None or (animal.born.month, animal.born.day) != (today.month, today.day):
            continue
        if animal.born == today or db().count("birthdays", key=key):
            continue
        years = today.year - animal.born.year
        service("owners").tell(animal.owner, f"{animal.name} is {years}", [f"all of us wish {animal.name} a happy birthday!"])
        db().insert("birthdays", {"key": key})
        journal.write("birthday.sent", animal=animal.id)


def activate() -> None:
    hooks.subscribe("morning", send_cards)
