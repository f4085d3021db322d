"""A river with weirs: levels that a simulated fleet can show."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from sluice.simulate.outstation import SimulatedOutstation


@dataclass
class Reach:
    """The water above one weir: an area in m2, a level in m, and how far the gate is open (0 to 1)."""

    name: str
    area: float = 20_000.0
    level: float = 2.0
    gate: float = 0.5
    width: float = 4.0
    sill: float = 1.0

    def outflow(self) -> float:
        """Cubic metres per second over the sill, as over a broad-crested weir."""
        depth = max(self.level - self.sill, 0.0)
        return 1.7 * self.width * self.gate * depth**1.5


@dataclass
class River:
    """Reaches from the source to the sea; water that leaves one comes into the next."""

    reaches: list[Reach] = field(default_factory=list)
    rain: float = 2.0

    def inflow(self, at: datetime) -> float:
        """A source that is strongest at noon."""
        hours = at.hour + at.minute / 60
        return self.rain * (1 + 0.3 * math.sin((hours - 6) / 24 * 2 * math.pi))

    def step(self, at: datetime, seconds: float) -> None:
        """Let water run for a while, in steps of at most a minute."""
        while seconds > 0:
            span = min(seconds, 60.0)
            coming = self.inflow(at)
            for reach in self.reaches:
                leaving = reach.outflow()
                reach.level = max(reach.level + (coming - leaving) * span / reach.area, 0.0)
                coming = leaving
            seconds -= span

    def show(self, outstations: dict[str, SimulatedOutstation]) -> None:
        """Write levels, flows and gates into the outstations of the same names, where they have such points."""
        for reach in self.reaches:
            outstation = outstations.get(reach.name)
            if outstation is None:
                continue
            names = {point.name for point in outstation.station.points}
            for name, value in (("level", reach.level), ("flow", reach.outflow())):
                if name in names:
                    outstation.set(name, round(value, 3))

    def obey(self, outstations: dict[str, SimulatedOutstation]) -> None:
        """Take the gates as the outstations have been told to set them."""
        for reach in self.reaches:
            outstation = outstations.get(reach.name)
            if outstation is not None and any(point.name == "gate" for point in outstation.station.points):
                reach.gate = min(max(outstation.get("gate"), 0.0), 1.0)
