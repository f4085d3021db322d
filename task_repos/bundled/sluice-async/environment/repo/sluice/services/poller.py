"""Asking stations for their values."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sluice.clock import Clock
from sluice.errors import SluiceError
from sluice.model.readings import Reading
from sluice.model.stations import Station
from sluice.services.desk import StationDesk
from sluice.services.events import EventBus, RoundFinished, StationFailed, StationPolled
from sluice.session.operations import read_log, read_points
from sluice.stores.segments import ReadingStore
from sluice.stores.state import StateStore


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of polling gave: readings in the order of the fleet, and why stations failed."""

    started: datetime
    readings: tuple[Reading, ...]
    failed: dict[str, str] = field(default_factory=dict)


class Poller:
    """Polls stations at the same time, and keeps and tells what they said in the order of the fleet."""

    def __init__(self, desk: StationDesk, readings: ReadingStore, state: StateStore, bus: EventBus, clock: Clock, parallel: int) -> None:
        self._desk = desk
        self._readings = readings
        self._state = state
        self._bus = bus
        self._clock = clock
        self._parallel = parallel

    def poll(self, stations: Sequence[Station]) -> Round:
        """One round. All readings carry the time at which it began; a failing station keeps no other from being read.

        Nothing is kept or told before the last station has answered or failed.
        """
        started = self._clock.now()
        with ThreadPoolExecutor(max_workers=max(1, self._parallel), thread_name_prefix="poll") as workers:
            answers = list(workers.map(lambda station: self._ask(station, started), stations))
        readings: list[Reading] = []
        failed: dict[str, str] = {}
        for station, answer in zip(stations, answers, strict=True):
            if isinstance(answer, str):
                failed[station.name] = answer
            else:
                readings.extend(answer)
        self._readings.append(readings)
        self._tell(stations, answers)
        self._bus.emit(RoundFinished(started, len(readings), tuple(failed)))
        return Round(started, tuple(readings), failed)

    def read(self, station: Station, names: tuple[str, ...] = ()) -> list[Reading]:
        """The values of some points now; they are not kept."""
        points = station.selected(names)
        with self._desk.session(station.name) as session:
            return read_points(session, points, self._clock.now())

    def catch_up(self, station: Station) -> list[Reading]:
        """Fetch what the station has logged by itself since last time, and keep it.

        The place to go on from is moved only once the readings are on disk.
        """
        name = f"log:{station.name}"
        after = int(self._state.cursor(name, "0"))
        with self._desk.session(station.name) as session:
            readings, last = read_log(session, after)
        self._readings.append(readings)
        if last != after:
            self._state.set_cursor(name, str(last))
        return readings

    def _ask(self, station: Station, at: datetime) -> list[Reading] | str:
        try:
            with self._desk.session(station.name) as session:
                return read_points(session, station.points, at)
        except SluiceError as error:
            return f"{type(error).__name__}: {error}"

    def _tell(self, stations: Sequence[Station], answers: Sequence[list[Reading] | str]) -> None:
        for station, answer in zip(stations, answers, strict=True):
            if isinstance(answer, str):
                self._bus.emit(StationFailed(station.name, answer))
            else:
                self._bus.emit(StationPolled(station.name, tuple(answer)))
