"""All stations of a gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sluice.errors import ConfigError, UnknownStation
from sluice.model.alarms import Rule
from sluice.model.stations import Point, Station


class Fleet:
    """Stations in the order of the configuration, with the alarm rules over their points."""

    def __init__(self, stations: Iterable[Station], rules: Iterable[Rule] = ()) -> None:
        self._stations: dict[str, Station] = {}
        for station in stations:
            if station.name in self._stations:
                raise ConfigError(f"two stations are called {station.name}")
            self._stations[station.name] = station
        self.rules = tuple(rules)
        for rule in self.rules:
            self.station(rule.station).point(rule.point)

    def __iter__(self) -> Iterator[Station]:
        return iter(self._stations.values())

    def __len__(self) -> int:
        return len(self._stations)

    def __contains__(self, name: object) -> bool:
        return name in self._stations

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._stations)

    def station(self, name: str) -> Station:
        try:
            return self._stations[name]
        except KeyError:
            raise UnknownStation(f"no station is called {name!r}") from None

    def point(self, station: str, point: str) -> tuple[Station, Point]:
        found = self.station(station)
        return found, found.point(point)

    def selected(self, names: Iterable[str] = (), group: str | None = None) -> tuple[Station, ...]:
        """Stations by name or by group, in the order of the fleet; all of them when neither is given."""
        wanted = {self.station(name).name for name in names}
        if group is not None:
            wanted |= {each.name for each in self if group in each.groups}
            if not wanted:
                raise UnknownStation(f"no station is in the group {group!r}")
        return tuple(each for each in self if not wanted or each.name in wanted)

    def rules_for(self, station: str, point: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.station == station and rule.point == point)

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Fleet:
        """Read the tables ``[stations.NAME]`` and ``[[alarms]]`` of a configuration."""
        stations = [Station.parse(name, value) for name, value in table.get("stations", {}).items()]
        rules = [Rule.parse(value) for value in table.get("alarms", ())]
        return cls(stations, rules)
