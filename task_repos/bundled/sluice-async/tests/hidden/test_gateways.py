"""The two gateways: one for coroutines, one with plain calls."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import source_tree
from conftest import NAMES
from peers import AsyncGateway, GatedDialer, go, settle

from sluice import Gateway, errors
from sluice.errors import CommandError, SluiceError, StoreError
from sluice.services.events import RoundFinished
from sluice.sites.twin_pumps import exercise
from sluice.sites.weir_hall import LevelKeeper

PLAIN = ["counters", "failures", "jobs", "subscribe"]
SPECIAL = ["hold", "scan"]
WATCHED = {"open", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.scandir", "sqlite3.connect", "time.sleep", "os.truncate", "subprocess.Popen"}


def test_both_gateways_have_the_same_calls() -> None:
    base = [name.partition(".")[2] for name, _ in source_tree.BASE["plain"]["sluice.gateway"] if name.startswith("Gateway.")]
    names = [name for name in base if not name.startswith("_")]
    assert len(names) == 37
    for name in [*names, "failures", "counters"]:
        plain, found = getattr(Gateway, name), getattr(AsyncGateway, name)
        assert not inspect.iscoroutinefunction(plain), name
        if name in PLAIN:
            assert not inspect.iscoroutinefunction(found), name
        elif name not in SPECIAL:
            assert inspect.iscoroutinefunction(found), name
        if callable(plain):
            assert list(inspect.signature(found).parameters) == list(inspect.signature(plain).parameters), name


def test_an_async_gateway_does_it_all(world, settings, clock) -> None:
    async def work() -> None:
        gateway = AsyncGateway(world.settings(settings), world.fleet, dialer=world.dialer, clock=clock)
        async with gateway as same:
            assert same is gateway
            found, value = await asyncio.gather(gateway.poll(), gateway.write("elm", "gate", 0.3, "me"))
            assert (len(found.readings), value) == (12, pytest.approx(0.3))
            assert len([reading async for reading in gateway.scan(station="fir")]) == 2
            assert (await gateway.last("hazel", "level")).value == 1.5
            async with gateway.hold("ash") as held:
                assert await held.read() == {"level": 1.0, "gate": 0.5}
            clock.advance(7200)
            assert [run.problem for run in await gateway.tick()] == [None] * 3
            assert (await gateway.status())["stations"] == 6
            with pytest.raises(StoreError):
                await gateway.open()
        with pytest.raises(StoreError):
            await gateway.commands()
        await gateway.close()

    go(work())


def test_the_disk_is_never_touched_on_the_loop(world, settings, clock) -> None:
    found: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple) -> None:
        if not watching or event not in WATCHED or asyncio._get_running_loop() is None:
            return
        place = str(arguments[0]) if arguments else ""
        if event == "time.sleep" or str(settings.state) in place:
            found.append(f"{event} {place}")

    async def work() -> None:
        async with AsyncGateway(world.settings(settings), world.fleet, dialer=world.dialer, clock=clock) as gateway:
            for _ in range(2):
                await gateway.poll()
                world.outstations["ash"].note("level", clock.now())
                world.outstations["ash"].set("level", 4.5)
                clock.advance(60)
            await gateway.catch_up("ash")
            await gateway.submit("ash", "gate", 0.1, "me")
            await gateway.run_commands()
            await gateway.write("ash", "gate", 0.2, "me")
            await gateway.flush()
            await gateway.add_image("gauge7", "1.5.0", b"image")
            await gateway.start_rollout("gauge7-1.5.0", ["elm"])
            await gateway.run_rollout("gauge7-1.5.0")
            await gateway.history("ash", "level")
            await gateway.check_clocks()
            await gateway.audit()
            await gateway.status()
            clock.advance(86400)
            await gateway.tidy()
            await gateway.start()
            await gateway.stop()

    sys.addaudithook(hook)
    try:
        go(work())
    finally:
        watching.clear()
    assert found == []


def test_plain_calls_are_refused_in_a_coroutine(world, settings, clock) -> None:
    refused: type[Exception] = errors.BlockingCallError
    assert issubclass(refused, SluiceError)

    async def work(gateway: Gateway) -> None:
        for call in (
            lambda: gateway.read("ash"),
            gateway.poll,
            lambda: gateway.write("ash", "gate", 0.9, "me"),
            lambda: gateway.submit("ash", "gate", 0.9, "me"),
            lambda: gateway.hold("ash").__enter__(),
            lambda: next(gateway.scan()),
            gateway.status,
            gateway.start,
            gateway.stop,
            lambda: gateway.wait(0.01),
            gateway.close,
            gateway.open,
        ):
            with pytest.raises(refused):
                call()
        assert [name for name, _, _ in gateway.jobs()] == ["clocks", "commands", "housekeeping", "poll"]
        gateway.subscribe(print)()

    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        go(work(gateway))
        assert world.dialer.dialled == []
        assert gateway.commands() == []
        with gateway.hold("ash") as held:
            for call in (held.read, held.ping):
                with pytest.raises(refused):
                    go(in_coroutine(call))
        assert gateway.read("ash", "gate")[0].value == 0.5
    with pytest.raises(refused):
        go(in_coroutine(Gateway(settings, world.fleet, dialer=world.dialer, clock=clock).open))


async def in_coroutine(call) -> None:
    call()


def left_over(before: set[threading.Thread]) -> set[threading.Thread]:
    """Threads that were not there before; one that has told its end may need a moment for it."""
    for _ in range(100):
        found = set(threading.enumerate()) - before
        if not found:
            break
        time.sleep(0.01)
    return found


def test_no_thread_is_left_behind(world, settings, clock) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        with Gateway(world.settings(settings), world.fleet, dialer=world.dialer, clock=clock) as gateway:
            gateway.subscribe(lambda event: None)
            gateway.start()
            gateway.poll()
        assert left_over(before) == set()
        gateway.close()
    with pytest.raises(StoreError):
        gateway.read("ash")


def test_an_opening_that_fails_leaves_nothing(world, settings, clock) -> None:
    before = set(threading.enumerate())
    gateway = Gateway(settings, world.fleet, dialer=world.dialer, clock=clock)
    with pytest.raises(StoreError):
        gateway.status()
    settings.state.mkdir()
    (settings.state / "audit.jsonl").write_text("{}\n")
    with pytest.raises(StoreError, match="entry 1"):
        gateway.open()
    assert left_over(before) == set()
    (settings.state / "audit.jsonl").unlink()
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as again:
        with pytest.raises(StoreError, match="open already"):
            again.open()
        assert again.verify_audit() == 0


def test_whoever_waits_hears_of_the_end(world, settings, clock) -> None:
    gateway = Gateway(settings, world.fleet, dialer=world.dialer, clock=clock)
    gateway.open()
    ends: list[bool] = []
    threads = [threading.Thread(target=lambda: ends.append(gateway.wait())) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert gateway.wait(0.02) is False
    gateway.close()
    for thread in threads:
        thread.join(10)
    assert ends == [True, True, True]
    assert gateway.wait() is True


def test_scanning_loads_no_more_than_it_must(world, settings, clock) -> None:
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        for _ in range(3):
            gateway.poll("ash")
            clock.advance(86400)
        (settings.state / "readings" / "2026-05-06.jsonl").write_text("broken\n")
        found = gateway.scan()
        assert [next(found).value for _ in range(4)] == [0.5, 1.0, 0.5, 1.0]
        with pytest.raises(StoreError):
            next(found)
        other = gateway.scan()
        assert next(other).point == "gate"
        other.close()  # type: ignore[attr-defined]
        assert len(list(gateway.scan(end=clock.now() - timedelta(days=2)))) == 2


def test_errors_pass_through_a_held_block(world, settings, clock) -> None:
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        with pytest.raises(CommandError), gateway.hold("ash") as held:
            held.write("level", 1.0)
        assert gateway.contacts() == {}
        gateway.read("ash")
        assert world.outstations["ash"].links == 1
        with pytest.raises(ValueError, match="odd"), gateway.hold("ash") as held:
            assert held.firmware == "1.0.0"
            raise ValueError("odd")
        gateway.read("ash")
        assert world.outstations["ash"].links == 2


def test_scripts_of_the_sites_go_on_working(world, settings, clock) -> None:
    with Gateway(replace(settings, max_links=6), world.fleet, dialer=world.dialer, clock=clock) as gateway:
        keepers = [LevelKeeper(gateway, name, 0.5) for name in NAMES]
        gateway.poll()
        assert [keeper.moves for keeper in keepers] == [[pytest.approx(0.55)]] * 6
        assert gateway.failures == []
        results = exercise(gateway, NAMES, (0.2, 0.8))
        assert results == {name: [pytest.approx(0.2), pytest.approx(0.8)] for name in NAMES}
        assert gateway.verify_audit() == 6


def test_many_threads_share_one_gateway(world, settings, clock) -> None:
    heard = []
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        gateway.subscribe(lambda event: heard.append(gateway.last("ash", "level").value), (RoundFinished,))
        numbers: list[int] = []
        jobs = [lambda n=n: numbers.append(gateway.submit(NAMES[n % 6], "gate", 0.5, "me").number) for n in range(12)]
        threads = [threading.Thread(target=job) for job in [*jobs, *[gateway.poll] * 4]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sorted(numbers) == list(range(1, 13))
        assert gateway.counters["rounds"] == 4
        assert heard == [1.0] * 4
        assert gateway.verify_audit() == 12


def test_other_tasks_go_on_while_stations_are_slow(world, settings, clock) -> None:
    async def work() -> None:
        dialer = GatedDialer(world)
        async with AsyncGateway(replace(settings, answer_timeout=0.6), world.fleet, dialer=dialer, clock=clock) as gateway:
            dialer.shut("ash")
            begun = time.monotonic()
            polling = asyncio.create_task(gateway.poll())
            ticks = 0
            while not polling.done():
                ticks += 1
                await asyncio.sleep(0.01)
            assert 5 <= ticks
            assert time.monotonic() - begun < 10
            assert list((await polling).failed) == ["ash"]
            await settle()

    go(work())
