"""An older record brought to today's format: a whole copy is kept, and a kill at any moment leaves the one or the other."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.store.migration import migrate
from harness.store.sqlite import FORMAT, RunStore, reading
from tests.store.older import DONE, UNDER_WAY, content, older


def dump(path: Path) -> list[str]:
    """A database as statements; what stands in its log included."""
    how = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    database = sqlite3.connect(f"file:{path}?{how}", uri=True)
    found = list(database.iterdump())
    database.close()
    return found


def test_an_older_record_goes_on_in_todays_format(tmp_path: Path) -> None:
    """Traces and settlements are as they were, it can be written, and the old one is beside it and said."""
    run, said = older(tmp_path / "run"), list[str]()
    before = dump(run / "run.sqlite")
    with pytest.raises(StoreError, match="longhaul resume"):
        RunStore(run)
    migrate(run, said.append)
    copy = run / "run.sqlite.format-1"
    assert (len(said), str(copy) in said[0]) == (1, True)
    assert dump(copy) == before
    store = RunStore(run)
    assert (store.meta("format"), store.settled(), len(store.trace(DONE))) == (FORMAT, {DONE}, 26)
    store.settle(UNDER_WAY, store.begin(UNDER_WAY), b"{}", "judge")
    assert store.kept_rows("judge") == {"t0002": b"{}"}
    store.close()
    assert {path.name for path in run.iterdir()} == {"run.sqlite", "run.sqlite.format-1"}


def test_a_record_of_today_is_left_alone(tmp_path: Path) -> None:
    """Migrating twice does nothing the second time, and says nothing."""
    run, said = older(tmp_path / "run"), list[str]()
    migrate(run, said.append)
    before = content(run)
    migrate(run, said.append)
    assert content(run) == before
    assert len(said) == 1


def test_what_stands_in_the_log_is_in_the_copy(tmp_path: Path) -> None:
    """A killed writer's last entries are kept, in the old one and in the new one."""
    run = older(tmp_path / "run")
    code = (
        "import os, signal, sqlite3, sys\nd = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "d.execute(\"INSERT INTO notes VALUES (1.0, 'late', 'word')\"); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run((sys.executable, "-c", code, str(run / "run.sqlite")), check=False)
    assert (run / "run.sqlite-wal").stat().st_size > 0
    migrate(run, lambda _text: None)
    assert any("'late'" in line for line in dump(run / "run.sqlite.format-1"))
    store = RunStore(run)
    assert store.notes("late") == ["word"]
    store.close()


@pytest.mark.parametrize("call", [6, 15, 18, 20, 25, 29, 31, 32, 33, 34, 36])
def test_a_kill_leaves_the_one_or_the_other(call: int, tmp_path: Path) -> None:
    """Killed at one system call after another: the record is readable and whole, and a second migration completes it."""
    run = older(tmp_path / "run")
    before = dump(run / "run.sqlite")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom harness.store.migration import migrate\nleft = [int(sys.argv[2])]\n"
        "def count(frame, event, function):\n"
        "    if event == 'c_call':\n"
        "        left[0] -= function.__name__ in ('execute', 'backup', 'connect', 'fsync', 'replace', 'close', 'unlink', 'flock', 'open')\n"
        "    if event == 'c_return' and left[0] <= 0:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.setprofile(count)\nmigrate(Path(sys.argv[1]), print)\n"
    )
    done = subprocess.run((sys.executable, "-c", code, str(run), str(call)), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    store = reading(run)
    assert store.meta("format") in ("1", "2")
    assert (store.settled(), len(store.trace(DONE))) == ({DONE}, 26)
    if store.meta("format") == "2":
        assert dump(run / "run.sqlite.format-1") == before
    store.close()
    migrate(run, lambda _text: None)
    assert dump(run / "run.sqlite.format-1") == before
    assert not list(run.glob("*.new"))
    RunStore(run).close()


def test_a_newer_record_is_refused(tmp_path: Path) -> None:
    """In one sentence, and nothing is touched."""
    run = older(tmp_path / "run")
    with sqlite3.connect(run / "run.sqlite") as database:
        database.execute("UPDATE meta SET value = '3' WHERE name = 'format'")
    database.close()
    before = content(run)
    with pytest.raises(StoreError, match="store format 3, this version reads 1 and 2"):
        migrate(run, lambda _text: None)
    assert content(run) == before


def test_no_room_for_the_copy_leaves_the_old_one(small: Path) -> None:
    """Told in a sentence; the old record is as it was, and no half of a copy stays."""
    run = older(small / "run")
    (small / "filler").write_bytes(b"x" * max(0, os.statvfs(small).f_bavail * 4096 - 4096))
    before = content(run)
    with pytest.raises(StoreError, match="no room is left"):
        migrate(run, lambda _text: None)
    (small / "filler").unlink()
    after = content(run)
    assert {name: after[name] for name in after if name != "migration.lock"} == before
    migrate(run, lambda _text: None)
    RunStore(run).close()
