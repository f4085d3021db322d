"""A record that is only looked at stays byte for byte as it is: of today's format or an older one, at rest, being written, or left by a killed writer."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.core.events import Entry, PromptCounted
from harness.core.grammar import violations
from harness.core.trial import TrialKey
from harness.store.sqlite import RunStore, create, reading
from tests.store.older import DONE, UNDER_WAY, content, older

KEY = TrialKey("r", "task", "coder", "scripted/demo", "", 1)
WRITER = (
    "import sys, signal\nfrom pathlib import Path\nfrom harness.store.sqlite import RunStore\n"
    "from harness.core.events import Entry, PromptCounted\n"
    "s = RunStore(Path(sys.argv[1])); pen = s.begin(next(iter(s.keys().values())))\n"
    "for seq in range(1, 4):\n    pen(Entry(seq, 0.0, PromptCounted(seq, 'x')))\n"
    "print('written', flush=True)\nsignal.pause()\n"
)


def entry(seq: int) -> Entry:
    return Entry(seq, float(seq), PromptCounted(seq, "test"))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run at rest with three entries."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    pen = store.begin(KEY)
    for seq in (1, 2, 3):
        pen(entry(seq))
    store.close()
    return tmp_path / "run"


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A run whose only writer was killed: three entries stand in its log."""
    create(tmp_path / "run", (KEY,), {"run": "r"}).close()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "run")], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == b"written\n"
        os.kill(writer.pid, signal.SIGKILL)
    assert (tmp_path / "run" / "run.sqlite-wal").stat().st_size > 0
    return tmp_path / "run"


def test_a_run_at_rest_is_left_as_it_is(run: Path) -> None:
    """No log and no index appear beside it, and no byte moves."""
    before = content(run)
    store = reading(run)
    assert len(store.trace(KEY)) == 3
    assert content(run) == before
    store.close()
    assert content(run) == before


def test_an_older_record_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    """Format 1: its traces are lawful today, it has no kept rows, and it stays format 1."""
    run = older(tmp_path / "run")
    before = content(run)
    store = reading(run)
    assert (store.meta("format"), store.meta("name"), store.notes("paid")) == ("1", "an older run", ["0.25"])
    assert store.settled() == {DONE}
    assert (len(store.trace(DONE)), violations(store.trace(DONE)), len(store.trace(UNDER_WAY))) == (26, (), 1)
    assert (store.kept_rows("any"), store.first_rows()) == ({}, {})
    assert {short: (tries, seq) for short, (tries, _, seq) in store.progress().items()} == {"t0001": (1, 26), "t0002": (1, 1)}
    store.close()
    assert content(run) == before


def test_nothing_is_written_through_a_look(run: Path) -> None:
    """Every way to write is refused, in a sentence."""
    store = reading(run)
    for attempt in (
        lambda: store.begin(KEY), lambda: store.note("a", "b"), lambda: store.keep("a", "b"), lambda: store.keep_rows("j", {"t0001": b"{}"}),
    ):
        with pytest.raises(StoreError, match="opened for reading only"):
            attempt()


def test_what_is_written_meanwhile_is_seen(run: Path) -> None:
    """A look that began at rest sees a writer that comes later, and what it wrote when it is gone again."""
    look = reading(run)
    assert look.progress()["t0001"].seq == 3
    store = RunStore(run)
    pen = store.begin(KEY)
    pen(entry(4))
    assert [each.seq for each in look.since("t0001", 3)] == [4]
    pen(entry(5))
    store.settle(KEY, pen)
    store.close()
    assert [each.seq for each in look.since("t0001", 4)] == [5]
    assert look.settled_shorts() == {"t0001"}
    look.close()


def test_a_run_whose_writer_came_and_went_is_read_anew(run: Path) -> None:
    """Between two questions the whole file may have changed at rest."""
    look = reading(run)
    store = RunStore(run)
    store.begin(KEY)(entry(4))
    store.close()
    assert look.progress()["t0001"] == (2, None, 4)
    look.close()


def test_the_log_of_a_killed_writer_is_read(killed: Path) -> None:
    """What it wrote is seen; database and log stay, and no file comes or goes."""
    before = content(killed)
    store = reading(killed)
    assert len(store.trace(KEY)) == 3
    store.close()
    after = content(killed)
    assert after.keys() == before.keys()
    assert all(after[name] == before[name] for name in ("run.sqlite", "run.sqlite-wal"))


def test_a_log_without_its_index_is_read_from_a_copy(killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed run that was copied: nothing is made beside it, and our own copy goes again."""
    (tmp_path / "own").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "own"))
    (killed / "run.sqlite-shm").unlink()
    before = content(killed)
    store = reading(killed)
    assert len(store.trace(KEY)) == 3
    assert content(killed) == before
    store.close()
    assert list((tmp_path / "own").iterdir()) == []


@pytest.mark.parametrize("state", ["at rest", "killed", "killed, index lost"])
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user who may not write")
def test_a_folder_that_may_not_be_written_is_read(state: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Another user's run, or one on a medium that is read-only."""
    source: Path = request.getfixturevalue("run" if state == "at rest" else "killed")
    place = Path(subprocess.run(("mktemp", "-d"), check=True, capture_output=True, text=True).stdout.strip())
    try:
        run = Path(shutil.copytree(source, place / "run"))
        if state == "killed, index lost":
            (run / "run.sqlite-shm").unlink()
        subprocess.run(("chmod", "-R", "a+rX,a-w", str(place)), check=True)
        before = content(run)
        code = (
            "import os, sys; from pathlib import Path; from harness.store.sqlite import reading; os.setgid(65534); os.setuid(65534)\n"
            "s = reading(Path(sys.argv[1])); print(len(s.since('t0001', 0)))"
        )
        done = subprocess.run((sys.executable, "-c", code, str(run)), capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("3\n", "")
        assert content(run) == before
    finally:
        shutil.rmtree(place)


@pytest.mark.parametrize("spoil", ["empty", "text", "truncated", "zeroed header", "foreign", "newer"])
def test_what_is_no_record_is_refused_in_one_sentence(spoil: str, run: Path) -> None:
    """By reading and by writing alike, and the file stays as it is."""
    path = run / "run.sqlite"
    data = path.read_bytes()
    match spoil:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"once upon a time " * 600)
        case "truncated":
            path.write_bytes(data[:5000])
        case "zeroed header":
            path.write_bytes(b"\0" * 100 + data[100:])
        case "foreign":
            path.unlink()
            sqlite3.connect(path).executescript("CREATE TABLE meta (a); INSERT INTO meta VALUES (1)")
        case "newer":
            with sqlite3.connect(path) as database:
                database.execute("UPDATE meta SET value = '3' WHERE name = 'format'")
            database.close()
    before = content(run)
    for attempt in (reading, RunStore):
        with pytest.raises(StoreError) as told:
            attempt(run)
        assert "\n" not in str(told.value)
        assert str(run) in str(told.value)
        assert content(run) == before
