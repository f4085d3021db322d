"""Sessions with outstations, and HTTP clients."""

from __future__ import annotations

import asyncio

import pytest
from peers import GatedDialer, PlayedLink, cancelled, go, settle, until

from sluice.clients.collector import CollectorClient
from sluice.clients.http import HttpClient
from sluice.clients.notify import Notifier
from sluice.clients.retry import call_with_retry
from sluice.errors import CommandError, DeviceTimeout, DialError, HttpError, LinkClosed, MessageError
from sluice.model.addresses import Url
from sluice.model.alarms import Alarm, Severity
from sluice.model.backoff import Backoff
from sluice.model.batches import Batch
from sluice.model.firmware import Image, Version
from sluice.session.operations import read_log, read_points, send_image, set_clock, write_point
from sluice.session.session import DeviceSession, open_session
from sluice.simulate.world import COLLECTOR
from sluice.transport.framing import FramedLink
from sluice.wire.messages import Busy, Done, GetTime, Ping, Time, Welcome

WELCOME = Welcome("gauge7", "1.0.0", 120)


def session_over(link: PlayedLink, world, clock, timeout: float = 5.0) -> DeviceSession:
    return DeviceSession(FramedLink(link), world.fleet.station("ash"), WELCOME, clock, timeout, 3)


def frame(message, sequence: int) -> bytes:
    return message.frame(sequence).encode()


def test_a_request_that_times_out_closes_its_session(world, clock) -> None:
    async def work() -> None:
        session = session_over(PlayedLink(), world, clock, 0.01)
        with pytest.raises(DeviceTimeout, match="ash did not answer in 0.01 s"):
            await session.ping()
        assert session.closed
        with pytest.raises(LinkClosed):
            await session.ping()

    go(work())


def test_a_request_that_drips_in_times_out_as_a_whole(world, clock) -> None:
    async def work() -> None:
        link = PlayedLink()
        session = session_over(link, world, clock, 0.15)
        asking = asyncio.create_task(session.ping())
        for byte in frame(Done(), 2)[:-1]:
            if asking.done():
                break
            link.give(bytes([byte]))
            await asyncio.sleep(0.05)
        with pytest.raises(DeviceTimeout):
            await asking

    go(work())


def test_a_cancelled_request_closes_its_session(world, clock) -> None:
    async def work() -> None:
        link = PlayedLink()
        session = session_over(link, world, clock)
        asking = asyncio.create_task(session.ping())
        await settle()
        assert await cancelled(asking)
        assert session.closed

    go(work())


def test_the_callers_time_out_stays_the_callers(world, clock) -> None:
    async def work() -> None:
        session = session_over(PlayedLink(), world, clock)
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.01):
                await session.ping()
        assert not isinstance(caught.value, DeviceTimeout)
        assert session.closed

    go(work())


def test_late_answers_are_dropped_and_busy_ones_awaited(world, clock) -> None:
    async def work() -> None:
        link = PlayedLink(frame(Done(), 9), frame(Busy(250), 2), frame(Time(77), 3))
        session = session_over(link, world, clock)
        assert (await session.request(GetTime(), Time)).seconds == 77
        assert (session.late, session.requests) == (1, 2)
        assert clock.naps == [0.25]
        link.give(frame(Time(78), 4))
        with pytest.raises(MessageError):
            await session.request(Ping(), Done)
        assert session.closed

    go(work())


def test_a_broken_off_login_leaves_no_link(world, clock) -> None:
    async def work() -> None:
        dialer = GatedDialer(world)
        dialer.shut("ash")
        station = world.fleet.station("ash")
        opening = asyncio.create_task(open_session(dialer, station, clock, 1, 5))
        await until(lambda: dialer.is_stuck("ash"))
        assert await cancelled(opening)
        with pytest.raises(DeviceTimeout, match="did not let us in"):
            await open_session(dialer, station, clock, 1, 0.01)
        assert len(dialer.links) == 2
        assert dialer.open_links == 0

    go(work())


