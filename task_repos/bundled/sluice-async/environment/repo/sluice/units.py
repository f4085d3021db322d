"""Units that outstations measure in, and how to get from one to another."""

from __future__ import annotations

from dataclasses import dataclass

from sluice.errors import UnitError


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a factor and an offset to the base unit of its dimension."""

    symbol: str
    dimension: str
    factor: float
    offset: float = 0.0
    decimals: int = 2


UNITS = {
    unit.symbol: unit
    for unit in (
        Unit("m", "length", 1.0, decimals=3),
        Unit("cm", "length", 0.01, decimals=1),
        Unit("mm", "length", 0.001, decimals=0),
        Unit("m3/s", "flow", 1.0, decimals=3),
        Unit("l/s", "flow", 0.001, decimals=1),
        Unit("m3/h", "flow", 1 / 3600, decimals=1),
        Unit("m3", "volume", 1.0, decimals=1),
        Unit("Ml", "volume", 1000.0, decimals=3),
        Unit("bar", "pressure", 1.0, decimals=3),
        Unit("kPa", "pressure", 0.01, decimals=1),
        Unit("mH2O", "pressure", 0.0980665, decimals=2),
        Unit("degC", "temperature", 1.0, decimals=1),
        Unit("K", "temperature", 1.0, -273.15, decimals=1),
        Unit("V", "voltage", 1.0, decimals=2),
        Unit("%", "share", 0.01, decimals=1),
        Unit("1", "share", 1.0, decimals=3),
        Unit("bits", "state", 1.0, decimals=0),
    )
}


def unit(symbol: str) -> Unit:
    try:
        return UNITS[symbol]
    except KeyError:
        raise UnitError(f"no such unit: {symbol!r}") from None


def convert(value: float, source: str, target: str) -> float:
    """The same quantity in another unit of the same dimension."""
    if source == target:
        return value
    first, second = unit(source), unit(target)
    if first.dimension != second.dimension:
        raise UnitError(f"{source} measures {first.dimension}, {target} measures {second.dimension}")
    return (value * first.factor + first.offset - second.offset) / second.factor


def format_quantity(value: float | None, symbol: str) -> str:
    """``1.250 m``; a dash where there is no value."""
    if value is None:
        return "-"
    found = unit(symbol)
    text = f"{value:.{found.decimals}f}"
    return text if symbol in ("1", "bits") else f"{text} {symbol}"


def same_dimension(first: str, second: str) -> bool:
    return unit(first).dimension == unit(second).dimension
