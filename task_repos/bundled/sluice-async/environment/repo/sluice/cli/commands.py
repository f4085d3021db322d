"""Commands that work on a gateway of their own."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sluice.analysis.rollup import rollup
from sluice.cli.output import show, show_readings
from sluice.errors import ConfigError
from sluice.gateway import Gateway
from sluice.reports.daily import daily_report, silence_report, tendencies
from sluice.reports.fleet import alarm_report, audit_report, command_report, rollout_report, status_report
from sluice.reports.tables import as_csv
from sluice.times import day_bounds, format_time

Command = Callable[[Gateway, Namespace], int]


def status(gateway: Gateway, given: Namespace) -> int:
    show(status_report(gateway.fleet, gateway.contacts(), gateway.alarms(only_open=True), gateway.clock.now()))
    return 0


def read(gateway: Gateway, given: Namespace) -> int:
    show_readings(gateway.fleet, gateway.read(given.station, *given.points))
    return 0


def poll(gateway: Gateway, given: Namespace) -> int:
    """Fails when a station fails."""
    found = gateway.poll(*given.stations)
    show_readings(gateway.fleet, found.readings)
    for name, reason in found.failed.items():
        show(f"{name} failed: {reason}\n")
    return 1 if found.failed else 0


def catch_up(gateway: Gateway, given: Namespace) -> int:
    show(f"{len(gateway.catch_up(given.station))} readings\n")
    return 0


def history(gateway: Gateway, given: Namespace) -> int:
    rows = [[format_time(r.at), r.value, r.quality.value, r.origin.value] for r in gateway.history(given.station, given.point)]
    show(as_csv(["at", "value", "quality", "origin"], rows))
    return 0


def last(gateway: Gateway, given: Namespace) -> int:
    found = gateway.last(given.station, given.point)
    show_readings(gateway.fleet, [] if found is None else [found])
    return 0 if found is not None else 1


def write(gateway: Gateway, given: Namespace) -> int:
    show(f"reads {gateway.write(given.station, given.point, _number(given.value), given.who):g}\n")
    return 0


def submit(gateway: Gateway, given: Namespace) -> int:
    show(f"command {gateway.submit(given.station, given.point, _number(given.value), given.who).number}\n")
    return 0


def withdraw(gateway: Gateway, given: Namespace) -> int:
    show(f"command {gateway.withdraw(int(_number(given.number)), given.who).number} is cancelled\n")
    return 0


def list_commands(gateway: Gateway, given: Namespace) -> int:
    show(command_report(gateway.commands()))
    return 0


def run(gateway: Gateway, given: Namespace) -> int:
    show(command_report(gateway.run_commands()))
    return 0


def alarms(gateway: Gateway, given: Namespace) -> int:
    show(alarm_report(gateway.alarms(only_open=given.open)))
    return 0


def audit(gateway: Gateway, given: Namespace) -> int:
    """Fails when the trail was changed."""
    gateway.verify_audit()
    show(audit_report(gateway.audit()))
    return 0


def flush(gateway: Gateway, given: Namespace) -> int:
    show(f"{gateway.flush()} batches\n")
    for number, reason in gateway.refused():
        show(f"batch {number} was refused: {reason}\n")
    return 0


def tidy(gateway: Gateway, given: Namespace) -> int:
    done = gateway.tidy()
    show(f"{len(done.pruned)} days, {done.doubles} doubles, {done.links} links\n")
    return 0


def clocks(gateway: Gateway, given: Namespace) -> int:
    found = gateway.check_clocks()
    for name, ahead in found.ahead.items():
        show(f"{name} {ahead.total_seconds():+.0f} s\n")
    for name, reason in found.failed.items():
        show(f"{name} failed: {reason}\n")
    return 1 if found.failed else 0


def report(gateway: Gateway, given: Namespace) -> int:
    try:
        day = date.fromisoformat(given.day)
    except ValueError:
        raise ConfigError(f"not a day: {given.day!r}") from None
    readings = list(gateway.scan(*day_bounds(day)))
    show(daily_report(gateway.fleet, day, readings, gateway.alarms(), gateway.settings.poll.span))
    for station, point, words in tendencies(gateway.fleet, readings):
        show(f"{station}/{point} {words}\n")
    show("\n" + silence_report(gateway.fleet, readings))
    return 0


def hourly(gateway: Gateway, given: Namespace) -> int:
    rows = rollup(gateway.scan(station=gateway.fleet.station(given.station).name))
    cells = [[r.point, format_time(r.start), r.summary.count, r.summary.low, r.summary.mean, r.summary.high] for r in rows]
    show(as_csv(["point", "hour", "count", "low", "mean", "high"], cells))
    return 0


def add_image(gateway: Gateway, given: Namespace) -> int:
    try:
        data = Path(given.file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{given.file} cannot be read: {error.strerror}") from None
    show(f"{gateway.add_image(given.model, given.version, data).name}\n")
    return 0


def rollout(gateway: Gateway, given: Namespace) -> int:
    """Begin a rollout when stations are named, else go on with it; fails while a station has failed."""
    if given.stations:
        gateway.start_rollout(given.image, given.stations, tolerated=given.tolerated)
    counts = gateway.run_rollout(given.image)
    show(rollout_report(*gateway.rollout(given.image)))
    return 1 if counts["failed"] else 0


def serve(gateway: Gateway, given: Namespace) -> int:
    for name, address in gateway.start().items():
        show(f"{name} listens on {address}\n")
    gateway.wait(given.seconds)
    return 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"not a number: {text!r}") from None


COMMANDS: dict[str, Command] = {
    "status": status,
    "read": read,
    "poll": poll,
    "catch-up": catch_up,
    "history": history,
    "last": last,
    "write": write,
    "submit": submit,
    "withdraw": withdraw,
    "commands": list_commands,
    "run": run,
    "alarms": alarms,
    "audit": audit,
    "flush": flush,
    "tidy": tidy,
    "clocks": clocks,
    "report": report,
    "rollup": hourly,
    "add-image": add_image,
    "rollout": rollout,
    "serve": serve,
}
