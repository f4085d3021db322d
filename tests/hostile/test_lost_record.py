"""Disks that are full and files that vanish under a run: a named fault at once, and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.core.events import Entry, PromptCounted
from harness.core.trial import TrialKey
from harness.store.sqlite import RunStore, create

KEY = TrialKey("r", "task", "coder", "scripted/demo", "", 1)


def test_a_record_that_was_removed_takes_no_more_events(tmp_path: Path) -> None:
    """SQLite would go on writing into a file that nobody can find: the next event is a fault instead."""
    store = create(tmp_path / "run", (KEY,), {})
    pen = store.begin(KEY)
    pen(Entry(1, 0.0, PromptCounted(1, "test")))
    (tmp_path / "run" / "run.sqlite").unlink()
    with pytest.raises(StoreError, match="removed or replaced"):
        pen(Entry(2, 0.0, PromptCounted(1, "test")))
    with pytest.raises(StoreError, match="removed or replaced"):
        store.settle(KEY, pen)


def test_opening_a_run_makes_no_file(tmp_path: Path) -> None:
    """A run that is not there is a fault, and stays not there."""
    with pytest.raises(StoreError, match="unable to open"):
        RunStore(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 4096])
def test_a_file_that_is_no_record_is_a_store_error(tmp_path: Path, data: bytes) -> None:
    """Reading faults are named like writing faults."""
    (tmp_path / "run.sqlite").write_bytes(data)
    with pytest.raises(StoreError):
        RunStore(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_log_on_a_full_disk_ends_nothing() -> None:
    """The record has what happened; a log line that can't be written is lost, also at the end of the process."""
    code = "from pathlib import Path; from harness.log import EventLog; EventLog(Path('/dev/full'), 'r').note('x', text='y')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_log_lines_hold_any_text(tmp_path: Path) -> None:
    """Lone surrogates and line ends in a note stay one line of JSON."""
    code = "import sys; from pathlib import Path; from harness.log import EventLog; EventLog(Path(sys.argv[1]), 'r').note('x', text='\\ud800\\n')"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "run.log")], check=True)
    assert (tmp_path / "run.log").read_bytes().count(b"\n") == 1
