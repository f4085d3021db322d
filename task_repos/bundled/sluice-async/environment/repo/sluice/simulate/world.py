"""A fleet of simulated outstations with a collector, reachable in memory or over real sockets."""

from __future__ import annotations

from dataclasses import replace

from sluice.clock import Clock
from sluice.model.addresses import Address, Url
from sluice.model.fleet import Fleet
from sluice.settings import Settings
from sluice.simulate.collector import SimulatedCollector
from sluice.simulate.outstation import SimulatedOutstation
from sluice.transport.links import Link
from sluice.transport.listener import Listener
from sluice.transport.memory import MemoryDialer, Responder

SILENCE = 600.0
SEND_TIMEOUT = 10.0
COLLECTOR = Address("collector.test", 80)


class World:
    """Everything that a gateway speaks to."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self.fleet = fleet
        self.collector = SimulatedCollector()
        self.outstations = {s.name: SimulatedOutstation(s, clock.now, s.model or "gauge7") for s in fleet}
        self._dialer = MemoryDialer()
        for station in fleet:
            for address in station.addresses:
                self._dialer.register(address, self.outstations[station.name].connect)
        self._dialer.register(COLLECTOR, self.collector.connect)

    @property
    def dialer(self) -> MemoryDialer:
        return self._dialer

    def settings(self, settings: Settings) -> Settings:
        """Settings of a gateway that reports to this collector."""
        url = f"http://{COLLECTOR}/"
        return replace(settings, collector=url, collector_token=self.collector.token, webhook=f"{url}hook")

    def cut(self, station: str, number: int = 0) -> None:
        """Make an address of a station unreachable."""
        self._dialer.unregister(self.fleet.station(station).addresses[number])

    def mend(self, station: str) -> None:
        for address in self.fleet.station(station).addresses:
            self._dialer.register(address, self.outstations[station].connect)


class WorldServer:
    """Puts a world on real sockets of this machine: each peer on a port of its own."""

    def __init__(self, world: World, host: str = "127.0.0.1") -> None:
        self._world = world
        self._host = host
        self._listeners: list[Listener] = []
        self.addresses: dict[str, Address] = {}

    def start(self) -> dict[str, Address]:
        """Begin to listen; where each station is, and ``collector``."""
        peers = {name: outstation.connect for name, outstation in self._world.outstations.items()}
        for name, connect in {**peers, "collector": self._world.collector.connect}.items():
            listener = Listener(lambda link, connect=connect: _serve(link, connect()), name)
            self.addresses[name] = listener.start(Address(self._host, 0))
            self._listeners.append(listener)
        return self.addresses

    def stop(self, grace: float = 0.0) -> None:
        for listener in self._listeners:
            listener.stop(grace)
        self._listeners.clear()

    def fleet(self) -> Fleet:
        """The same fleet at the addresses of the sockets."""
        stations = [replace(station, addresses=(self.addresses[station.name],)) for station in self._world.fleet]
        return Fleet(stations, self._world.fleet.rules)

    def settings(self, settings: Settings) -> Settings:
        url = f"http://{self.addresses['collector']}/"
        return replace(settings, collector=Url.parse(url) and url, collector_token=self._world.collector.token, webhook=f"{url}hook")


def _serve(link: Link, respond: Responder) -> None:
    """Answer until one side ends."""
    while data := link.receive(SILENCE):
        for piece in respond(data):
            if not piece:
                return
            link.send(piece, SEND_TIMEOUT)
