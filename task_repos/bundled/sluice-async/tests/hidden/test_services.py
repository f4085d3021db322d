"""Services under concurrency and cancellation, behind an AsyncGateway."""

from __future__ import annotations

import asyncio
import functools
import threading
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from conftest import NAMES
from peers import AsyncGateway, GatedDialer, cancelled, go, settle, until

from sluice.errors import DeviceTimeout, HttpError, LinkClosed, RolloutError
from sluice.model.commands import CommandState
from sluice.model.schedule import Every
from sluice.model.waves import Step
from sluice.services.events import AlarmChanged, BatchSent, CommandFinished, Event, EventBus, RolloutMoved, RoundFinished, StationFailed, StationPolled
from sluice.services.scheduler import Scheduler
from sluice.simulate.world import COLLECTOR


@asynccontextmanager
async def opened(world, settings, clock, reports: bool = False):
    """A gateway over gated links, and its dialer."""
    dialer = GatedDialer(world)
    found = world.settings(settings) if reports else settings
    async with AsyncGateway(found, world.fleet, dialer=dialer, clock=clock) as gateway:
        yield gateway, dialer


def test_stations_are_polled_together_and_told_in_order(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock) as (gateway, dialer):
            heard: list[Event] = []
            gateway.subscribe(heard.append, (StationPolled, StationFailed, RoundFinished))
            dialer.shut(*NAMES)
            world.cut("cedar")
            polling = asyncio.create_task(gateway.poll())
            await until(lambda: len(dialer.stuck) == 3)
            await settle()
            assert len(dialer.links) == settings.max_links == 3
            for name in reversed(NAMES[1:]):
                dialer.let(name)
                await settle()
                assert heard == []
            dialer.let("ash")
            found = await polling
            assert [r.station for r in found.readings[::2]] == ["ash", "beech", "elm", "fir", "hazel"]
            assert list(found.failed) == ["cedar"]
            assert [getattr(event, "station", "round") for event in heard] == [*NAMES, "round"]
            assert [r.value for r in found.readings[:4]] == [1.0, 0.5, 1.1, 0.5]

    go(work())


def test_a_cancelled_round_leaves_nothing(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock) as (gateway, dialer):
            heard: list[Event] = []
            gateway.subscribe(heard.append)
            dialer.shut("elm")
            polling = asyncio.create_task(gateway.poll())
            await until(lambda: dialer.is_stuck("elm"))
            await settle(100)
            assert await cancelled(polling)
            await settle()
            assert heard == []
            assert [reading async for reading in gateway.scan()] == []
            assert all(link.closed for link in dialer.links if link.address == dialer.address("elm"))
            assert (await gateway.status())["open_links"] <= settings.max_links
            dialer.let("elm")
            assert len((await gateway.poll()).readings) == 12

    go(work())


def test_one_station_is_spoken_to_by_one_at_a_time(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock) as (gateway, dialer):
            order: list[object] = []

            async def read(name: str) -> None:
                order.append((name, (await gateway.read("ash", "gate"))[0].value))

            async with gateway.hold("ash") as held:
                readers = [asyncio.create_task(read(name)) for name in "abc"]
                await settle(50)
                assert await cancelled(readers[1])
                assert await held.write("gate", 0.25) == 0.25
                assert (await gateway.read("beech", "level"))[0].value == 1.1
                order.append("held")
            await asyncio.wait(readers)
            assert order == ["held", ("a", 0.25), ("c", 0.25)]
            assert sorted(await gateway.contacts()) == ["ash", "beech"]
            assert world.outstations["ash"].links == 1

    go(work())


def test_a_time_out_inside_a_block_closes_the_session(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, replace(settings, answer_timeout=0.5), clock) as (gateway, dialer):
            async with gateway.hold("ash") as held:
                assert held.firmware == "1.0.0"
                dialer.shut("ash")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await held.ping()
                dialer.let("ash")
                with pytest.raises(LinkClosed):
                    await held.read("level")
            assert (await gateway.read("ash", "level"))[0].value == 1.0
            dialer.shut("ash")
            with pytest.raises(DeviceTimeout):
                await gateway.read("ash")
            assert dialer.open_links == 0

    go(work())


