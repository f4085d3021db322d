"""The table of units, and the conversion of a number from one unit to another."""

from dataclasses import dataclass
from typing import Literal

System = Literal["metric", "imperial"]


class UnitError(ValueError):
    """An unknown unit, or two units that do not measure the same thing."""


@dataclass(frozen=True)
class Unit:
    """A unit as a straight line to the base unit of its dimension: base = (number + offset) * scale."""

    name: str
    symbol: str
    dimension: str
    scale: float
    offset: float = 0.0


_TABLE = {
    unit.name: unit
    for unit in (
        Unit("K", "K", "temperature", 1.0),
        Unit("degC", "°C", "temperature", 1.0, 273.15),
        Unit("degF", "°F", "temperature", 5.0 / 9.0, 459.67),
        Unit("Pa", "Pa", "pressure", 1.0),
        Unit("hPa", "hPa", "pressure", 100.0),
        Unit("inHg", "inHg", "pressure", 3386.389),
        Unit("m/s", "m/s", "speed", 1.0),
        Unit("km/h", "km/h", "speed", 1000.0 / 3600.0),
        Unit("mph", "mph", "speed", 0.44704),
    )
}

_BASE = {"temperature": "K", "pressure": "Pa", "speed": "m/s"}

_PREFERRED: dict[System, dict[str, str]] = {
    "metric": {"temperature": "degC", "pressure": "hPa", "speed": "km/h"},
    "imperial": {"temperature": "degF", "pressure": "inHg", "speed": "mph"},
}


def unit_named(name: str) -> Unit:
    """Look a unit up by its name; raises UnitError when there is none."""
    try:
        return _TABLE[name]
    except KeyError:
        raise UnitError(f"unknown unit {name!r}; known: {', '.join(sorted(_TABLE))}") from None


def base_unit(name: str) -> str:
    """The SI unit that measures the same dimension as the named unit."""
    return _BASE[unit_named(name).dimension]


def preferred_unit(name: str, system: System) -> str:
    """The unit a reader of `system` expects in place of the named one."""
    try:
        return _PREFERRED[system][unit_named(name).dimension]
    except KeyError:
        raise UnitError(f"unknown system of units {system!r}") from None


def convert(number: float, source: str, target: str) -> float:
    """Convert a number from one unit to another of the same dimension."""
    here, there = unit_named(source), unit_named(target)
    if here.dimension != there.dimension:
        raise UnitError(f"cannot turn {source} ({here.dimension}) into {target} ({there.dimension})")
    if here is there:
        return number
    return (number + here.offset) * here.scale / there.scale - there.offset
