"""Weir hall: holds the upper level by moving the gate, whenever the weir was polled."""

from __future__ import annotations

from sluice.gateway import Gateway
from sluice.services.events import Event, StationPolled

STEP = 0.05


class LevelKeeper:
    """Opens the gate a little when the level is above the aim, closes it a little when it is below."""

    def __init__(self, gateway: Gateway, station: str, aim: float, band: float = 0.02) -> None:
        self._gateway = gateway
        self._station = station
        self._aim = aim
        self._band = band
        self.moves: list[float] = []
        self._cancel = gateway.subscribe(self._heard, (StationPolled,))

    def close(self) -> None:
        self._cancel()

    def _heard(self, event: Event) -> None:
        if not isinstance(event, StationPolled) or event.station != self._station:
            return
        values = {reading.point: reading.value for reading in event.readings if reading.is_usable}
        level, gate = values.get("level"), values.get("gate")
        if level is None or gate is None or abs(level - self._aim) <= self._band:
            return
        wanted = min(max(gate + (STEP if level > self._aim else -STEP), 0.0), 1.0)
        if wanted != gate:
            self.moves.append(self._gateway.write(self._station, "gate", wanted, "level keeper"))