def test_listeners_may_be_plain_or_coroutine_functions() -> None:
    async def work() -> None:
        bus, heard = EventBus(), []
        loop_thread = threading.current_thread()

        def plain(event: Event) -> None:
            assert threading.current_thread() is not loop_thread
            heard.append("plain")

        async def coroutine(event: Event) -> None:
            await asyncio.sleep(0.01)
            assert threading.current_thread() is loop_thread
            heard.append("coroutine")

        async def named(name: str, event: Event) -> None:
            heard.append(name)

        def failing(event: Event) -> None:
            raise ValueError("odd")

        bus.subscribe(coroutine)
        cancel = bus.subscribe(plain)
        bus.subscribe(failing, (BatchSent,))
        bus.subscribe(functools.partial(named, "partial"))
        await bus.emit(BatchSent(1, 2))
        assert heard == ["coroutine", "plain", "partial"]
        assert bus.failures == ["BatchSent: ValueError: odd"]
        cancel()
        await bus.emit(StationFailed("ash", "x"))
        assert heard[3:] == ["coroutine", "partial"]
        assert [type(event).__name__ for event in bus.recent] == ["BatchSent", "StationFailed"]

    go(work())


def test_a_cancelled_emission_is_no_failure() -> None:
    async def work() -> None:
        bus = EventBus()

        async def hanging(event: Event) -> None:
            await asyncio.sleep(60)

        bus.subscribe(hanging)
        emitting = asyncio.create_task(bus.emit(BatchSent(1, 1)))
        await settle()
        assert await cancelled(emitting)
        assert bus.failures == []

    go(work())


def test_many_waiting_listeners_hold_nothing_up(world, settings, clock) -> None:
    async def work() -> None:
        free = threading.Event()
        async with opened(world, settings, clock) as (gateway, _):
            begun = []

            def waiting(event: Event) -> None:
                begun.append(event)
                assert free.wait(10)

            cancel = gateway.subscribe(waiting, (RoundFinished,))
            rounds = [asyncio.create_task(gateway.poll("ash")) for _ in range(48)]
            await until(lambda: len(begun) == 48)
            cancel()
            assert len((await gateway.poll("beech")).readings) == 2
            assert await gateway.verify_audit() == 0
            free.set()
            await asyncio.gather(*rounds)

    go(work())


def test_commands_go_out_in_order_and_survive_a_cancellation(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock) as (gateway, dialer):
            heard: list[int] = []

            async def listen(event: Event) -> None:
                heard.append(event.command.number)  # type: ignore[attr-defined]

            gateway.subscribe(listen, (CommandFinished,))
            for station in ("fir", "ash", "beech"):
                await gateway.submit(station, "gate", 0.75, "me")
            dialer.shut("ash")
            running = asyncio.create_task(gateway.run_commands())
            await until(lambda: dialer.is_stuck("ash"))
            while len(await gateway.commands(CommandState.DONE)) < 2:
                await asyncio.sleep(0.002)
            assert await cancelled(running)
            assert heard == []
            assert [c.station for c in await gateway.commands(CommandState.SENT)] == ["ash"]
            dialer.let("ash")
        async with opened(world, settings, clock) as (gateway, dialer):
            gateway.subscribe(listen, (CommandFinished,))
            assert [(c.station, c.state.value, c.attempts) for c in await gateway.run_commands()] == [("ash", "done", 2)]
            assert heard == [2]
            assert world.outstations["ash"].get("gate") == 0.75

    go(work())


def test_a_wave_begins_when_the_one_before_is_over(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, replace(settings, max_links=8, parallel_updates=2), clock) as (gateway, dialer):
            moved: list[tuple[str, str]] = []

            async def listen(event: Event) -> None:
                moved.append((event.station, event.step.value))  # type: ignore[attr-defined]

            gateway.subscribe(listen, (RolloutMoved,))
            await gateway.add_image("gauge7", "2.0.0", b"x" * 900)
            await gateway.start_rollout("gauge7-2.0.0", NAMES[:5], (1, 3))
            dialer.shut("cedar")
            rolling = asyncio.create_task(gateway.run_rollout("gauge7-2.0.0"))
            await until(lambda: dialer.is_stuck("cedar") and ("elm", "done") in moved)
            await asyncio.sleep(0.02)
            assert moved[:2] == [("ash", "sending"), ("ash", "done")]
            assert ("fir", "sending") not in moved
            assert await cancelled(rolling)
            steps = (await gateway.rollout("gauge7-2.0.0"))[1]
            assert steps == {"ash": Step.DONE, "beech": Step.DONE, "cedar": Step.SENDING, "elm": Step.DONE}
            dialer.let("cedar")
            assert (await gateway.run_rollout("gauge7-2.0.0"))["done"] == 5
            with pytest.raises(RolloutError):
                await gateway.retry_rollout("gauge7-2.0.0", "me")

    go(work())


