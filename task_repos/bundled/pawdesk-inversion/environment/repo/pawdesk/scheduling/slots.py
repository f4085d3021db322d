"""Where an appointment fits: pure reckoning over spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from pawdesk.spans import Span, free_of

LUNCH = (time(12, 0), time(13, 0))
MINUTES = {"checkup": 15, "vaccination": 15, "surgery": 90, "dental": 60, "imaging": 30, "emergency": 30, "followup": 15}


def minutes_for(reason: str, slot_minutes: int) -> int:
    """How long a reason takes, in whole slots."""
    wanted = MINUTES.get(reason, 30)
    return -(-wanted // slot_minutes) * slot_minutes


def round_up(moment: datetime, slot_minutes: int) -> datetime:
    """The next beginning of a slot."""
    over = timedelta(minutes=moment.minute % slot_minutes, seconds=moment.second)
    return moment if not over else moment - over + timedelta(minutes=slot_minutes)


def on_grid(moment: datetime, slot_minutes: int) -> bool:
    return round_up(moment, slot_minutes) == moment


def starts(working: Iterable[Span], taken: Iterable[Span], minutes: int, slot_minutes: int) -> Iterator[datetime]:
    """Moments at which so many minutes are free, one per slot; nothing begins in the lunch hour."""
    busy = list(taken)
    for hours in working:
        lunch = Span.on(hours.start.date(), *LUNCH)
        for free in free_of(hours, busy):
            at = round_up(free.start, slot_minutes)
            while at + timedelta(minutes=minutes) <= free.end:
                if not lunch.start <= at < lunch.end:
                    yield at
                at += timedelta(minutes=slot_minutes)


def spread(moments: Iterable[datetime], wanted: int) -> list[datetime]:
    """Some of the moments, not all in the first hour: at most two from each hour."""
    chosen: list[datetime] = []
    for moment in moments:
        same = [each for each in chosen if each.replace(minute=0) == moment.replace(minute=0)]
        if len(same) < 2:
            chosen.append(moment)
        if len(chosen) == wanted:
            break
    return chosen
