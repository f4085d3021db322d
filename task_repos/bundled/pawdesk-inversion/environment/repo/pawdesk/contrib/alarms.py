"""Sends alarms of the laboratory, the theatre and the scales to the telephone of the vet on call."""

from __future__ import annotations

from datetime import datetime

from pawdesk.infra import clock, texts
from pawdesk.infra.database import db
from pawdesk.plugins import hooks
from pawdesk.services import service

QUIET_MINUTES = 30
_last: dict[str, datetime] = {}


def on_call() -> str:
    """The telephone that gets alarms; set with `set_on_call`."""
    found = db().find("on_call")
    return found[-1]["phone"] if found else ""


def set_on_call(phone: str) -> None:
    db().insert("on_call", {"phone": phone, "since": clock.now().isoformat()})


def alarm(event: str, **facts: object) -> None:
    """One text for each alarm, not the same one twice within half an hour."""
    if not event.endswith(".alarm") or not on_call():
        return
    text = f"{event}: " + ", ".join(f"{name} {value}" for name, value in sorted(facts.items()))
    before = _last.get(text)
    if before is not None and (clock.now() - before).total_seconds() < QUIET_MINUTES * 60:
        return
    _last[text] = clock.now()
    names = {member.id: member.name for member in service("rosters").on_duty()}
    texts.send(on_call(), f"{text} (on duty: {', '.join(names.values()) or 'nobody'})")


def activate() -> None:
    _last.clear()
    hooks.subscribe("*", alarm)