def test_batches_go_out_once_and_in_order(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock, reports=True) as (gateway, dialer):
            heard: list[int] = []

            async def listen(event: Event) -> None:
                heard.append(event.number)  # type: ignore[attr-defined]

            gateway.subscribe(listen, (BatchSent,))
            for name in NAMES[:4]:
                await gateway.poll(name)
            world.collector.answers = [503]
            assert sum(await asyncio.gather(*[gateway.flush() for _ in range(3)])) == 4
            assert world.collector.order == heard == [1, 2, 3, 4]
            await gateway.poll("ash")
            dialer.gates[COLLECTOR] = asyncio.Event()
            flushing = asyncio.create_task(gateway.flush())
            await until(lambda: COLLECTOR in dialer.stuck)
            assert await cancelled(flushing)
            assert (await gateway.spooled())[0] == 1
            dialer.gates.clear()
            assert await gateway.flush() == 1
            assert world.collector.order == [1, 2, 3, 4, 5]
            await gateway.poll("ash")
            world.collector.answers = [500] * 3
            with pytest.raises(HttpError):
                await gateway.flush()
            assert (await gateway.spooled())[0] == 1

    go(work())


def test_the_background_ends_after_its_work(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock, reports=True) as (gateway, dialer):
            dialer.gates[COLLECTOR] = asyncio.Event()
            await gateway.start()
            waiting = asyncio.create_task(gateway.wait())
            assert await gateway.wait(0.01) is False
            await gateway.poll("ash")
            await until(lambda: COLLECTOR in dialer.stuck)
            stopping = asyncio.create_task(gateway.stop())
            await settle(50)
            assert not stopping.done()
            dialer.gates.pop(COLLECTOR).set()
            await stopping
            assert world.collector.order == [1]
            assert await waiting is True
            await gateway.start()
            await gateway.poll("beech")
            await until(lambda: world.collector.order == [1, 2])

    go(work())


def test_jobs_run_one_at_a_time(clock) -> None:
    async def work() -> None:
        scheduler, seen = Scheduler(clock), []

        async def job(name: str) -> None:
            seen.append(f"{name} begins")
            await settle(3)
            seen.append(f"{name} ends")

        scheduler.add("slow", Every.parse("every 10m"), functools.partial(job, "slow"))
        scheduler.add("quick", Every.parse("every 5m"), functools.partial(job, "quick"))
        clock.advance(600)
        runs = await asyncio.gather(scheduler.run_due(), scheduler.run_due())
        assert [[run.name for run in each] for each in runs] == [["quick", "slow"], []]
        assert seen == ["quick begins", "quick ends", "slow begins", "slow ends"]
        clock.advance(600)
        await scheduler.start()
        assert scheduler.is_running
        await until(lambda: len(scheduler.runs) == 4)
        await scheduler.stop()
        assert not scheduler.is_running

    go(work())


def test_alarms_are_kept_then_told_then_sent(world, settings, clock) -> None:
    async def work() -> None:
        async with opened(world, settings, clock, reports=True) as (gateway, _):
            seen: list[object] = []

            async def listen(event: Event) -> None:
                alarm = event.alarm  # type: ignore[attr-defined]
                seen.append((alarm.rule, alarm in await gateway.alarms(), len(world.collector.letters)))

            gateway.subscribe(listen, (AlarmChanged,))
            for name in ("ash", "beech"):
                world.outstations[name].set("level", 4.0)
            await gateway.poll()
            assert seen == [("high", True, 0), ("higher", True, 1)]
            assert len(world.collector.letters) == 2
            assert gateway.failures == []
            assert gateway.counters["alarms"] == 2

    go(work())
