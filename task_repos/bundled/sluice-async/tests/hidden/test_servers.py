"""The control port, the metrics page, and a simulated world on real sockets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from peers import AsyncGateway, GatedDialer, cancelled, go, settle, until

from sluice.errors import ControlError, LinkClosed
from sluice.model.addresses import Address
from sluice.server.client import ControlClient
from sluice.server.control import ControlServer
from sluice.server.dispatch import Dispatcher
from sluice.simulate.world import WorldServer
from sluice.transport.dialers import TcpDialer
from sluice.transport.memory import MemoryDialer
from sluice.wire.http import HttpRequest, ResponseReader
from sluice.wire.lines import LineReader, encode_line

HERE = Address("127.0.0.1", 0)


async def lines_of(link, count: int) -> list[dict]:
    reader, found = LineReader(), []
    while len(found) < count:
        found += [json.loads(line) for line in reader.feed(await link.receive(5))]
    return found


def test_requests_of_one_client_are_answered_in_order(world, settings, clock) -> None:
    async def work() -> None:
        dialer = GatedDialer(world)
        async with AsyncGateway(settings, world.fleet, dialer=dialer, clock=clock) as gateway:
            address = (await gateway.start())["control"]
            first, second = [await TcpDialer().dial(address, 5) for _ in range(2)]
            dialer.shut("ash")
            await first.send(encode_line({"id": 1, "do": "read", "station": "ash"}) + encode_line({"id": 2, "do": "ping"}), 5)
            await until(lambda: dialer.is_stuck("ash"))
            await second.send(encode_line({"id": 3, "do": "read", "station": "elm", "points": ["level"]}), 5)
            (answer,) = await lines_of(second, 1)
            assert (answer["id"], answer["ok"], answer["result"][0]["v"]) == (3, True, 1.3)
            dialer.let("ash")
            assert [answer["id"] for answer in await lines_of(first, 2)] == [1, 2]
            first.close()
            second.close()

    go(work())


def test_what_is_no_request_is_answered_too(world, settings, clock) -> None:
    async def work() -> None:
        async with AsyncGateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
            dispatcher = Dispatcher(gateway)
            assert (await dispatcher.answer({"id": 5, "do": "fly"}))["error"].startswith("ControlError: cannot do 'fly'")
            assert (await dispatcher.answer({"do": "read"}))["error"] == "ControlError: a broken request: KeyError: 'station'"
            assert (await dispatcher.answer({"do": "poll", "stations": ["ash"]}))["result"] == {"readings": 2, "failed": {}}
            number = (await dispatcher.answer({"do": "submit", "station": "ash", "point": "gate", "value": 0.1, "who": "me"}))["result"]["number"]
            assert (await dispatcher.answer({"do": "withdraw", "number": number, "who": "me"}))["result"]["state"] == "cancelled"
            assert (await dispatcher.answer({"do": "run"}))["result"] == []
            assert (await dispatcher.answer({"do": "flush"}))["error"] == "ConfigError: no collector is configured"
            server = ControlServer(dispatcher)
            link = await TcpDialer().dial(await server.start(HERE), 5)
            await link.send(b"nonsense\n" + encode_line({"id": 1, "do": "ping"}), 5)
            assert [answer["ok"] for answer in await lines_of(link, 2)] == [False, True]
            assert server.clients == 1
            await server.stop(0.01)
            assert await link.receive(5) == b""
            assert server.clients == 0
            link.close()

    go(work())


def test_a_broken_off_call_is_not_answered_late() -> None:
    async def work() -> None:
        dialer, asked = MemoryDialer(), []

        def answer(data: bytes) -> list[bytes]:
            request = json.loads(data)
            asked.append(request["do"])
            return [] if request["do"] == "slow" else [encode_line({"id": request["id"], "ok": request["do"] != "bad", "result": request["id"], "error": "no"})]

        address = Address("gateway", 1)
        dialer.register(address, lambda: answer)
        client = ControlClient(dialer, address, 5)
        assert await client.call("quick") == 1
        calling = asyncio.create_task(client.call("slow"))
        await settle()
        assert await cancelled(calling)
        assert await client.call("quick") == 3
        assert len(dialer.dialled) == 2
        with pytest.raises(ControlError, match="no"):
            await client.call("bad")
        client.close()
        assert asked == ["quick", "slow", "quick", "bad"]

    go(work())


def test_the_metrics_page(world, settings, clock) -> None:
    async def work() -> None:
        async with AsyncGateway(replace(settings, metrics="127.0.0.1:0"), world.fleet, dialer=world.dialer, clock=clock) as gateway:
            await gateway.poll()
            link = await TcpDialer().dial((await gateway.start())["metrics"], 5)
            pages = []
            for method, target in (("GET", "/metrics"), ("GET", "/status"), ("GET", "/other"), ("POST", "/metrics")):
                await link.send(HttpRequest(method, target).encode("h"), 5)
                reader, response = ResponseReader(), None
                while response is None:
                    response = reader.feed(await link.receive(5))
                pages.append(response)
            assert [page.status for page in pages] == [200, 200, 404, 405]
            assert b"sluice_readings_total 12\n" in pages[0].body
            assert pages[1].json()["counters"]["rounds"] == 1
            await link.send(b"nonsense\r\n\r\n", 5)
            assert b"400" in await link.receive(5)
            link.close()

    go(work())


def test_a_world_on_real_sockets(world, settings, clock) -> None:
    async def work() -> None:
        server = WorldServer(world)
        addresses = await server.start()
        assert len(addresses) == 7
        async with AsyncGateway(server.settings(settings), server.fleet(), clock=clock) as gateway:
            assert len((await gateway.poll()).readings) == 12
            assert await gateway.flush() == 1
            world.outstations["ash"].faults.hang_up = 1
            with pytest.raises(LinkClosed):
                await gateway.read("ash")
            assert (await gateway.read("ash", "level"))[0].value == 1.0
        await server.stop()
        assert world.collector.order == [1]

    go(work())
