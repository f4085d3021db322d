"""Night watch: looks through the kept readings, and queues commands for the morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from sluice.gateway import Gateway
from sluice.model.readings import Reading


def first_doubtful(gateway: Gateway, start: datetime, end: datetime, most: int = 5) -> list[Reading]:
    """The first few readings that cannot be used; no more is read than it takes."""
    return list(islice((r for r in gateway.scan(start, end) if not r.is_usable), most))


def lowest(gateway: Gateway, station: str, start: datetime, end: datetime) -> float | None:
    values = [r.value for r in gateway.history(station, "level", start, end) if r.is_usable and r.value is not None]
    return min(values, default=None)


def close_for_the_night(gateway: Gateway, stations: tuple[str, ...], who: str = "night watch") -> list[int]:
    """Queue a closed gate for each station, and send; the numbers that were done."""
    for station in stations:
        gateway.submit(station, "gate", 0.0, who, timedelta(hours=8))
    return [command.number for command in gateway.run_commands() if command.state.value == "done"]