def test_a_broken_off_transfer_goes_on_where_it_was(world, clock) -> None:
    async def work() -> None:
        dialer = GatedDialer(world)
        image = Image("gauge7", Version(1, 1, 0), bytes(range(256)) * 10)
        seen: list[tuple[int, int]] = []

        def progress(held: int, size: int) -> None:
            seen.append((held, size))
            if held == 1024:
                dialer.shut("ash")

        session = await open_session(dialer, world.fleet.station("ash"), clock, 1, 5)
        sending = asyncio.create_task(send_image(session, image, progress))
        await until(lambda: dialer.is_stuck("ash"))
        assert await cancelled(sending)
        assert seen == [(512, 2560), (1024, 2560)]
        dialer.let("ash")
        session = await open_session(dialer, world.fleet.station("ash"), clock, 1, 5)
        assert await send_image(session, image) == 1024
        session.close()

    go(work())


def test_points_the_log_and_the_clock(world, clock) -> None:
    async def work() -> None:
        outstation = world.outstations["beech"]
        station = outstation.station
        session = await open_session(world.dialer, station, clock, 1, 5)
        assert [r.value for r in await read_points(session, station.points, clock.now())] == [1.1, 0.5]
        assert await write_point(session, station.point("gate"), 0.25) == 0.25
        with pytest.raises(CommandError):
            await write_point(session, station.point("gate"), 7)
        for _ in range(60):
            outstation.note("level", clock.now())
        readings, last = await read_log(session, 0)
        assert (len(readings), last) == (60, 60)
        outstation.clock_offset = -90
        assert (await set_clock(session, clock.now(), clock.now() - clock.now())).total_seconds() == -90
        assert outstation.clock_offset == 0
        session.close()

    go(work())


def test_an_http_link_that_went_stale_is_replaced_once(world, clock) -> None:
    async def work() -> None:
        http = HttpClient(world.dialer, clock)
        collector = CollectorClient(http, f"http://{COLLECTOR}/", world.collector.token)
        assert await collector.upload(Batch(1, ())) is True
        world.collector.hang_up_after_each = True
        assert await collector.upload(Batch(2, ())) is True
        assert await collector.upload(Batch(2, ())) is False
        assert world.collector.links == 2
        with pytest.raises(HttpError, match="404"):
            await http.fetch("GET", Url.parse(f"http://{COLLECTOR}/"), "nothing", headers={"authorization": "Bearer token"})
        http.close()

    go(work())


def test_a_cancelled_http_request_closes_its_link(world, clock) -> None:
    async def work() -> None:
        dialer = GatedDialer(world)
        dialer.gates[COLLECTOR] = asyncio.Event()
        http = HttpClient(dialer, clock)
        asking = asyncio.create_task(http.request("GET", Url.parse(f"http://{COLLECTOR}/"), "x"))
        await until(lambda: COLLECTOR in dialer.stuck)
        assert await cancelled(asking)
        assert (len(dialer.links), dialer.open_links) == (1, 0)
        http.close()

    go(work())


def test_tries_are_awaited_and_end_with_a_cancellation(clock) -> None:
    async def work() -> None:
        tries: list[int] = []

        async def operation() -> str:
            tries.append(len(tries))
            if len(tries) < 3:
                raise DialError("not yet")
            return "done"

        assert await call_with_retry(operation, Backoff(4, 1.0), clock) == "done"
        assert clock.naps == [1.0, 2.0]

        async def hanging() -> None:
            tries.append(-1)
            await asyncio.sleep(60)

        task = asyncio.create_task(call_with_retry(hanging, Backoff(4, 1.0), clock, lambda error: True))
        await settle()
        assert await cancelled(task)
        assert tries == [0, 1, 2, -1]

    go(work())


def test_letters_are_tried_again_and_failures_noted(world, clock) -> None:
    async def work() -> None:
        http = HttpClient(world.dialer, clock)
        notifier = Notifier(http, f"http://{COLLECTOR}/hook", clock, Backoff(2, 1.0))
        alarm = Alarm("high", "ash", "level", Severity.WARNING, clock.now(), 3.5)
        world.collector.answers = [503, 200, 503, 503]
        assert await notifier.notify(alarm) is True
        assert await notifier.notify(alarm) is False
        clock.advance(3600)
        assert await notifier.notify(alarm) is False
        assert len(notifier.failures) == 1
        assert len(world.collector.letters) == 1
        http.close()

    go(work())
