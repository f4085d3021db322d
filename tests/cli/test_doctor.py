"""The doctor names what is missing and what mends it, also where imports themselves are ill."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from harness.cli.doctor import CHECKS, origins
from sandboxes.docker_base import BaseImage

Command = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    assert "Traceback" not in done.stderr, done.stderr
    return {each["what"]: each for each in json.loads(done.stdout)["findings"]}


def test_a_sound_machine_is_told_so(longhaul: Command, engine: docker.DockerClient, base_image: BaseImage) -> None:
    """Every check speaks; what a run can do without is a note, and the exit code is 0."""
    done = longhaul("doctor", "--json")
    told = findings(done)
    assert set(told) == set(CHECKS)
    assert {name for name, each in told.items() if each["state"] == "note"} <= {"ollama", "claude key", "leftovers", "confinement"}
    assert done.returncode == 0


def test_a_name_chooses_checks(longhaul: Command) -> None:
    """`doctor docker` looks at the engine alone."""
    done = longhaul("doctor", "git")
    assert done.stdout.startswith("good")
    assert len(done.stdout.splitlines()) == 1


def test_a_foreign_agents_package_is_told(longhaul: Command, tmp_path: Path) -> None:
    """Another distribution's `agents` found first is said in a sentence, with what mends it; what would need ours is not asked."""
    fake = tmp_path / "fake" / "agents"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise RuntimeError('foreign code ran')\n", encoding="utf-8")
    done = longhaul("doctor", "--json", PYTHONPATH=f"{fake.parent}:{ROOT}")
    told = findings(done)
    assert told["packages"]["state"] == "wrong"
    assert str(fake) in told["packages"]["found"]
    assert "environment of its own" in told["packages"]["mend"]
    assert told["ollama"]["found"] == "not looked at"
    assert done.returncode == 1


def test_a_foreign_module_is_told(longhaul: Command, tmp_path: Path) -> None:
    """A single file of that name is as foreign as a package."""
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "sandboxes.py").write_text("", encoding="utf-8")
    told = findings(longhaul("doctor", "packages", "--json", PYTHONPATH=f"{tmp_path / 'fake'}:{ROOT}"))
    assert "sandboxes.py" in told["packages"]["found"]


def test_the_folder_one_stands_in_does_not_matter(longhaul: Command, tmp_path: Path) -> None:
    """A user's repository may hold packages of our names."""
    (tmp_path / "cwd" / "agents").mkdir(parents=True)
    (tmp_path / "cwd" / "agents" / "__init__.py").write_text("", encoding="utf-8")
    assert findings(longhaul("doctor", "packages", "--json"))["packages"]["state"] == "good"


def test_origins_need_no_file() -> None:
    """A package found without an __init__ has folders all the same."""
    assert origins("task_repos.bundled") == [ROOT / "task_repos" / "bundled"]
    assert origins("no_such_package_anywhere") == []


def test_a_missing_engine_is_told_with_its_mend(longhaul: Command) -> None:
    """Checks that need the engine say so, the others still speak."""
    done = longhaul("doctor", "--json", DOCKER_HOST="unix:///nonexistent")
    told = findings(done)
    assert told["docker engine"]["state"] == "missing"
    assert "longhaul setup" in told["docker engine"]["mend"]
    assert told["git"]["state"] == "good"
    assert done.returncode == 1


@pytest.mark.parametrize("plugin", ["sandbox:docker", "sandbox:host", "agent:coder", "store:sqlite", "tasks:bundled", "model:scripted/demo"])
def test_a_plugin_is_tried_here(plugin: str, longhaul: Command, base_image: BaseImage) -> None:
    """KIND:NAME runs the contract that the tests run, on this machine."""
    done = longhaul("doctor", plugin)
    assert done.stdout == f"good    {plugin}: keeps its contract\n", done.stdout + done.stderr
    assert done.returncode == 0
