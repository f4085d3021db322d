"""`resume` finishes what a run left, leaves alone what was settled, and refuses by field what is no longer as it was."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.running.driving import driven, driving
from harness.store.sqlite import RunStore
from sandboxes.docker_base import BaseImage
from tests.end_to_end.tiny import longhaul, write_task

HURRIED = 'tasks = ["harbor:{task}"]\nattempts = 1\nagents = [{{ use = "oracle" }}, {{ use = "idle" }}]\n[run_limits]\nhours = 1e-9\n'


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory, base_image: BaseImage) -> Path:
    """A run whose hours were over with its first trial."""
    folder = tmp_path_factory.mktemp("hurried")
    plan = folder / "plan.toml"
    plan.write_text(HURRIED.format(task=write_task(folder)))
    ended = longhaul(folder / "home", "run", str(plan), "--run", "cut")
    assert ended.returncode == 0, ended.stderr
    assert "1 pending: longhaul resume" in ended.stdout
    return folder / "home"


@pytest.fixture
def cut(hurried: Path, tmp_path: Path) -> Path:
    """The home of that run, one's own."""
    return Path(shutil.copytree(hurried, tmp_path / "home"))


def said(held: RunStore) -> str:
    """Everything in the database, as SQL."""
    with sqlite3.connect(held.folder / "run.sqlite") as database:
        return "\n".join(database.iterdump())


def store(home: Path) -> RunStore:
    return RunStore(next((home / "runs").iterdir()))


def test_what_is_left_is_done_and_what_was_settled_stays(cut: Path) -> None:
    """The pending trial ends, the settled one's events don't change, and a further resume modifies nothing."""
    before = store(cut)
    first = before.trace(before.keys()["t0001"])
    ended = longhaul(cut, "resume", "cut", "--json-lines")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["counts"]["pending"] == 0
    after = store(cut)
    assert after.trace(after.keys()["t0001"]) == first
    assert [one.tries for one in after.progress().values()] == [1, 1]
    told = said(after)
    assert "nothing is left to do" in longhaul(cut, "resume", "cut").stdout
    assert said(after) == told
    assert json.loads(longhaul(cut, "status", "cut", "--json").stdout)["state"] == "finished"


def test_a_change_is_refused_by_field_and_accepted_by_name(cut: Path) -> None:
    """What differs from the run's beginning is one sentence and exit 2; --accept-change goes on and keeps both values."""
    held = store(cut)
    pins = json.loads(held.meta("pins"))
    field = next(name for name in pins if name.endswith(": image"))
    held.keep("pins", json.dumps(pins | {field: "sha256:other"}))
    refused = longhaul(cut, "resume", "cut")
    assert (refused.returncode, field in refused.stderr, "--accept-change" in refused.stderr) == (2, True, True)
    assert held.notes("accepted") == []
    accepted = longhaul(cut, "resume", "cut", "--accept-change")
    assert accepted.returncode == 0, accepted.stderr
    assert field in [json.loads(note)["field"] for note in held.notes("accepted")]
    assert longhaul(cut, "resume", "cut").returncode == 0


def test_one_process_drives_a_run(cut: Path) -> None:
    """A second resume of the same run is refused with the first one's process number."""
    with driving(store(cut).folder):
        refused = longhaul(cut, "resume", "cut")
    assert refused.returncode == 2
    assert "which process" in refused.stderr


def test_a_process_that_drives_a_run_may_say_so_again(tmp_path: Path) -> None:
    """The lock is a process's: taken once more inside, it is still held after the inner one ends."""
    with driving(tmp_path):
        with driving(tmp_path):
            pass
        assert driven(tmp_path)
    assert not driven(tmp_path)



def test_who_only_looks_holds_nobody_up(tmp_path: Path) -> None:
    """A look of `status` shares the lock for a moment; a resume in that moment waits for it to be over."""
    done: list[bool] = []

    def drive() -> None:
        with driving(tmp_path):
            done.append(True)

    driver = threading.Thread(target=drive)
    with (tmp_path / "lock").open("w") as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        driver.start()
        driver.join(0.2)
        assert done == []
    driver.join()
    assert done == [True]


def test_an_unknown_run_is_answered_with_the_nearest(cut: Path, inside: Callable[..., tuple[int, str, str]]) -> None:
    """A misspelt run is exit 2 and names the ones there are."""
    refused = longhaul(cut, "resume", "nosuch")
    assert refused.returncode == 2
    assert store(cut).meta("run") in refused.stderr
