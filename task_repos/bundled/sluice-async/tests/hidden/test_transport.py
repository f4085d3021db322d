"""Links, turns, the pool and the listener."""

from __future__ import annotations

import asyncio
import time

import pytest
from peers import PlayedLink, cancelled, go, settle, until

from sluice.clock import ManualClock, SystemClock
from sluice.errors import DeviceRefused, DialError, LinkClosed, LinkError, LinkTimeout, PoolClosed
from sluice.model.addresses import Address
from sluice.transport.dialers import TcpDialer, dial_first
from sluice.transport.listener import Listener
from sluice.transport.memory import MemoryDialer, MemoryLink
from sluice.transport.pool import Pool
from sluice.transport.turns import Turns

HERE = Address("127.0.0.1", 0)


def test_a_memory_link_waits_without_blocking() -> None:
    async def work() -> None:
        link = MemoryLink(lambda data: [data.upper()] if data else [], "peer")
        with pytest.raises(LinkTimeout):
            await link.receive(0.01)
        receiving = asyncio.create_task(link.receive(1))
        await settle()
        await link.send(b"late", 1)
        assert await receiving == b"LATE"
        waiting = asyncio.create_task(link.receive(1))
        await settle()
        link.close()
        with pytest.raises(LinkClosed):
            await waiting

    go(work())


def test_tcp_links_carry_bytes_both_ways() -> None:
    async def work() -> None:
        async def echo(link) -> None:
            while data := await link.receive(5):
                await link.send(data[::-1], 5)

        listener = Listener(echo, "echo")
        address = await listener.start(HERE)
        link = await TcpDialer().dial(address, 5)
        await link.send(b"abc", 5)
        assert await link.receive(5) == b"cba"
        assert listener.links == 1
        with pytest.raises(LinkTimeout):
            await link.receive(0.01)
        assert not link.closed
        await link.send(b"xy", 5)
        assert await link.receive(5) == b"yx"
        link.close()
        with pytest.raises(LinkClosed):
            await link.send(b"z", 5)
        await until(lambda: listener.links == 0)
        with pytest.raises(LinkError):
            await listener.start(address)
        await listener.stop(1)
        with pytest.raises(DialError):
            await TcpDialer().dial(address, 1)

    go(work())


def test_a_tcp_peer_that_takes_nothing_times_out() -> None:
    async def work() -> None:
        async def deaf(link) -> None:
            await done.wait()

        done = asyncio.Event()
        listener = Listener(deaf, "deaf")
        link = await TcpDialer().dial(await listener.start(HERE), 5)
        with pytest.raises(LinkTimeout):
            await link.send(b"x" * (64 << 20), 0.05)
        assert link.closed
        done.set()
        await listener.stop(1)

    go(work())


def test_stopping_a_listener_lets_work_end_and_closes_the_rest() -> None:
    async def work() -> None:
        ended = []

        async def serve(link) -> None:
            order = await link.receive(5)
            if order == b"work":
                await busy.wait()
                ended.append("worked")
            else:
                try:
                    await link.receive(5)
                except (LinkClosed, asyncio.CancelledError):
                    ended.append("closed")
                    raise

        busy = asyncio.Event()
        listener = Listener(serve, "mixed")
        address = await listener.start(HERE)
        clients = [await TcpDialer().dial(address, 5) for _ in range(2)]
        for client, order in zip(clients, (b"work", b"idle"), strict=True):
            await client.send(order, 5)
        await until(lambda: listener.links == 2)
        await asyncio.sleep(0.02)
        stopping = asyncio.create_task(listener.stop(0.3))
        await settle()
        busy.set()
        await stopping
        assert ended == ["worked", "closed"]
        assert listener.links == 0
        assert len(listener.problems) <= 1
        assert [await client.receive(5) for client in clients] == [b"", b""]
        for client in clients:
            client.close()

    go(work())


def test_addresses_are_dialled_one_after_another() -> None:
    async def work() -> None:
        dialer = MemoryDialer()
        dialer.register(Address("b", 1), lambda: lambda data: [])
        found = await dial_first(dialer, [Address("a", 1), Address("b", 1), Address("c", 1)], 1)
        assert found.peer == "b:1"
        assert [address.host for address in dialer.dialled] == ["a", "b"]
        with pytest.raises(DialError, match="c:1"):
            await dial_first(dialer, [Address("a", 1), Address("c", 1)], 1)

    go(work())


def test_turns_come_in_the_order_of_asking() -> None:
    async def work() -> None:
        turns, order = Turns(), []

        async def take(name: str) -> None:
            async with turns.take("weir", 5):
                order.append(name)
                await settle(3)

        async with turns.take("weir"):
            tasks = [asyncio.create_task(take(name)) for name in "abcd"]
            await settle()
            assert turns.waiting("weir") == 5
            assert await cancelled(tasks[1])
            with pytest.raises(LinkTimeout):
                async with turns.take("weir", 0.01):
                    pass
            async with turns.take("mill", 0.01):
                order.append("other")
            assert turns.waiting("weir") == 4
        await asyncio.wait(tasks)
        assert order == ["other", "a", "c", "d"]
        assert turns.waiting("weir") == 0

    go(work())


