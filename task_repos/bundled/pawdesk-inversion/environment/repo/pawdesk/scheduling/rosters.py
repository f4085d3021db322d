"""Who works when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from pawdesk.documents import pack, unpack
from pawdesk.errors import Conflict, Refused
from pawdesk.infra import clock, journal, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.spans import Span, days_between, free_of, merge

ROLES = ("vet", "nurse", "desk")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_HOURS = 10


@dataclass(frozen=True)
class Member:
    """One of the staff; `days` are weekdays of the regular week."""

    id: str
    name: str
    role: str
    mail: str
    days: tuple[str, ...]
    start: str
    end: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absence:
    """Days on which somebody is not there."""

    id: str
    member: str
    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class Duty:
    """Extra hours on one day."""

    id: str
    member: str
    start: datetime
    end: datetime


def hours_of(member: Member, day: date) -> Span | None:
    """The regular hours on a day."""
    if WEEKDAYS[day.weekday()] not in member.days:
        return None
    return Span.on(day, time.fromisoformat(member.start), time.fromisoformat(member.end))


class Rosters:
    """Staff, their regular weeks, absences and extra duties."""

    def hire(self, name: str, role: str, mail: str, days: tuple[str, ...], start: str = "", end: str = "", skills: tuple[str, ...] = ()) -> Member:
        """Enters somebody; without hours they work while the practice is open."""
        if role not in ROLES:
            raise Refused(f"no such role: {role}")
        unknown = [day for day in days if day not in WEEKDAYS]
        if unknown:
            raise Refused(f"no such weekday: {unknown[0]}")
        begin, until = start or f"{setting('opening'):%H:%M}", end or f"{setting('closing'):%H:%M}"
        hours = Span.on(date(2000, 1, 1), time.fromisoformat(begin), time.fromisoformat(until))
        if hours.minutes > LONGEST_HOURS * 60:
            raise Refused(f"nobody works longer than {LONGEST_HOURS} hours")
        member = Member("", name, role, mail, tuple(days), begin, until, tuple(skills))
        member = replace(member, id=db().insert("staff", {**pack(member), "id": None}))
        journal.write("staff.hired", member=member.id, role=role)
        return member

    def get(self, member_id: str) -> Member:
        return unpack(Member, db().get("staff", member_id))

    def staff(self, role: str = "", skill: str = "") -> list[Member]:
        found = (unpack(Member, each) for each in db().find("staff"))
        return [m for m in found if (not role or m.role == role) and (not skill or skill in m.skills)]

    def absent(self, member_id: str, first: date, last: date, reason: str) -> Absence:
        """Notes an absence and tells the team; holidays lie ahead, illness may begin today."""
        member = self.get(member_id)
        if last < first:
            raise Refused("an absence ends after it begins")
        if reason != "ill" and first <= clock.today():
            raise Refused("holidays are entered ahead")
        absence = Absence("", member_id, first, last, reason)
        absence = replace(absence, id=db().insert("absences", {**pack(absence), "id": None}))
        journal.write("staff.absent", member=member_id, first=first, last=last)
        for other in self.staff(member.role):
            if other.id != member_id and other.mail:
                mailer.send(other.mail, f"{member.name} is away", f"{member.name} is away from {first} to {last} ({reason}).\n")
        return absence

    def extra(self, member_id: str, start: datetime, end: datetime) -> Duty:
        """Extra hours, not on days of absence."""
        if self.is_absent(member_id, start.date()):
            raise Conflict(f"{member_id} is away on {start.date()}")
        Span(start, end)
        duty = Duty("", member_id, start, end)
        duty = replace(duty, id=db().insert("duties", {**pack(duty), "id": None}))
        journal.write("staff.extra", member=member_id, start=start)
        return duty

    def is_absent(self, member_id: str, day: date) -> bool:
        found = (unpack(Absence, each) for each in db().find("absences", member=member_id))
        return any(absence.first <= day <= absence.last for absence in found)

    def working(self, member_id: str, day: date) -> list[Span]:
        """The hours of a member on a day, extra duties included."""
        if self.is_absent(member_id, day):
            return []
        regular = hours_of(self.get(member_id), day)
        duties = (unpack(Duty, each) for each in db().find("duties", member=member_id))
        spans = [Span(duty.start, duty.end) for duty in duties if duty.start.date() == day]
        return merge([*([regular] if regular else []), *spans])

    def on_duty(self, day: date | None = None, role: str = "vet") -> list[Member]:
        """Who works on a day, today if none is given."""
        when = day or clock.today()
        return [member for member in self.staff(role) if self.working(member.id, when)]

    def gaps(self, first: date, last: date, role: str = "vet") -> list[Span]:
        """Opening hours without anybody of a role."""
        found: list[Span] = []
        for day in days_between(first, last):
            whole = Span.on(day, setting("opening"), setting("closing"))
            if WEEKDAYS[day.weekday()] != "sun":
                found += free_of(whole, [s for m in self.staff(role) for s in self.working(m.id, day)])
        return found
