"""Replay on the real engine: what the references did happens again exactly; what was chance is told, with both sides."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError
from harness.plan import Plan
from harness.settings import read
from harness.wiring.replaying import workshop
from harness.wiring.sources import collect
from sandboxes.docker_base import BaseImage
from tests.end_to_end.tiny import FIX, last, longhaul, write_task

HOSTILE = """format = 1
[[reply]]
text = "I look."
call = [{ name = "shell", arguments = { command = "cat calc.py; date", seconds = 20 } }]
[[reply]]
text = "I mend it."
call = [{ name = "shell", arguments = { command = "%s; printf '\\\\033[31mred\\\\033[0m %%s\\\\n' $(od -An -N8 -tx1 /dev/urandom | tr -d ' ')", seconds = 20 } }]
[[reply]]
text = "DONE"
"""


BUNDLED = sorted(path.parent.name for path in (Path(__file__).parents[2] / "task_repos" / "bundled").glob("*/task.toml"))
DAILY = ("scheduler-split", "tollbook-errcodes", "weather-spread")
LATER = tuple(name for name in BUNDLED if name not in DAILY)


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def left(engine: docker.DockerClient, run: str) -> list[str]:
    return [each.id for each in engine.containers.list(all=True, filters={"label": f"longhaul.run={run}"})]


@pytest.mark.parametrize("names", [DAILY, pytest.param(LATER, marks=pytest.mark.long)], ids=["daily", "later"])
def test_every_bundled_oracle_is_identical(tmp_path: Path, engine: docker.DockerClient, base_image: BaseImage, names: tuple[str, ...]) -> None:
    """Each result and each tree, without any noise; the record is as it was, and no container is left."""
    sources = [word for name in names for word in ("-t", f"bundled#{name}")]
    done = longhaul(tmp_path, "run", *sources, "-a", "oracle", "-n", "1", "--parallel", "2", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    store = last(tmp_path)
    before = files(store.folder)
    done = longhaul(tmp_path, "replay", "last", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "longhaul.replay/1"
    assert [trial["trial"] for trial in told["trials"]] == list(store.keys())
    assert {(trial["replayed"]["told"], trial["agent_parted"]) for trial in told["trials"]} == {("identical", "")}
    assert all(trial["replayed"]["compared"] == trial["replayed"]["calls"] > 0 for trial in told["trials"])
    assert files(store.folder) == before
    assert left(engine, store.meta("run")) == []


def test_chance_parts_and_both_sides_are_named(tmp_path: Path, engine: docker.DockerClient, base_image: BaseImage) -> None:
    """A clock is passed over and listed; a random number is the divergence, at its turn, safe to print."""
    script = tmp_path / "hostile.toml"
    script.write_text(HOSTILE % FIX, encoding="utf-8")
    write_task(tmp_path / "tasks")
    words = ("run", "-t", f"harbor:{tmp_path / 'tasks'}", "-m", "scripted/hostile", "-o", f"model.script={script}", "-n", "1", "--quiet")
    done = longhaul(tmp_path / "home", *words)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    done = longhaul(tmp_path / "home", "replay", "last", "t1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "parted at turn 2; 2 of 2 calls run" in done.stdout
    assert "turn 2, call 2: shell" in done.stdout
    recorded, now = (line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith(("recorded: \\x1b[31mred", "now:      \\x1b[31mred")))
    assert len(recorded) == len(now) == 16
    assert recorded != now
    assert "passed over, clock: 1 time, first at turn 1, call 1" in done.stdout
    assert "agent: wishes the same" in done.stdout
    assert "\x1b" not in done.stdout
    assert left(engine, last(tmp_path / "home").meta("run")) == []
    (task,) = collect((f"harbor:{tmp_path / 'tasks'}",), read()).tasks
    with pytest.raises(MissingError, match=r"the image 000000000000 that tiny ran from: preparing it again gives [0-9a-f]{12}"):
        workshop(Plan(("bundled",)), read()).image(task, f"sha256:{'0' * 64}", print)
