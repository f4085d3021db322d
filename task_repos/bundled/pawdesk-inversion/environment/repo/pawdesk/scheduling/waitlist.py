"""Who would come earlier if somebody else does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pawdesk.documents import pack, unpack
from pawdesk.errors import PawdeskError, Refused
from pawdesk.infra import chance, clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.scheduling.slots import minutes_for
from pawdesk.services import service

ANSWER_HOURS = 3


@dataclass(frozen=True)
class Wish:
    """An animal that waits for a time, until a day."""

    id: str
    animal: str
    reason: str
    until: date
    entered: datetime
    urgent: bool = False
    vet: str = ""


@dataclass(frozen=True)
class Offer:
    """A free time that was offered; the owner answers with the code."""

    id: str
    wish: str
    vet: str
    start: datetime
    code: str
    open_until: datetime
    state: str = "open"


def first_in_line(wishes: list[Wish], vet: str, day: date, minutes: int, slot_minutes: int) -> Wish | None:
    """Urgent ones first, then the longest waiting, among those that fit."""
    fitting = [
        wish
        for wish in wishes
        if wish.until >= day and (not wish.vet or wish.vet == vet) and minutes_for(wish.reason, slot_minutes) <= minutes
    ]
    return min(fitting, key=lambda wish: (not wish.urgent, wish.entered, wish.id), default=None)


class Waitlist:
    """Wishes and offers."""

    def enter(self, animal_id: str, reason: str, until: date, urgent: bool = False, vet: str = "") -> Wish:
        """Puts an animal on the list."""
        animal = Animals().living(animal_id)
        if until < clock.today():
            raise Refused(f"{until} has passed")
        if any(wish.reason == reason for wish in self.of_animal(animal.id)):
            raise Refused(f"{animal.name} waits for {reason} already")
        wish = Wish("", animal.id, reason, until, clock.now(), urgent, vet)
        wish = replace(wish, id=db().insert("wishes", {**pack(wish), "id": None}))
        journal.write("wish.entered", wish=wish.id, animal=animal.id)
        return wish

    def wishes(self) -> list[Wish]:
        today = clock.today()
        found = (unpack(Wish, each) for each in db().find("wishes"))
        return [wish for wish in found if wish.until >= today]

    def of_animal(self, animal_id: str) -> list[Wish]:
        return [wish for wish in self.wishes() if wish.animal == animal_id]

    def offer(self, vet_id: str, start: datetime, minutes: int) -> Offer | None:
        """Offers a free time to the first in line; None when nobody fits or it is too near."""
        if start - clock.now() < timedelta(hours=1):
            return None
        asked = {offer.wish for offer in self.offers() if offer.state == "open"}
        waiting = [wish for wish in self.wishes() if wish.id not in asked]
        wish = first_in_line(waiting, vet_id, start.date(), minutes, setting("slot_minutes"))
        if wish is None:
            return None
        until = min(clock.now() + timedelta(hours=ANSWER_HOURS), start)
        offer = Offer("", wish.id, vet_id, start, chance.token(5), until)
        offer = replace(offer, id=db().insert("offers", {**pack(offer), "id": None}))
        journal.write("wish.offered", wish=wish.id, start=start)
        animal = Animals().get(wish.animal)
        Owners().tell(
            animal.owner,
            f"An earlier time for {animal.name}",
            [f"{start:%A, %d %B} at {start:%H:%M} has become free.", f"Answer with {offer.code} by {until:%H:%M}."],
            short=f"{animal.name}: {start:%d.%m. %H:%M} is free, answer {offer.code}",
        )
        return offer

    def offers(self) -> list[Offer]:
        return [unpack(Offer, each) for each in db().find("offers")]

    def accept(self, code: str) -> str:
        """The owner takes the time; gives the id of the appointment."""
        offer = next((each for each in self.offers() if each.code == code.upper() and each.state == "open"), None)
        if offer is None:
            raise Refused(f"no open offer {code}")
        if offer.open_until < clock.now():
            self._close(offer, "expired")
            raise Refused(f"offer {code} has expired")
        wish = unpack(Wish, db().get("wishes", offer.wish))
        with db().transaction():
            self._close(offer, "accepted")
            db().remove("wishes", wish.id)
            made = service("appointments").book(wish.animal, offer.vet, offer.start, wish.reason)
        for other in service("appointments").of_animal(wish.animal):
            if other.state == "booked" and other.reason == wish.reason and other.start > made.start:
                service("appointments").cancel(other.id, by_practice=True)
        return made.id

    def expire(self) -> int:
        """Closes offers without an answer and offers their times again; how many there were."""
        late = [each for each in self.offers() if each.state == "open" and each.open_until < clock.now()]
        for offer in late:
            self._close(offer, "expired")
            try:
                wish = unpack(Wish, db().get("wishes", offer.wish))
            except PawdeskError:
                continue
            self.offer(offer.vet, offer.start, minutes_for(wish.reason, setting("slot_minutes")))
        return len(late)

    def forget(self, animal_id: str) -> int:
        """Takes an animal off the list."""
        found = db().find("wishes", animal=animal_id)
        for each in found:
            db().remove("wishes", each["id"])
        return len(found)

    def _close(self, offer: Offer, state: str) -> None:
        db().put("offers", offer.id, pack(replace(offer, state=state)))
        journal.write(f"offer.{state}", offer=offer.id)
