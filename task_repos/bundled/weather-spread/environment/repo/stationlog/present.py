"""A quantity as text in the reader's own units."""

from stationlog.quantity import Quantity
from stationlog.units import System, unit_named

_DECIMALS = {"inHg": 2}
MISSING = "-"


def as_text(quantity: Quantity | None, system: System, *, signed: bool = False) -> str:
    """Text such as "21.5 °C"; `signed` shows a plus, for values that may go either way."""
    if quantity is None:
        return MISSING
    shown = quantity.in_system(system)
    sign = "+" if signed else ""
    return f"{shown.value:{sign}.{_DECIMALS.get(shown.unit, 1)}f} {unit_named(shown.unit).symbol}"
