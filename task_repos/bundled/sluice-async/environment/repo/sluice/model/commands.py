"""Commands: what somebody wants an outstation to do, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sluice.errors import CommandError
from sluice.times import format_time, parse_time


class CommandState(Enum):
    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (CommandState.WAITING, CommandState.SENT)


_NEXT = {
    CommandState.WAITING: {CommandState.SENT, CommandState.EXPIRED, CommandState.CANCELLED},
    CommandState.SENT: {CommandState.DONE, CommandState.REFUSED, CommandState.FAILED, CommandState.WAITING},
}


@dataclass(frozen=True, slots=True)
class Command:
    """Set a point of a station to a value; ``number`` is given by the store."""

    station: str
    point: str
    value: float
    who: str
    asked: datetime
    number: int = 0
    state: CommandState = CommandState.WAITING
    attempts: int = 0
    good_for: timedelta = timedelta(minutes=15)
    note: str = ""
    outside: str | None = field(default=None)
    """The identity that the collector gave to the command, where it came from there."""

    def moved(self, state: CommandState, note: str = "") -> Command:
        """The command in its next state."""
        if state not in _NEXT.get(self.state, set()):
            raise CommandError(f"command {self.number} is {self.state.value}, it cannot become {state.value}")
        attempts = self.attempts + 1 if state is CommandState.SENT else self.attempts
        return replace(self, state=state, attempts=attempts, note=note or self.note)

    def is_expired(self, now: datetime) -> bool:
        return self.state is CommandState.WAITING and now - self.asked > self.good_for

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "station": self.station,
            "point": self.point,
            "value": self.value,
            "who": self.who,
            "asked": format_time(self.asked),
            "state": self.state.value,
            "attempts": self.attempts,
            "good_for": self.good_for.total_seconds(),
            "note": self.note,
            "outside": self.outside,
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Command:
        try:
            return cls(
                table["station"],
                table["point"],
                float(table["value"]),
                table["who"],
                parse_time(table["asked"]),
                int(table.get("number", 0)),
                CommandState(table.get("state", "waiting")),
                int(table.get("attempts", 0)),
                timedelta(seconds=float(table.get("good_for", 900))),
                table.get("note", ""),
                table.get("outside"),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise CommandError(f"not a command: {error}") from None


def in_order(commands: list[Command]) -> list[Command]:
    """By number: older commands first."""
    return sorted(commands, key=lambda command: command.number)


def superseded(commands: list[Command]) -> list[Command]:
    """Waiting commands that a later one for the same point makes pointless."""
    last: dict[tuple[str, str], int] = {}
    for each in commands:
        if each.state is CommandState.WAITING:
            last[each.station, each.point] = max(each.number, last.get((each.station, each.point), 0))
    return [c for c in in_order(commands) if c.state is CommandState.WAITING and c.number < last[c.station, c.point]]
