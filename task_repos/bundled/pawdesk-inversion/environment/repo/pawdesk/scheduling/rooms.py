"""Rooms and what stands in them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime

from pawdesk.documents import pack, unpack
from pawdesk.errors import Conflict, Refused
from pawdesk.infra import clock, journal
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.spans import Span


@dataclass(frozen=True)
class Use:
    """A room that is taken for a time."""

    id: str
    room: str
    start: datetime
    end: datetime
    purpose: str

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def quietest(rooms: list[str], uses: list[Use]) -> list[str]:
    """The rooms with the fewest minutes taken."""
    minutes = {room: sum(use.span.minutes for use in uses if use.room == room) for room in rooms}
    least = min(minutes.values())
    return [room for room in rooms if minutes[room] == least]


class Rooms:
    """Who uses which room when."""

    def names(self) -> list[str]:
        return [room for room in setting("rooms") if room not in self.closed()]

    def closed(self) -> list[str]:
        """Rooms that are being cleaned or mended now."""
        now = clock.now().isoformat()
        return sorted({each["room"] for each in db().find("closures") if each["until"] > now})

    def close(self, room: str, until: datetime, reason: str) -> None:
        """Takes a room out of use for a while."""
        if room not in setting("rooms"):
            raise Refused(f"no such room: {room}")
        if until <= clock.now():
            raise Refused("a room is closed until some time ahead")
        db().insert("closures", {"room": room, "until": until.isoformat(), "reason": reason})
        journal.write("room.closed", room=room, until=until, reason=reason)

    def uses(self, span: Span) -> list[Use]:
        found = (unpack(Use, each) for each in db().find("room_uses"))
        return [use for use in found if use.span.overlaps(span)]

    def free(self, span: Span) -> list[str]:
        """Rooms that nobody uses during a span."""
        taken = {use.room for use in self.uses(span)}
        return [room for room in self.names() if room not in taken]

    def take(self, span: Span, purpose: str, room: str = "") -> Use:
        """Takes a given room, or one of the quietest on that day."""
        free = self.free(span)
        if room and room not in free:
            raise Conflict(f"{room} is taken at {span.start:%Y-%m-%d %H:%M}")
        if not free:
            raise Conflict(f"no room at {span.start:%Y-%m-%d %H:%M}")
        day = Span.on(span.start.date(), setting("opening"), setting("closing"))
        chosen = room or random.choice(quietest(free, self.uses(day)))
        use = Use("", chosen, span.start, span.end, purpose)
        return replace(use, id=db().insert("room_uses", {**pack(use), "id": None}))

    def release(self, purpose: str) -> int:
        """Gives back what was taken for a purpose; the number of uses."""
        found = db().find("room_uses", purpose=purpose)
        for each in found:
            db().remove("room_uses", each["id"])
        return len(found)

    def load(self, span: Span) -> dict[str, int]:
        """Minutes taken by room, open or closed."""
        uses = self.uses(span)
        return {room: sum(use.span.minutes for use in uses if use.room == room) for room in setting("rooms")}
