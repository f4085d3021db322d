"""Commands that compute with water."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sluice.analysis.balance import Basin, balance
from sluice.analysis.rating import RatingCurve
from sluice.analysis.rollup import pulse_volume, run_hours
from sluice.cli.output import show
from sluice.errors import ConfigError
from sluice.gateway import Gateway
from sluice.model.readings import Reading
from sluice.reports.tables import as_csv, as_text
from sluice.times import day_bounds, format_time

Command = Callable[[Gateway, Namespace], int]


def discharge(gateway: Gateway, given: Namespace) -> int:
    """The curve is a TOML file with tables ``[[segments]]``."""
    curve = RatingCurve.parse(_toml(given.curve).get("segments", []))
    flows = curve.apply(gateway.history(given.station, "level"), "flow")
    show(as_csv(["at", "flow", "quality"], [[format_time(r.at), r.value, r.quality.value] for r in flows]))
    return 0


def show_balance(gateway: Gateway, given: Namespace) -> int:
    """The basin is a TOML file with ``curve``, ``level``, ``inflows`` and ``outflows``; points are ``station/point``."""
    table = _toml(given.basin)
    try:
        day = date.fromisoformat(given.day)
        basin = Basin(tuple((float(level), float(volume)) for level, volume in table["curve"]))
        points = [table["level"], *table["inflows"], *table["outflows"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"a balance of {given.basin}: {error}") from None
    start, end = day_bounds(day)
    found: dict[str, list[Reading]] = {}
    for name in points:
        station, _, point = name.partition("/")
        found[name] = gateway.history(station, point, start, end)
    sums = balance(basin, found[table["level"]], {n: found[n] for n in table["inflows"]}, {n: found[n] for n in table["outflows"]})
    rows = [["in", sums.inflow], ["out", sums.outflow], ["stored", sums.stored], ["lost", sums.lost]]
    show(as_text(["water", "m3"], rows, frozenset({1})))
    return 0


def usage(gateway: Gateway, given: Namespace) -> int:
    """Running hours for points in bits, cubic metres for counters of pulses (ten litres each)."""
    rows = []
    for point in gateway.fleet.station(given.station).points:
        readings = gateway.history(given.station, point.name)
        if point.unit == "bits":
            rows.append([point.name, f"{run_hours(readings):.2f} h"])
        elif point.kind.value == "state":
            rows.append([point.name, f"{pulse_volume(readings, 10.0):.2f} m3"])
    show(as_text(["point", "usage"], rows, frozenset({1})))
    return 0


def _toml(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from None


COMMANDS: dict[str, Command] = {"discharge": discharge, "balance": show_balance, "usage": usage}