def test_a_turn_that_is_cancelled_as_it_comes_goes_on() -> None:
    async def work() -> None:
        turns = Turns()

        async def take() -> None:
            async with turns.take("weir"):
                await asyncio.sleep(60)

        async with turns.take("weir"):
            task = asyncio.create_task(take())
            await settle()
        task.cancel()
        async with turns.take("weir", 1):
            assert turns.waiting("weir") <= 2
        await asyncio.wait([task])
        assert turns.waiting("weir") == 0

    go(work())


def pool_of(most: int, opened: list[PlayedLink], gate: asyncio.Event | None = None, harmless=()) -> Pool:
    async def opener(key, timeout) -> PlayedLink:
        if gate is not None:
            await gate.wait()
        if key == "broken":
            raise DialError("no")
        opened.append(PlayedLink())
        return opened[-1]

    return Pool(opener, SystemClock(), most, 60.0, harmless)


def test_room_in_a_pool_goes_by_the_order_of_asking() -> None:
    async def work() -> None:
        opened: list[PlayedLink] = []
        pool, order = pool_of(2, opened), []

        async def borrow(name: str) -> None:
            async with pool.lend(name, 5):
                order.append(name)
                assert pool.lent <= 2
                await settle(3)

        await asyncio.gather(*[borrow(name) for name in "abcdef"])
        assert order == list("abcdef")
        assert (pool.lent, pool.idle) == (0, 2)
        assert [link.closed for link in opened] == [True] * 4 + [False] * 2
        async with pool.lend("f", 5) as link:
            assert link is opened[5]
            with pytest.raises(LinkTimeout):
                async with pool.lend("a", 5), pool.lend("b", 0.01):
                    pass
        pool.close()

    go(work())


def test_no_room_leaks_from_a_pool() -> None:
    async def work() -> None:
        opened: list[PlayedLink] = []
        gate = asyncio.Event()
        gate.set()
        pool = pool_of(1, opened, gate)

        async def borrow(key: str = "a") -> None:
            async with pool.lend(key, 5):
                await asyncio.sleep(60)

        with pytest.raises(DialError):
            await borrow("broken")
        holder = asyncio.create_task(borrow())
        await settle()
        waiter = asyncio.create_task(borrow())
        await settle()
        assert await cancelled(waiter)
        late = asyncio.create_task(borrow())
        await settle()
        holder.cancel()
        await asyncio.wait([holder])
        late.cancel()
        await asyncio.wait([late])
        assert pool.lent == 0
        gate.clear()
        opening = asyncio.create_task(borrow("b"))
        await settle()
        assert await cancelled(opening)
        gate.set()
        assert pool.lent == 0
        async with pool.lend("c", 0.5):
            assert pool.lent == 1
        pool.close()

    go(work())


def test_room_that_is_handed_to_somebody_who_is_cancelled_goes_on() -> None:
    async def work() -> None:
        pool = pool_of(1, [])

        async def borrow(done: list[str], name: str) -> None:
            async with pool.lend("a", 2):
                done.append(name)

        done: list[str] = []
        async with pool.lend("a", 1):
            first = asyncio.create_task(borrow(done, "first"))
            second = asyncio.create_task(borrow(done, "second"))
            await settle()
        first.cancel()
        await asyncio.wait([first, second])
        assert done == ["second"]
        assert pool.lent == 0

    go(work())


def test_what_was_lent_comes_back_only_when_it_is_sound() -> None:
    async def work() -> None:
        opened: list[PlayedLink] = []
        pool = pool_of(2, opened, harmless=(DeviceRefused,))
        with pytest.raises(DeviceRefused):
            async with pool.lend("a", 1):
                raise DeviceRefused(1, "no")
        assert pool.idle == 1
        with pytest.raises(ValueError, match="odd"):
            async with pool.lend("a", 1):
                raise ValueError("odd")
        assert (pool.idle, opened[0].closed) == (0, True)

        async def borrow() -> None:
            async with pool.lend("a", 1):
                await asyncio.sleep(60)

        task = asyncio.create_task(borrow())
        await settle()
        assert await cancelled(task)
        assert (pool.lent, pool.idle, opened[1].closed) == (0, 0, True)

    go(work())


def test_a_closed_pool_sends_everybody_away() -> None:
    async def work() -> None:
        opened: list[PlayedLink] = []
        pool = pool_of(1, opened)

        async def borrow() -> None:
            async with pool.lend("a", 5):
                pass

        async with pool.lend("a", 1):
            waiting = [asyncio.create_task(borrow()) for _ in range(2)]
            await settle()
            pool.close()
            results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [PoolClosed, PoolClosed]
        assert opened[0].closed
        with pytest.raises(PoolClosed):
            await borrow()

    go(work())


def test_clocks_wait_on_the_loop(clock: ManualClock) -> None:
    async def work() -> None:
        order = []

        async def other() -> None:
            order.append("other")

        task = asyncio.create_task(other())
        await clock.sleep(2.5)
        order.append("slept")
        await task
        assert order == ["other", "slept"]
        assert clock.naps == [2.5]
        flag = asyncio.Event()
        system = SystemClock()
        assert await system.pause(flag, 0.01) is False
        pausing = [asyncio.create_task(each.pause(flag, 30)) for each in (system, clock)]
        await settle()
        flag.set()
        assert await asyncio.gather(*pausing) == [True, True]
        begun = time.monotonic()
        await asyncio.gather(*[system.sleep(0.1) for _ in range(30)])
        assert time.monotonic() - begun < 2.5

    go(work())
