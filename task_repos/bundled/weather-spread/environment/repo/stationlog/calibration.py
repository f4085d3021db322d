"""Corrections for sensors that are known to be off."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from stationlog.observation import Observation
from stationlog.quantity import Quantity


@dataclass(frozen=True)
class Calibration:
    """What has to be added to the readings of a station, in any unit; None leaves an element alone."""

    temperature: Quantity | None = None
    pressure: Quantity | None = None


def calibrate(observations: Iterable[Observation], calibration: Calibration) -> list[Observation]:
    """The observations as the sensors should have seen them; each reading keeps its own unit."""
    return [
        replace(
            each,
            temperature=_corrected(each.temperature, calibration.temperature),
            pressure=_corrected(each.pressure, calibration.pressure),
        )
        for each in observations
    ]


def _corrected(reading: Quantity | None, correction: Quantity | None) -> Quantity | None:
    if reading is None or correction is None:
        return reading
    return reading.map(lambda number: number + _step(correction, reading.unit))


def _step(correction: Quantity, unit: str) -> float:
    """The size of a correction in the unit of a reading."""
    if correction.unit == unit or "degF" not in (correction.unit, unit):
        # Kelvin and Celsius have steps of one size, and pressures have no offset.
        return correction.value if correction.unit in ("K", "degC", unit) else correction.to(unit).value
    return correction.value / 1.8 if correction.unit == "degF" else correction.value * 1.8
