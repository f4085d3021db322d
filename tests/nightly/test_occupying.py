"""One run at a time on one store: a second one is refused before it asks anybody anything, or waits its turn."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.cli.running.locked import taken, words
from harness.cli.running.occupying import LOCK, occupying
from harness.core.errors import PlanError
from harness.settings import Settings, read
from tests.nightly.conftest import Sitting
from tests.report.recorded import record

Inside = Callable[..., tuple[int, str, str]]
DRIVING = {
    "run": ("run", "-t", "bundled#weather-spread", "-m", "ollama/nobody"),
    "resume": ("resume", "nightly"),
    "fork": ("fork", "nightly", "t0001", "--turn", "1"),
    "validate": ("validate", "bundled#weather-spread"),
    "grade": ("grade", "bundled", "--predictions", "made.jsonl"),
}
LOOKING = (("runs",), ("status", "nightly"), ("report", "nightly"), ("show", "nightly"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read({"LONGHAUL_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)})


@pytest.mark.parametrize("line", DRIVING.values(), ids=DRIVING)
def test_a_second_run_is_refused(line: tuple[str, ...], sitting: Sitting, inside: Inside, tmp_path: Path) -> None:
    """Exit 2 and one sentence that names the run, its process and what can be done, before model or image is asked for."""
    record(tmp_path / "home").close()
    (tmp_path / "made.jsonl").write_text('{"instance_id": "weather-spread", "model_name_or_path": "m", "model_patch": ""}\n')
    with sitting() as process:
        code, out, err = inside(*line)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    for word in (str(process.pid), "run 20260101-230000-beef", "--wait", "another LONGHAUL_HOME", str(tmp_path / "home")):
        assert word in err


@pytest.mark.parametrize("line", LOOKING, ids=" ".join)
def test_who_only_reads_is_never_blocked(line: tuple[str, ...], sitting: Sitting, inside: Inside, tmp_path: Path) -> None:
    """A run under way keeps nobody from looking at what is on record."""
    record(tmp_path / "home").close()
    with sitting():
        code, _, err = inside(*line)
    assert (code, err) == (0, "")


def test_a_killed_process_leaves_no_lock(sitting: Sitting, settings: Settings) -> None:
    """After kill -9 the store is free at once, whatever stands in the file."""
    with sitting() as process:
        with pytest.raises(PlanError), occupying(settings):
            pass
        process.kill()
        process.wait()
        with occupying(settings):
            pass


def test_who_waits_gets_its_turn(sitting: Sitting, settings: Settings) -> None:
    """With seconds to wait it is said once for whom, and the run goes on as soon as the other one ends."""
    told: list[str] = []
    with sitting() as process:

        def hear(text: str) -> None:
            told.append(text)
            assert process.stdin
            process.stdin.close()

        with occupying(settings, "run mine", wait_s=60, say=hear):
            # The other one made the folder and takes it away again: what is held now has a name all the same.
            assert words(settings.home / LOCK)[2] == "run mine"
    assert told == [f"waiting for process {process.pid}, which is at run 20260101-230000-beef"]


def test_waiting_has_an_end(sitting: Sitting, inside: Inside) -> None:
    """When the seconds are over the run is refused as if it had not waited."""
    with sitting() as process:
        code, _, err = inside("run", "-t", "bundled#weather-spread", "-m", "ollama/nobody", "--wait", "0.3")
    assert (code, f"process {process.pid}" in err) == (2, True)


@pytest.mark.parametrize("word", ["nan", "-1", "soon"])
def test_a_wait_is_seconds(word: str, inside: Inside, tmp_path: Path) -> None:
    """What is no number of seconds is one sentence, and no store is made."""
    code, _, err = inside("run", "-t", "bundled#weather-spread", "-m", "ollama/nobody", "--wait", word)
    assert (code, len(err.splitlines()), "--wait" in err) == (2, 1, True)
    assert not (tmp_path / "home").exists()


def test_a_process_may_nest(settings: Settings) -> None:
    """A run that first proves its tasks holds one lock for both, which tells what it is at, until the outer one ends."""
    path = settings.home / LOCK
    with occupying(settings):
        assert words(path)[2] == "a run that is being made ready"
        with occupying(settings, "run proofs"):
            pass
        assert (taken(path), words(path)[::2]) == (True, [str(os.getpid()), "run proofs"])
    assert not taken(path)


def test_another_machine_is_named(sitting: Sitting, settings: Settings) -> None:
    """On a store that machines share, a process number alone would be looked for on the wrong one."""
    elsewhere = msgspec.structs.replace(settings, host="elsewhere Linux")
    with sitting(), pytest.raises(PlanError, match=f"on {settings.host.split()[0]}, which"), occupying(elsewhere):
        pass


def test_a_file_system_without_locks_is_said(settings: Settings) -> None:
    """Where nothing can be locked no run begins: one sentence names the folder and what to use instead."""

    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with pytest.raises(PlanError, match="a file system that locks no files") as fault, occupying(settings, flock=refuse):
        pass
    assert str(settings.home) in str(fault.value)


def test_a_store_that_was_never_used_is_not_made(settings: Settings) -> None:
    """The lock of a run that was refused leaves no folder; one of a run that wrote something stays."""
    with occupying(settings):
        assert settings.home.exists()
    assert not settings.home.exists()
    with occupying(settings):
        (settings.home / "runs").mkdir()
    assert settings.home.exists()
