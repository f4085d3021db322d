"""Commands that speak to something that runs: a gateway, or simulated outstations."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sluice.cli.output import show, show_readings
from sluice.clock import SystemClock
from sluice.errors import ConfigError
from sluice.gateway import Gateway
from sluice.model.addresses import Address
from sluice.model.fleet import Fleet
from sluice.server.client import ControlClient
from sluice.settings import Settings
from sluice.simulate.river import Reach, River
from sluice.simulate.world import World, WorldServer
from sluice.transport.dialers import TcpDialer

Command = Callable[[Settings, Fleet, Namespace], int]
QUARTER = 900.0


def ask(settings: Settings, fleet: Fleet, given: Namespace) -> int:
    """``ask 127.0.0.1:7200 read station=weir points=["level"]``: values are JSON where they can be, else texts."""
    client = ControlClient(TcpDialer(), Address.parse(given.address), given.timeout)
    try:
        result = client.call(given.action, **dict(_argument(text) for text in given.arguments))
    finally:
        client.close()
    show(json.dumps(result, indent=2, sort_keys=True) + "\n")
    return 0


def simulate(settings: Settings, fleet: Fleet, given: Namespace) -> int:
    """Put the fleet on real sockets, let water run for a quarter of an hour per round, and poll."""
    clock = SystemClock()
    world = World(fleet, clock)
    river = River([Reach(station.name) for station in fleet])
    river.show(world.outstations)
    server = WorldServer(world)
    server.start()
    try:
        with Gateway(replace(settings, collector="", webhook=""), server.fleet(), clock=clock) as gateway:
            for _ in range(given.rounds):
                river.step(clock.now(), QUARTER)
                river.show(world.outstations)
                show_readings(fleet, gateway.poll().readings)
                river.obey(world.outstations)
    finally:
        server.stop()
    return 0


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"not an argument: {text!r}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


COMMANDS: dict[str, Command] = {"ask": ask, "simulate": simulate}
