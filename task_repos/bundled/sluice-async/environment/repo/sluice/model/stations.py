"""Stations and the points that they measure or move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sluice import units
from sluice.errors import ConfigError, UnknownPoint
from sluice.model.addresses import Address
from sluice.wire.registers import RegisterType


class PointKind(Enum):
    """Whether a point is only read, or can be written too."""

    SENSOR = "sensor"
    SETTING = "setting"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a station: where it lies, how it is coded, and in which range it makes sense."""

    name: str
    register: int
    kind: PointKind = PointKind.SENSOR
    type: RegisterType = RegisterType.U16
    unit: str = "1"
    scale: float = 1.0
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        units.unit(self.unit)
        if not 0 <= self.register <= 0xFFFF - self.type.words:
            raise ConfigError(f"point {self.name}: register {self.register} is out of range")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ConfigError(f"point {self.name}: low is above high")

    @property
    def registers(self) -> range:
        return range(self.register, self.register + self.type.words)

    def is_plausible(self, value: float) -> bool:
        """Whether a value lies in the range of the point; NaN never does."""
        if value != value:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @classmethod
    def parse(cls, name: str, table: Mapping[str, Any]) -> Point:
        known = {"register", "kind", "type", "unit", "scale", "low", "high"}
        if unknown := sorted(set(table) - known):
            raise ConfigError(f"point {name}: unknown key {unknown[0]!r}")
        try:
            return cls(
                name,
                int(table["register"]),
                PointKind(table.get("kind", "sensor")),
                RegisterType.named(table.get("type", "u16")),
                table.get("unit", "1"),
                float(table.get("scale", 1.0)),
                table.get("low"),
                table.get("high"),
            )
        except KeyError:
            raise ConfigError(f"point {name}: a register is missing") from None
        except ValueError as error:
            raise ConfigError(f"point {name}: {error}") from None


@dataclass(frozen=True, slots=True)
class Station:
    """An outstation: its addresses (the first one is tried first), its secret, its points."""

    name: str
    addresses: tuple[Address, ...]
    secret: str
    points: tuple[Point, ...]
    groups: frozenset[str] = frozenset()
    model: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ConfigError(f"station {self.name} has no address")
        taken: dict[int, str] = {}
        for point in self.points:
            for register in point.registers:
                if register in taken:
                    raise ConfigError(f"station {self.name}: {point.name} and {taken[register]} share register {register}")
                taken[register] = point.name

    @property
    def key(self) -> str:
        """What links to this station are kept under."""
        return self.name

    def point(self, name: str) -> Point:
        for each in self.points:
            if each.name == name:
                return each
        raise UnknownPoint(f"station {self.name} has no point {name!r}")

    def selected(self, names: tuple[str, ...] = ()) -> tuple[Point, ...]:
        """The named points in the order of the station, or all of them."""
        wanted = {self.point(name).name for name in names}
        return tuple(p for p in self.points if not wanted or p.name in wanted)

    @classmethod
    def parse(cls, name: str, table: Mapping[str, Any]) -> Station:
        known = {"address", "backup", "secret", "points", "groups", "model", "title"}
        if unknown := sorted(set(table) - known):
            raise ConfigError(f"station {name}: unknown key {unknown[0]!r}")
        if "address" not in table or "secret" not in table:
            raise ConfigError(f"station {name}: an address and a secret are needed")
        texts = [table["address"], *([table["backup"]] if "backup" in table else [])]
        points = tuple(Point.parse(each, value) for each, value in table.get("points", {}).items())
        return cls(
            name,
            tuple(Address.parse(text, 7100) for text in texts),
            table["secret"],
            points,
            frozenset(table.get("groups", ())),
            table.get("model", ""),
            table.get("title", name),
        )
