"""The ward: kennels, orders for the night, observations, and who must be fed when."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pawdesk.documents import pack, unpack
from pawdesk.errors import Conflict, Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.owners import Owners
from pawdesk.plugins import hooks
from pawdesk.services import service

KENNELS = int(setting("kennels"))
_admitting = threading.Lock()


@dataclass(frozen=True)
class Task:
    """Something that is done every so many hours; `last` is when it was done."""

    what: str
    every_hours: int
    last: datetime

    @property
    def due(self) -> datetime:
        return self.last + timedelta(hours=self.every_hours)


@dataclass(frozen=True)
class Observation:
    """What a nurse saw."""

    at: datetime
    nurse: str
    text: str


@dataclass(frozen=True)
class Stay:
    """One animal in one kennel."""

    id: str
    animal: str
    kennel: int
    since: datetime
    reason: str
    isolated: bool = False
    tasks: tuple[Task, ...] = ()
    seen: tuple[Observation, ...] = ()
    until: datetime | None = None


def nights(since: datetime, until: datetime) -> int:
    """Nights between two moments; a stay of one day counts as one."""
    return max(1, (until.date() - since.date()).days)


def neighbours(kennel: int) -> set[int]:
    """Kennels beside one, in rows of three."""
    row = kennel // 3
    return {other for other in (kennel - 1, kennel + 1) if other >= 0 and other // 3 == row}


class Ward:
    """Stays by kennel."""

    def admit(self, animal_id: str, reason: str, isolated: bool = False) -> Stay:
        """Gives an animal a kennel; isolated ones have no neighbours, and nobody moves in beside them."""
        animal = Animals().living(animal_id)
        with _admitting:
            stays = self.present()
            if any(stay.animal == animal.id for stay in stays):
                raise Refused(f"{animal.name} is in the ward")
            kennel = self._kennel(stays, isolated)
            stay = Stay("", animal.id, kennel, clock.now(), reason, isolated)
            stay = replace(stay, id=db().insert("stays", {**pack(stay), "id": None}))
        journal.write("ward.admitted", stay=stay.id, animal=animal.id, kennel=kennel)
        return stay

    def present(self) -> list[Stay]:
        return sorted((unpack(Stay, each) for each in db().find("stays", until=None)), key=lambda stay: stay.kennel)

    def get(self, stay_id: str) -> Stay:
        return unpack(Stay, db().get("stays", stay_id))

    def free(self) -> list[int]:
        """Kennels that are empty."""
        taken = {stay.kennel for stay in self.present()}
        return [number for number in range(KENNELS) if number not in taken]

    def order(self, stay_id: str, what: str, every_hours: int) -> Stay:
        """Orders something to be done every so many hours, for the first time when they have passed."""
        if not 1 <= every_hours <= 24:
            raise Refused("something is done every 1 to 24 hours")
        stay = self._present(stay_id)
        tasks = tuple(task for task in stay.tasks if task.what != what)
        return self._write(replace(stay, tasks=(*tasks, Task(what, every_hours, clock.now()))), "ward.ordered", what=what)

    def done(self, stay_id: str, what: str, nurse: str) -> Stay:
        """Somebody did what was ordered."""
        stay = self._present(stay_id)
        if what not in {task.what for task in stay.tasks}:
            raise Refused(f"{what} was not ordered")
        now = datetime.now().replace(microsecond=0)
        tasks = tuple(replace(task, last=now) if task.what == what else task for task in stay.tasks)
        return self._write(replace(stay, tasks=tasks), "ward.done", what=what, nurse=nurse)

    def observe(self, stay_id: str, nurse: str, text: str) -> Stay:
        """Notes what a nurse saw."""
        stay = self._present(stay_id)
        seen = Observation(datetime.now().replace(microsecond=0), nurse, text.strip())
        return self._write(replace(stay, seen=(*stay.seen, seen)), "ward.observed", nurse=nurse)

    def todo(self, minutes: int = 30) -> list[tuple[datetime, str, str]]:
        """What is due within some minutes: when, for whom, what."""
        limit = clock.now() + timedelta(minutes=minutes)
        found = [(task.due, stay.id, task.what) for stay in self.present() for task in stay.tasks if task.due <= limit]
        return sorted(found)

    def discharge(self, stay_id: str) -> Stay:
        """The animal goes home: nights are charged, the owner is told."""
        stay = self._present(stay_id)
        gone = replace(stay, until=clock.now())
        animal = Animals().get(stay.animal)
        count = nights(stay.since, clock.now())
        code = "WARD-ISO" if stay.isolated else "WARD"
        with db().transaction():
            self._write(gone, "ward.discharged", nights=count)
            price = service("prices").amount(code, count)
            service("charges").add(animal.owner, animal.id, f"ward, {count} nights", price, source=stay_id)
        Owners().tell(animal.owner, f"{animal.name} may come home", [f"{animal.name} can be fetched until {setting('closing'):%H:%M}."])
        hooks.emit("ward.discharged", stay=stay_id, animal=animal.id)
        return gone

    def _kennel(self, stays: list[Stay], isolated: bool) -> int:
        taken = {stay.kennel for stay in stays}
        shut = {number for stay in stays if stay.isolated for number in neighbours(stay.kennel)}
        for number in range(KENNELS):
            if number in taken or number in shut:
                continue
            if isolated and neighbours(number) & taken:
                continue
            return number
        raise Conflict("the ward is full")

    def _present(self, stay_id: str) -> Stay:
        stay = self.get(stay_id)
        if stay.until is not None:
            raise Refused(f"{stay_id} has ended")
        return stay

    def _write(self, stay: Stay, action: str, **facts: object) -> Stay:
        db().put("stays", stay.id, pack(stay))
        journal.write(action, stay=stay.id, **facts)
        return stay
