"""How a fleet stands now, and how a rollout goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sluice.model.alarms import Alarm, worst
from sluice.model.commands import Command
from sluice.model.fleet import Fleet
from sluice.model.waves import Plan, Step, is_halted, summary
from sluice.reports.tables import as_text
from sluice.times import format_span, format_time


def status_report(fleet: Fleet, contacts: Mapping[str, datetime], alarms: Sequence[Alarm], now: datetime) -> str:
    """One line per station: when it last answered, and its worst open alarm."""
    rows = []
    for station in fleet:
        heard = contacts.get(station.name)
        age = "never" if heard is None else f"{format_span(now - heard)} ago"
        severity = worst([alarm for alarm in alarms if alarm.station == station.name])
        rows.append([station.name, station.title, age, "-" if severity is None else severity.value])
    return as_text(["station", "title", "answered", "alarm"], rows)


def command_report(commands: Sequence[Command]) -> str:
    rows = [[c.number, c.station, c.point, f"{c.value:g}", c.who, c.state.value, c.note or "-"] for c in commands]
    return as_text(["no", "station", "point", "value", "who", "state", "note"], rows, frozenset({0, 3}))


def rollout_report(plan: Plan, steps: Mapping[str, Step]) -> str:
    """Waves with the step of each station, and what it comes to."""
    lines = [f"Rollout of {plan.image}"]
    for number, wave in enumerate(plan.waves, 1):
        shown = ", ".join(f"{name} {steps.get(name, Step.WAITING).value}" for name in wave)
        lines.append(f"wave {number}: {shown}")
    counts = ", ".join(f"{count} {word}" for word, count in summary(plan, steps).items() if count)
    lines.append(f"{'halted: ' if is_halted(plan, steps) else ''}{counts}")
    return "\n".join(lines) + "\n"


def audit_report(entries: Sequence[Mapping[str, object]]) -> str:
    rows = [[entry["number"], entry["at"], entry["who"], entry["what"], entry["text"]] for entry in entries]
    return as_text(["no", "at", "who", "what", "text"], rows, frozenset({0}))


def alarm_report(alarms: Sequence[Alarm]) -> str:
    rows = [[a.severity.value, a.rule, f"{a.station}/{a.point}", f"{a.value:g}", format_time(a.began), a.ended and format_time(a.ended)] for a in alarms]
    return as_text(["severity", "rule", "point", "value", "began", "ended"], rows, frozenset({3}))
