"""Stores: order, whole calls, and a loop that goes on."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from conftest import START
from peers import SlowDisk, cancelled, go, settle, until

from sluice.errors import CommandError, StoreError
from sluice.model.commands import Command, CommandState
from sluice.model.readings import Reading
from sluice.model.waves import Step, plan
from sluice.stores.audit import AuditTrail
from sluice.stores.images import ImageStore
from sluice.stores.segments import ReadingStore
from sluice.stores.spool import Spool
from sluice.stores.state import StateStore

MINUTE = timedelta(minutes=1)


def reading(number: int, value: float | None = None) -> Reading:
    return Reading("ash", "level", START + number * MINUTE, float(number if value is None else value))


def lines(folder) -> list[str]:
    return [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def test_appends_take_effect_in_the_order_of_calling(tmp_path) -> None:
    async def work() -> None:
        store = ReadingStore(tmp_path)
        await store.open()
        assert await asyncio.gather(*[store.append([reading(0, n), reading(1, n)]) for n in range(12)]) == [2] * 12
        assert [line.split('"v":')[1] for line in lines(tmp_path)[::2]] == [f"{float(n)}}}" for n in range(12)]
        assert await store.compact(START.date()) == 22
        assert (await store.last("ash", "level")).value == 11.0

    go(work())


def test_the_loop_goes_on_while_the_disk_is_slow(tmp_path, monkeypatch) -> None:
    async def work() -> None:
        store = ReadingStore(tmp_path / "r")
        await store.open()
        with SlowDisk(monkeypatch) as disk:
            appending = asyncio.create_task(store.append([reading(1)]))
            await until(lambda: disk.begun)
            assert not appending.done()
            disk.let()
            assert await appending == 1
            spool = Spool(tmp_path / "s")
            await spool.open()
            await spool.put([reading(1)])
            assert disk.on_loop == 0

    go(work())


def test_a_cancelled_append_is_whole_and_holds_the_next_one_back(tmp_path, monkeypatch) -> None:
    async def work() -> None:
        store = ReadingStore(tmp_path)
        await store.open()
        with SlowDisk(monkeypatch) as disk:
            first = asyncio.create_task(store.append([reading(1), reading(2)]))
            await until(lambda: disk.begun)
            second = asyncio.create_task(store.append([reading(3)]))
            third = asyncio.create_task(store.append([reading(4)]))
            await settle()
            first.cancel()
            third.cancel()
            await settle()
            await asyncio.sleep(0.02)
            assert disk.begun == 1
            assert len(lines(tmp_path)) == 2
            disk.let()
            results = await asyncio.gather(first, second, third, return_exceptions=True)
            assert [type(result) for result in results] == [asyncio.CancelledError, int, asyncio.CancelledError]
            kept = [r.value async for r in store.scan()]
            # The third call had not begun: it may be left out, or done as a whole.
            assert kept[:3] == [1.0, 2.0, 3.0]
            assert kept[3:] in ([], [4.0])

    go(work())


def test_a_cancelled_entry_leaves_the_trail_sound(tmp_path, monkeypatch, clock) -> None:
    async def work() -> None:
        trail = AuditTrail(tmp_path / "audit.jsonl", clock)
        assert await trail.open() == 0
        with SlowDisk(monkeypatch) as disk:
            first = asyncio.create_task(trail.record("me", "write", "one"))
            await until(lambda: disk.begun)
            second = asyncio.create_task(trail.record("me", "write", "two"))
            first.cancel()
            await settle()
            disk.let()
            assert await second == 2
            assert await trail.verify() == 2
            await asyncio.gather(*[trail.record("me", "write", str(n)) for n in range(8)])
            assert [entry["text"] for entry in await trail.entries(3)] == ["5", "6", "7"]
            assert await AuditTrail(tmp_path / "audit.jsonl", clock).open() == 10

    go(work())


def test_scanning_goes_day_by_day(tmp_path) -> None:
    async def work() -> None:
        store = ReadingStore(tmp_path)
        await store.open()
        await store.append([reading(n * 1440) for n in range(4)])
        assert await store.days() == [date(2026, 5, n) for n in (4, 5, 6, 7)]
        (tmp_path / "2026-05-06.jsonl").write_text("broken\n")
        found = []
        with pytest.raises(StoreError, match="2026-05-06.jsonl, line 1"):
            async for each in store.scan():
                found.append(each.value)
        assert found == [0.0, 1440.0]
        assert [r.value async for r in store.scan(end=START + timedelta(days=1))] == [0.0]
        assert await store.prune(date(2026, 5, 6)) == [date(2026, 5, 4), date(2026, 5, 5)]

    go(work())


def test_the_state_numbers_commands_in_order(tmp_path) -> None:
    async def work() -> None:
        state = StateStore(tmp_path / "state.db")
        with pytest.raises(StoreError):
            await state.commands()
        await state.open()
        commands = [Command("ash", "gate", n / 10, "me", START) for n in range(8)]
        taken = await asyncio.gather(*[state.add_command(command) for command in commands])
        assert [(c.number, c.value) for c in taken] == [(n + 1, n / 10) for n in range(8)]
        await state.save_command(taken[2].moved(CommandState.SENT))
        assert [c.number for c in await state.commands((CommandState.SENT,))] == [3]
        outside = Command("ash", "gate", 1.0, "me", START, outside="x")
        await state.add_command(outside)
        with pytest.raises(CommandError):
            await state.add_command(outside)
        await state.touch("ash", START)
        await state.touch("ash", START - MINUTE)
        assert await state.contacts() == {"ash": START}
        await state.save_plan(plan("i-1.0.0", ["ash", "elm"]))
        await state.save_step("i-1.0.0", "elm", Step.FAILED)
        assert (await state.steps("i-1.0.0"), await state.plans()) == ({"elm": Step.FAILED}, ["i-1.0.0"])
        await state.close()
        with pytest.raises(StoreError):
            await state.cursor("x")

    go(work())


def test_the_state_can_be_cancelled_and_used_on(tmp_path) -> None:
    async def work() -> None:
        state = StateStore(tmp_path / "state.db")
        await state.open()
        for n in range(15):
            task = asyncio.create_task(state.set_cursor("place", str(n)))
            await settle(n % 4)
            task.cancel()
            await asyncio.wait([task])
        await state.set_cursor("place", "end")
        assert await state.cursor("place") == "end"
        await state.close()

    go(work())


def test_batches_are_numbered_in_the_order_of_calling(tmp_path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        await spool.open()
        batches = await asyncio.gather(*[spool.put([reading(n)]) for n in range(8)])
        assert [(b.number, b.readings[0].value) for b in batches] == [(n + 1, float(n)) for n in range(8)]
        await asyncio.gather(spool.drop(1), spool.refuse(2, "odd"), spool.drop(8))
        assert await spool.waiting() == [3, 4, 5, 6, 7]
        assert await spool.refused() == [(2, "odd")]
        assert (await spool.put([reading(9)])).number == 9
        with pytest.raises(StoreError):
            await spool.load(1)

    go(work())


def test_images_are_added_once(tmp_path) -> None:
    async def work() -> None:
        store = ImageStore(tmp_path)
        await store.open()
        results = await asyncio.gather(store.add("g", "1.0.0", b"a"), store.add("g", "1.0.0", b"b"), return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["Image", "StoreError"]
        assert (await store.load("g-1.0.0")).data == b"a"
        (tmp_path / "g-1.0.0.bin").write_bytes(b"x")
        with pytest.raises(StoreError, match="damaged"):
            await store.load("g-1.0.0")
        await store.remove("g-1.0.0")
        assert await store.names() == []
        task = asyncio.create_task(store.names())
        assert await cancelled(task)

    go(work())
