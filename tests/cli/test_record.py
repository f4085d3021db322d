"""A run leaves a record that every reading command can read, wherever its tasks have gone since."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.store.sqlite import RunStore
from sandboxes.docker_base import BaseImage

Command = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]
TASK = ROOT / "task_repos" / "bundled" / "weather-spread"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """A task of the user's own, beside a package of theirs that is called like one of ours."""
    folder = tmp_path / "cwd"
    shutil.copytree(TASK, folder / "mine" / "weather")
    (folder / "agents").mkdir()
    (folder / "agents" / "__init__.py").write_text("raise RuntimeError('the user\\'s own code was imported')\n", encoding="utf-8")
    return folder / "mine"


def test_a_run_can_be_read_after_its_tasks_are_gone(longhaul: Command, task: Path, base_image: BaseImage) -> None:
    """Report and show rest on what was run; a package in the user's folder is never imported."""
    done = longhaul("run", "-t", "harbor:mine", "-a", "oracle", "-a", "idle", "-n", "1", "--run", "gone", "--json-lines")
    assert done.returncode == 0, done.stdout + done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["schema"] == "longhaul.run-line/1"
    assert (last["counts"]["passed"], last["counts"]["failed"]) == (1, 1)
    shutil.rmtree(task)
    told = json.loads(longhaul("report", "gone", "--json").stdout)
    assert told["schema"] == "longhaul.report/2"
    assert [(row["agent"], row["outcome"]) for row in told["rows"]] == [("oracle", "passed"), ("idle", "failed")]
    assert told["counts"]["planned"] == 2
    shown = longhaul("show", "last", "t0001")
    assert "passed, solved" in shown.stdout
    assert json.loads(longhaul("show", "last", "1", "--json").stdout)["schema"] == "longhaul.trial/1"
    assert json.loads(longhaul("show", "last", "--json").stdout)["schema"] == "longhaul.report/2"
    assert longhaul("show", "t0001").stdout == shown.stdout
    diff = longhaul("show", "last", "t0001", "--diff", "0..0")
    assert diff.returncode == 0
    assert longhaul("show", "last", "t0001", "--diff", "0..").returncode == 0
    assert longhaul("show", "last", "t0009").returncode == 2


def test_an_oracle_without_a_solution_is_refused(longhaul: Command, task: Path, base_image: BaseImage) -> None:
    """By name, before anything starts: it would fail for a reason that says nothing of the task."""
    shutil.rmtree(task / "weather" / "solution")
    done = longhaul("run", "-t", "harbor:mine", "-a", "oracle", "-a", "idle")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no solution in weather" in done.stderr
    assert "leave out -a oracle" in done.stderr


def test_ordinary_folders_are_refused_once(longhaul: Command, tmp_path: Path) -> None:
    """A folder that holds no task at all is one complaint, not one per folder in it."""
    for name in ("a", "b", "c"):
        (tmp_path / "cwd" / "plain" / name).mkdir(parents=True)
    done = longhaul("tasks", "harbor:plain")
    assert done.stdout.count("refused ") == 1
    assert "found no task" in done.stdout


def test_the_beginning_of_several_runs_is_refused(longhaul: Command, tmp_path: Path) -> None:
    """It is said that they are several, and which."""
    for name in ("20260101-000000-aaaa", "20260101-000001-bbbb"):
        (tmp_path / "home" / "runs" / name).mkdir(parents=True)
        (tmp_path / "home" / "runs" / name / "run.sqlite").write_bytes(b"")
    done = longhaul("report", "2026")
    assert done.returncode == 2
    assert "matches 2 runs: 20260101-000000-aaaa, 20260101-000001-bbbb" in done.stderr


def test_quiet_prints_only_the_table(longhaul: Command, base_image: BaseImage) -> None:
    """The first line of --quiet is the line of counts."""
    done = longhaul("run", "-t", "bundled#weather-spread", "-a", "idle", "-n", "1", "--quiet", NO_COLOR="1")
    assert done.stdout.startswith("planned 1 = 0 passed + 1 failed")
    assert "\x1b" not in done.stdout


def test_a_worker_that_dies_at_once_breaks_its_trials(longhaul: Command, tmp_path: Path, base_image: BaseImage) -> None:
    """A worker that can't even begin is tried as often as the plan says; then its trial is broken by our fault, and the run ends."""
    script = tmp_path / "gone.toml"
    script.write_text('format = 1\n[[reply]]\ntext = "DONE"\n', encoding="utf-8")
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'tasks = ["bundled#weather-spread"]\nattempts = 1\n[[agents]]\nuse = "fragile"\n[[models]]\nuse = "scripted/x"\n'
        f'options = {{ script = "{script}" }}\n'.replace('"fragile"', '"fragile.agent"'),
        encoding="utf-8",
    )
    package = tmp_path / "path" / "fragile"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "agent.py").write_text(FRAGILE, encoding="utf-8")
    done = longhaul("run", str(plan), "--json-lines", PYTHONPATH=f"{tmp_path / 'path'}:{ROOT}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["broken"] == 1
    store = RunStore(next((tmp_path / "home" / "runs").iterdir()))
    assert len(store.settled()) == 1


FRAGILE = '''"""An agent that kills the worker it is made in."""
import os, sys
from agents.coder import create as whole

def create():
    if "worker" in sys.argv:
        os._exit(9)
    return whole()
'''
