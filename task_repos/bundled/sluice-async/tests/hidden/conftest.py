"""The fleet of the visible tests again, and a gateway for coroutines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sluice import Fleet, ManualClock, Settings
from sluice.model.backoff import Backoff
from sluice.simulate.world import World

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
POINTS = {
    "level": {"register": 10, "type": "u16", "unit": "m", "scale": 0.001, "low": 0, "high": 5},
    "gate": {"register": 12, "type": "u16", "unit": "%", "scale": 0.01, "kind": "setting", "low": 0, "high": 1},
}
NAMES = ("ash", "beech", "cedar", "elm", "fir", "hazel")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def world(clock: ManualClock) -> World:
    """Six stations with levels from 1.0 to 1.5, and gates half open."""
    stations = {name: {"address": f"10.1.0.{n}:7100", "secret": name, "points": POINTS} for n, name in enumerate(NAMES, 1)}
    alarms = [{"name": "high", "station": "ash", "point": "level", "above": 3.0}, {"name": "higher", "station": "beech", "point": "level", "above": 3.0}]
    found = World(Fleet.parse({"stations": stations, "alarms": alarms}), clock)
    for number, outstation in enumerate(found.outstations.values()):
        outstation.set("level", 1.0 + number / 10)
        outstation.set("gate", 0.5)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", answer_timeout=5.0, dial_timeout=5.0, max_links=3, uploads=Backoff(3, 1.0), stop_grace=0.05)
