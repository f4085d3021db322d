"""Commands, rollouts and uploads."""

from __future__ import annotations

import pytest

from sluice import Gateway
from sluice.errors import CommandError, ConfigError, HttpError, LinkClosed, RolloutError, StoreError
from sluice.model.commands import CommandState
from sluice.services.events import BatchRefused, BatchSent, CommandFinished, RolloutMoved


def test_commands_are_sent_in_order(gateway, world):
    heard = []
    gateway.subscribe(heard.append, (CommandFinished,))
    numbers = [gateway.submit(station, "gate", 0.7, "me").number for station in ("mill", "weir", "lock")]
    assert [command.number for command in gateway.run_commands()] == numbers
    assert [event.command.note for event in heard] == ["reads 0.7"] * 3
    assert world.outstations["lock"].get("gate") == pytest.approx(0.7)


def test_later_commands_replace_earlier_ones(gateway, world):
    gateway.submit("weir", "gate", 0.2, "me")
    gateway.submit("weir", "gate", 0.9, "me")
    assert [command.state.value for command in gateway.run_commands()] == ["cancelled", "done"]
    assert world.outstations["weir"].get("gate") == 0.9


def test_commands_expire_and_can_be_withdrawn(gateway, clock):
    first = gateway.submit("weir", "gate", 0.2, "me")
    second = gateway.submit("mill", "gate", 0.2, "me")
    assert gateway.withdraw(second.number, "you").note == "withdrawn by you"
    clock.advance(1000)
    assert [(c.number, c.state.value) for c in gateway.run_commands()] == [(first.number, "expired")]
    with pytest.raises(CommandError):
        gateway.withdraw(first.number, "you")


def test_a_broken_line_is_tried_three_times(gateway, world):
    gateway.submit("mill", "gate", 0.2, "me")
    world.cut("mill")
    assert gateway.run_commands() == []
    assert gateway.run_commands() == []
    assert [c.state.value for c in gateway.run_commands()] == ["failed"]
    assert gateway.commands(CommandState.WAITING) == []


def test_commands_on_their_way_are_recovered(world, settings, clock, gateway):
    gateway.submit("weir", "gate", 0.2, "me")
    gateway.close()
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as again:
        assert [c.state.value for c in again.commands()] == ["waiting"]


def test_commands_of_the_collector(gateway, world):
    world.collector.commands = [
        {"id": "a", "station": "weir", "point": "gate", "value": 0.4},
        {"id": "b", "station": "weir", "point": "nothing", "value": 0.4},
    ]
    assert [command.outside for command in gateway.fetch_commands()] == ["a"]
    assert gateway.fetch_commands() == []
    assert world.collector.reports["b"]["state"] == "refused"
    gateway.clock.advance(300)
    gateway.tick()
    assert world.collector.reports["a"]["state"] == "done"


def test_readings_are_uploaded_in_batches(gateway, world):
    heard = []
    gateway.subscribe(heard.append, (BatchSent,))
    gateway.poll()
    gateway.poll("weir")
    assert gateway.spooled()[0] == 2
    assert gateway.flush() == 2
    assert world.collector.order == [1, 2]
    assert [(event.number, event.readings) for event in heard] == [(1, 12), (2, 4)]
    assert gateway.spooled() == (0, 0)


def test_uploads_are_tried_again(gateway, world, clock):
    gateway.poll("weir")
    world.collector.answers = [503, 500]
    assert gateway.flush() == 1
    assert clock.naps == [1.0, 2.0]
    gateway.poll("weir")
    world.collector.answers = [503] * 3
    with pytest.raises(HttpError):
        gateway.flush()
    assert gateway.spooled()[0] == 1


def test_refused_batches_are_laid_aside(gateway, world):
    heard = []
    gateway.subscribe(heard.append, (BatchRefused,))
    gateway.poll("weir")
    gateway.poll("mill")
    world.collector.answers = [422]
    assert gateway.flush() == 1
    assert [number for number, _ in gateway.refused()] == [1]
    assert [event.number for event in heard] == [1]


def test_batches_keep_their_numbers(world, settings, clock):
    found = world.settings(settings)
    for number in (1, 2):
        with Gateway(found, world.fleet, dialer=world.dialer, clock=clock) as gateway:
            gateway.poll("weir")
            gateway.flush()
    assert world.collector.order == [1, 2]
    assert number == 2


def test_a_link_that_the_collector_closed_is_replaced(gateway, world):
    gateway.poll("weir")
    gateway.flush()
    world.collector.hang_up_after_each = True
    for _ in range(2):
        gateway.poll("weir")
        gateway.flush()
    assert world.collector.order == [1, 2, 3]


def test_without_a_collector_nothing_is_uploaded(world, settings, clock):
    with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        gateway.poll()
        with pytest.raises(ConfigError):
            gateway.flush()


def test_firmware_goes_out_in_waves(gateway, world):
    heard = []
    gateway.subscribe(heard.append, (RolloutMoved,))
    gateway.add_image("gauge7", "1.1.0", b"new" * 700)
    found = gateway.start_rollout("gauge7-1.1.0", ["weir", "mill", "lock"])
    assert found.waves == (("weir",), ("mill", "lock"))
    assert gateway.run_rollout("gauge7-1.1.0")["done"] == 3
    assert {o.firmware for o in world.outstations.values()} == {"1.1.0"}
    assert [event.station for event in heard[:2]] == ["weir", "weir"]
    assert gateway.read("weir", "gate")[0].value == 0.5


def test_a_rollout_halts_and_goes_on(gateway, world):
    gateway.add_image("gauge7", "1.1.0", b"new" * 700)
    gateway.start_rollout("gauge7-1.1.0", ["weir", "mill", "lock"], (1,))
    world.outstations["mill"].faults.hang_up = 1
    counts = gateway.run_rollout("gauge7-1.1.0")
    assert (counts["done"], counts["failed"], counts["waiting"]) == (1, 1, 1)
    assert world.outstations["lock"].firmware == "1.0.0"
    assert gateway.retry_rollout("gauge7-1.1.0", "me") == ["mill"]
    assert gateway.run_rollout("gauge7-1.1.0")["done"] == 3
    with pytest.raises(RolloutError):
        gateway.start_rollout("gauge7-1.1.0", ["weir"])


def test_images_are_checked(gateway):
    gateway.add_image("gauge7", "1.1.0", b"new")
    with pytest.raises(StoreError):
        gateway.add_image("gauge7", "1.1.0", b"other")
    with pytest.raises(StoreError):
        gateway.start_rollout("gauge7-9.9.9", ["weir"])
    assert gateway.images() == ["gauge7-1.1.0"]


def test_a_dead_line_ends_a_read(gateway, world):
    world.outstations["weir"].faults.hang_up = 1
    with pytest.raises(LinkClosed):
        gateway.read("weir")
