"""Reading, writing and keeping, through the gateway."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from sluice import Gateway
from sluice.errors import CommandError, DeviceBusy, DeviceTimeout, DialError, LoginRefused, SluiceError, StoreError, UnknownStation, VerifyError
from sluice.services.events import AlarmChanged, RoundFinished, StationFailed, StationPolled


def test_points_are_read(gateway):
    assert {r.point: r.value for r in gateway.read("weir")} == {"level": 1.5, "gate": 0.5, "flow": 0.25, "pump": 1.0}
    assert [r.point for r in gateway.read("weir", "flow", "level")] == ["level", "flow"]


def test_a_round_is_kept_and_told_in_the_order_of_the_fleet(gateway):
    heard = []
    gateway.subscribe(heard.append, (StationPolled, RoundFinished))
    found = gateway.poll()
    assert [r.station for r in found.readings] == ["weir"] * 4 + ["mill"] * 4 + ["lock"] * 4
    assert [getattr(event, "station", "round") for event in heard] == ["weir", "mill", "lock", "round"]
    assert list(gateway.scan(station="mill", point="level")) == gateway.history("mill", "level")
    assert gateway.last("lock", "level").value == 2.5
    assert gateway.counters["readings"] == 12


def test_a_failing_station_disturbs_no_other(gateway, world):
    world.cut("mill")
    heard = []
    gateway.subscribe(heard.append, (StationFailed,))
    found = gateway.poll()
    assert found.failed == {"mill": "DialError: 10.0.0.2:7100 does not answer"}
    assert len(found.readings) == 8
    assert [event.station for event in heard] == ["mill"]
    assert sorted(gateway.contacts()) == ["lock", "weir"]


def test_the_backup_address_is_dialled(gateway, world):
    world.cut("weir")
    assert len(gateway.read("weir")) == 4
    assert [str(address) for address in world.dialer.dialled] == ["10.0.0.1:7100", "10.9.0.1:7100"]
    world.cut("weir", 1)
    assert len(gateway.read("weir")) == 4, "the link is still there"
    with pytest.raises(DialError):
        world.cut("mill")
        gateway.read("mill")


def test_a_silent_station_times_out_and_is_dialled_again(gateway, world):
    gateway.read("weir")
    world.outstations["weir"].faults.silent = 1
    with pytest.raises(DeviceTimeout):
        gateway.read("weir")
    assert len(gateway.read("weir")) == 4
    assert world.outstations["weir"].links == 2


def test_a_busy_station_is_asked_again(gateway, world, clock):
    world.outstations["weir"].faults.busy = 2
    gateway.read("weir", "level")
    assert clock.naps == [0.2, 0.2]
    world.outstations["weir"].faults.busy = 3
    with pytest.raises(DeviceBusy):
        gateway.read("weir", "level")
    assert world.outstations["weir"].links == 1


def test_noise_is_skipped(gateway, world):
    world.outstations["weir"].faults.noise = b"\xa5\x5a\x00noise"
    assert gateway.read("weir", "level")[0].value == 1.5


def test_a_wrong_secret_is_refused(world, settings, clock):
    from dataclasses import replace

    from sluice import Fleet

    fleet = Fleet([replace(world.fleet.station("weir"), secret="other")])
    with Gateway(settings, fleet, dialer=world.dialer, clock=clock) as gateway, pytest.raises(LoginRefused):
        gateway.read("weir")


def test_points_are_written_and_read_back(gateway, world):
    assert gateway.write("weir", "gate", 0.75, "me") == 0.75
    assert world.outstations["weir"].get("gate") == 0.75
    assert [entry["text"] for entry in gateway.audit()] == ["weir/gate = 0.75"]
    with pytest.raises(CommandError):
        gateway.write("weir", "level", 1.0, "me")
    with pytest.raises(CommandError):
        gateway.write("weir", "gate", 2.0, "me")
    world.outstations["weir"].faults.stubborn = True
    with pytest.raises(VerifyError):
        gateway.write("weir", "gate", 0.25, "me")


def test_a_station_can_be_held(gateway):
    with gateway.hold("weir") as held:
        held.ping()
        assert held.read("gate") == {"gate": 0.5}
        assert held.write("gate", 0.1) == 0.1
        assert held.firmware == "1.0.0"
    assert gateway.contacts()["weir"] == gateway.clock.now()


def test_others_wait_while_a_station_is_held(gateway):
    order = []
    with gateway.hold("weir") as held:
        other = threading.Thread(target=lambda: order.append(gateway.read("weir", "gate")[0].value))
        other.start()
        other.join(0.1)
        assert other.is_alive()
        held.write("gate", 0.3)
        order.append("held")
    other.join(5)
    assert order == ["held", 0.3]


def test_many_threads_may_call(gateway):
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(gateway.poll().readings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [12] * 8


def test_the_outstations_own_log_is_fetched_once(gateway, world, clock):
    for minutes in range(120):
        world.outstations["mill"].note("level", clock.now() + timedelta(minutes=minutes))
    assert len(gateway.catch_up("mill")) == 120
    assert gateway.catch_up("mill") == []
    assert len(gateway.history("mill", "level")) == 120


def test_alarms_begin_and_end_once(gateway, world, clock):
    heard = []
    gateway.subscribe(heard.append, (AlarmChanged,))
    for level in (3.5, 3.6, 2.9, 2.7):
        world.outstations["weir"].set("level", level)
        gateway.poll("weir")
        clock.advance(900)
    assert [(event.alarm.is_open, event.alarm.value) for event in heard] == [(True, 3.5), (False, 3.5)]
    assert [alarm.rule for alarm in gateway.alarms()] == ["high water"]
    assert len(world.collector.letters) == 2


def test_open_alarms_are_remembered(world, settings, clock):
    for level, expected in ((3.5, 1), (3.6, 1)):
        world.outstations["weir"].set("level", level)
        with Gateway(settings, world.fleet, dialer=world.dialer, clock=clock) as gateway:
            gateway.poll("weir")
            assert len(gateway.alarms(only_open=True)) == expected
        clock.advance(60)


def test_a_failing_listener_is_noted(gateway):
    def listener(event):
        raise ValueError("no")

    cancel = gateway.subscribe(listener, (RoundFinished,))
    gateway.poll("weir")
    cancel()
    gateway.poll("weir")
    assert gateway.failures == ["RoundFinished: ValueError: no"]


def test_clocks_are_set(gateway, world):
    world.outstations["lock"].clock_offset = 60
    found = gateway.check_clocks()
    assert found.ahead["lock"] == timedelta(seconds=60)
    assert world.outstations["lock"].clock_offset == 0
    assert [entry["what"] for entry in gateway.audit()] == ["clock"]


def test_old_days_are_forgotten(gateway, clock):
    gateway.poll()
    gateway.poll()
    clock.advance(86400)
    assert gateway.tidy().doubles == 12
    clock.advance(401 * 86400)
    assert len(gateway.tidy().pruned) == 1
    assert list(gateway.scan()) == []


def test_a_changed_audit_trail_is_noticed(gateway, settings):
    gateway.write("weir", "gate", 0.2, "me")
    gateway.write("weir", "gate", 0.3, "me")
    assert gateway.verify_audit() == 2
    path = settings.state / "audit.jsonl"
    path.write_text(path.read_text().replace("0.2", "0.9"))
    with pytest.raises(StoreError, match="entry 2"):
        gateway.verify_audit()


def test_names_are_checked_first(gateway, world):
    with pytest.raises(UnknownStation):
        gateway.read("nowhere")
    with pytest.raises(SluiceError):
        gateway.poll(group="nobody")
    with pytest.raises(StoreError):
        gateway.open()
    assert world.dialer.dialled == []
