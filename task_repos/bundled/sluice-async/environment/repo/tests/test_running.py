"""A gateway that runs by itself, its ports, the scripts of the sites, and the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from sluice import Gateway
from sluice.cli.main import main
from sluice.model.schedule import Every
from sluice.sites.night_watch import close_for_the_night, first_doubtful, lowest
from sluice.sites.twin_pumps import exercise
from sluice.sites.weir_hall import LevelKeeper


def test_jobs_run_when_they_are_due(gateway, clock):
    assert gateway.tick() == []
    clock.advance(901)
    runs = gateway.tick()
    assert [run.name for run in runs] == ["commands", "upload", "poll"]
    assert gateway.tick() == []
    assert gateway.last("weir", "level") is not None


def test_a_failing_job_is_noted(gateway, clock, world):
    world.collector.answers = [401]
    clock.advance(300)
    assert [run.problem and run.problem.split(":")[0] for run in gateway.tick()] == ["HttpError", None]


def test_a_gateway_can_be_started_and_stopped(gateway):
    addresses = gateway.start()
    assert addresses["control"].port > 0
    assert not gateway.wait(0.01)
    gateway.stop()
    assert gateway.wait(0.01)


def test_the_background_uploads(world, settings, clock):
    found = replace(world.settings(settings), forward=Every(timedelta(minutes=5)))
    with Gateway(found, world.fleet, dialer=world.dialer, clock=clock) as gateway:
        gateway.start()
        gateway.poll("weir")
        for _ in range(500):
            if world.collector.order:
                break
            gateway.wait(0.01)
    assert world.collector.order == [1]


@pytest.fixture
def config(tmp_path, world):
    """A configuration file of the fleet, with stations that cannot be reached."""
    lines = ['[gateway]\nstate = "state"\ndial_timeout = "1s"\nanswer_timeout = "1s"\ncontrol = "127.0.0.1:0"\n']
    for station in world.fleet:
        lines.append(f'[stations.{station.name}]\naddress = "127.0.0.1:1"\nsecret = "{station.secret}"\n')
        for point in station.points:
            lines.append(
                f'[stations.{station.name}.points.{point.name}]\nregister = {point.register}\ntype = "{point.type.label}"\n'
                f'unit = "{point.unit}"\nscale = {point.scale}\nkind = "{point.kind.value}"\n'
            )
    path = tmp_path / "gateway.toml"
    path.write_text("".join(lines))
    return path


def test_the_command_line_asks_a_running_gateway(gateway, config, capsys):
    address = gateway.start()["control"]
    assert main([str(config), "ask", str(address), "read", "station=weir", 'points=["level"]']) == 0
    assert json.loads(capsys.readouterr().out)[0]["v"] == 1.5
    assert main([str(config), "ask", str(address), "fly"]) == 1
    assert "cannot do 'fly'" in capsys.readouterr().err
    assert main([str(config), "ask", str(address), "submit", "station=weir", "point=gate", "value=0.6", "who=me"]) == 0
    assert main([str(config), "ask", str(address), "status"]) == 0
    assert '"waiting_commands": 1' in capsys.readouterr().out


def test_the_command_line_simulates(config, capsys):
    assert main([str(config), "simulate", "--rounds", "2"]) == 0
    out = capsys.readouterr().out
    assert out.count("weir") == 8
    assert main([str(config), "history", "weir", "level"]) == 0
    assert capsys.readouterr().out.count("good") == 2


def test_the_command_line_on_its_own(config, capsys):
    assert main([str(config), "poll", "weir"]) == 1
    assert "weir failed: DialError" in capsys.readouterr().out
    assert main([str(config), "read", "nowhere"]) == 1
    assert "no station is called 'nowhere'" in capsys.readouterr().err
    for command in (["status"], ["commands"], ["alarms"], ["audit"], ["tidy"], ["report", "2026-03-02"], ["rollup", "weir"], ["usage", "weir"]):
        assert main([str(config), *command]) == 0
    assert "never" in capsys.readouterr().out
    assert main([str(config), "serve", "--seconds", "0.01"]) == 0
    assert "control listens on 127.0.0.1:" in capsys.readouterr().out


def test_the_level_keeper_writes_while_it_listens(gateway, world):
    keeper = LevelKeeper(gateway, "weir", 1.2)
    gateway.poll()
    gateway.poll()
    keeper.close()
    gateway.poll()
    assert keeper.moves == pytest.approx([0.55, 0.6])
    assert gateway.failures == []
    assert world.outstations["weir"].get("gate") == pytest.approx(0.6)


def test_twin_pumps_are_exercised_at_once(gateway, world):
    assert exercise(gateway, ("mill", "lock"), (0.1, 0.9)) == {"lock": [0.1, 0.9], "mill": [0.1, 0.9]}
    assert world.outstations["mill"].get("gate") == 0.5


def test_the_night_watch_looks_and_closes(gateway, world, clock):
    for level in (1.0, 0.8, 9.0):
        world.outstations["weir"].set("level", level)
        gateway.poll("weir")
        clock.advance(900)
    start, end = clock.now() - timedelta(hours=1), clock.now()
    assert [r.value for r in first_doubtful(gateway, start, end)] == [9.0]
    assert lowest(gateway, "weir", start, end) == 0.8
    assert close_for_the_night(gateway, ("weir", "lock")) == [1, 2]
