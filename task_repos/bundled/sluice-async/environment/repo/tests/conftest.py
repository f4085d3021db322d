"""A small fleet, simulated, with a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sluice import Fleet, Gateway, ManualClock, Settings
from sluice.model.backoff import Backoff
from sluice.simulate.world import World

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
POINTS = {
    "level": {"register": 10, "type": "u16", "unit": "m", "scale": 0.001, "low": 0, "high": 5},
    "gate": {"register": 12, "type": "u16", "unit": "%", "scale": 0.01, "kind": "setting", "low": 0, "high": 1},
    "flow": {"register": 100, "type": "f32", "unit": "m3/s"},
    "pump": {"register": 200, "type": "bits", "unit": "bits", "kind": "state"},
}
TABLE = {
    "stations": {
        "weir": {"address": "10.0.0.1:7100", "backup": "10.9.0.1:7100", "secret": "w", "points": POINTS, "groups": ["upper"]},
        "mill": {"address": "10.0.0.2:7100", "secret": "m", "points": POINTS, "groups": ["upper", "pumps"]},
        "lock": {"address": "10.0.0.3:7100", "secret": "l", "points": POINTS, "groups": ["pumps"]},
    },
    "alarms": [
        {"name": "high water", "station": "weir", "point": "level", "above": 3.0, "band": 0.2, "severity": "urgent"},
        {"name": "low water", "station": "mill", "point": "level", "below": 0.5, "hold": "30m"},
    ],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def world(clock: ManualClock) -> World:
    """Levels are 1.500, 2.000 and 2.500; gates stand half open."""
    found = World(Fleet.parse(TABLE), clock)
    for number, outstation in enumerate(found.outstations.values()):
        outstation.set("level", 1.5 + number / 2)
        outstation.set("gate", 0.5)
        outstation.set("flow", 0.25)
        outstation.set("pump", 1)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", answer_timeout=0.5, dial_timeout=1.0, uploads=Backoff(3, 1.0))


@pytest.fixture
def gateway(world: World, settings: Settings, clock: ManualClock):
    """An open gateway that reports to the simulated collector."""
    with Gateway(world.settings(settings), world.fleet, dialer=world.dialer, clock=clock) as found:
        yield found
