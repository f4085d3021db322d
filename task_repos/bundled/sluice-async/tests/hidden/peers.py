"""Peers that answer when a test says so, and other things to look with."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from sluice.errors import LinkClosed, LinkTimeout
from sluice.model.addresses import Address
from sluice.simulate.world import World
from sluice.transport.dialers import Dialer
from sluice.transport.links import Link

try:
    from sluice.aio import AsyncGateway
except ImportError:
    # Before the migration: the tests that need it fail one by one, the others run.
    AsyncGateway = None  # type: ignore[assignment,misc]

LONG = 20.0


def go(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a test's coroutine; whatever hangs is an error in the end, and so is a task that is left over."""

    async def whole() -> Any:
        before = asyncio.all_tasks()
        async with asyncio.timeout(LONG):
            result = await work
        await settle()
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        assert left == [], left
        return result

    return asyncio.run(whole())


async def settle(rounds: int = 20) -> None:
    """Let every task that can go on do so."""
    for _ in range(rounds):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that threads or sockets bring about."""
    async with asyncio.timeout(LONG):
        while not condition():
            await asyncio.sleep(0.002)


async def cancelled(task: asyncio.Task[Any]) -> bool:
    """Cancel a task and wait for it; whether it ended as cancelled."""
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


class PlayedLink(Link):
    """Hands out the pieces that a test puts in; sending is remembered."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__("played")
        self.pieces = deque(pieces)
        self.sent: list[bytes] = []
        self.more = asyncio.Event()

    def give(self, *pieces: bytes) -> None:
        self.pieces.extend(pieces)
        self.more.set()

    async def send(self, data: bytes, timeout: float) -> None:
        self._require_open()
        self.sent.append(data)

    async def receive(self, timeout: float) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                while not self.pieces and not self.closed:
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            raise LinkTimeout("nothing was played") from None
        if self.closed:
            raise LinkClosed("the played link is closed")
        return self.pieces.popleft()

    def close(self) -> None:
        self._closed = True
        self.more.set()


class GatedLink(Link):
    """A link that holds answers back while the gate of its address is shut."""

    def __init__(self, inner: Link, dialer: GatedDialer, address: Address) -> None:
        super().__init__(inner.peer)
        self.inner, self.dialer, self.address = inner, dialer, address

    @property
    def closed(self) -> bool:
        return self.inner.closed

    async def send(self, data: bytes, timeout: float) -> None:
        self.dialer.sent.append(self.address)
        await self.inner.send(data, timeout)

    async def receive(self, timeout: float) -> bytes:
        gate = self.dialer.gates.get(self.address)
        if gate is not None and not gate.is_set():
            self.dialer.stuck.append(self.address)
            try:
                async with asyncio.timeout(timeout):
                    await gate.wait()
            except TimeoutError:
                raise LinkTimeout("the gate stayed shut") from None
        return await self.inner.receive(timeout)

    def close(self) -> None:
        self.inner.close()


class GatedDialer(Dialer):
    """Dials a simulated world; the answers of an address can be held back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gates: dict[Address, asyncio.Event] = {}
        self.stuck: list[Address] = []
        self.sent: list[Address] = []
        self.links: list[GatedLink] = []

    async def dial(self, address: Address, timeout: float) -> Link:
        link = GatedLink(await self.world.dialer.dial(address, timeout), self, address)
        self.links.append(link)
        return link

    @property
    def open_links(self) -> int:
        return sum(not link.closed for link in self.links)

    def address(self, station: str) -> Address:
        return self.world.fleet.station(station).addresses[0]

    def shut(self, *stations: str) -> None:
        for station in stations:
            self.gates[self.address(station)] = asyncio.Event()

    def let(self, *stations: str) -> None:
        for station in stations:
            self.gates.pop(self.address(station)).set()

    def is_stuck(self, station: str) -> bool:
        return self.address(station) in self.stuck


class SlowDisk:
    """Stands in for os.fsync: each call waits until it is let, at the latest by the end of the block, and must not be made on a loop."""

    def __init__(self, monkeypatch: Any) -> None:
        self.begun = 0
        self.on_loop = 0
        self._free = threading.Event()
        self._sync = os.fsync
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, handle: Any) -> None:
        self.begun += 1
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            assert self._free.wait(LONG)
        else:
            self.on_loop += 1

    def __enter__(self) -> SlowDisk:
        return self

    def __exit__(self, *problem: object) -> None:
        self.let()

    def let(self) -> None:
        self._free.set()
