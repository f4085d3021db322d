"""The record in SQLite: append-only, fenced, durable, and refused where it is not ours."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.core.events import Entry, PromptCounted
from harness.core.trial import TrialKey
from harness.store.sqlite import RunStore, create, reading

KEY = TrialKey("r", "task", "coder", "scripted/demo", "", 1)
OTHER = TrialKey("r", "task", "coder", "scripted/demo", "", 2)


def entry(seq: int) -> Entry:
    return Entry(seq, float(seq), PromptCounted(seq, "test"))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return create(tmp_path / "run", (KEY, OTHER), {"run": "r"})


def test_entries_come_back_as_they_were_written(store: RunStore) -> None:
    """A trace is read back in order, by another process's view of the file."""
    pen = store.begin(KEY)
    for seq in (1, 2, 3):
        pen(entry(seq))
    assert RunStore(store.folder).trace(KEY) == (entry(1), entry(2), entry(3))
    assert store.trace(OTHER) == ()


def test_a_superseded_pen_is_dead(store: RunStore) -> None:
    """A worker presumed dead that comes back can neither write nor settle."""
    old = store.begin(KEY)
    old(entry(1))
    new = RunStore(store.folder).begin(KEY)
    with pytest.raises(StoreError, match="another worker"):
        old(entry(2))
    with pytest.raises(StoreError, match="another worker"):
        store.settle(KEY, old)
    new(entry(2))
    assert len(store.trace(KEY)) == 2


def test_settled_trials_are_a_set(store: RunStore) -> None:
    """Resume is a set difference: what is settled is told, once."""
    assert store.settled() == frozenset()
    store.settle(KEY, store.begin(KEY))
    assert store.settled() == {KEY}


def test_a_number_is_written_once(store: RunStore) -> None:
    """The same place in a trace can't be written twice; the first stays."""
    pen = store.begin(KEY)
    pen(entry(1))
    with pytest.raises(StoreError):
        pen(Entry(1, 0.0, PromptCounted(99, "again")))
    assert store.trace(KEY) == (entry(1),)


def test_what_was_written_survives_the_writers_death(store: RunStore) -> None:
    """Every entry whose pen returned is there after kill -9."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom harness.store.sqlite import RunStore\n"
        "from harness.core.events import Entry, PromptCounted\n"
        "s = RunStore(Path(sys.argv[1])); pen = s.begin(next(iter(s.keys().values())))\n"
        "seq = 0\nwhile True:\n    seq += 1\n    pen(Entry(seq, 0.0, PromptCounted(seq, 'x')))\n    print(seq, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(store.folder)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        said = [int(writer.stdout.readline()) for _ in range(50)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
    written = [each.seq for each in store.trace(KEY)]
    assert written[: len(said)] == said
    assert written == list(range(1, len(written) + 1))


def test_a_store_of_another_format_is_refused(store: RunStore) -> None:
    """A newer store is refused in one sentence."""
    store.keep("format", "99")
    with pytest.raises(StoreError, match="store format 99"):
        RunStore(store.folder)


def test_an_existing_folder_is_not_written_into(store: RunStore) -> None:
    """A run never lands in a folder that is already there."""
    with pytest.raises(StoreError, match="could not be made"):
        create(store.folder, (KEY,), {})


def test_short_ids_follow_the_plan(store: RunStore) -> None:
    """t0001 is the first planned trial, and stays so."""
    assert store.keys() == {"t0001": KEY, "t0002": OTHER}


def test_a_run_that_cannot_be_written_down_leaves_nothing(tmp_path: Path) -> None:
    """A name that is not UTF-8 is no fault of the disk, and no half-made run stays."""
    with pytest.raises(UnicodeEncodeError):
        create(tmp_path / "run", (), {"name": "\udcff"})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../t0001", "t0001\x1b[2J", "t\u0661\u0662\u0663\u0664", ""])
def test_a_trial_with_a_strangers_name_is_refused(name: str, store: RunStore) -> None:
    """A record may come from anybody, and files are named by its trials."""
    with sqlite3.connect(store.folder / "run.sqlite") as database:
        database.execute("UPDATE trials SET short = ? WHERE position = 1", (name,))
    database.close()
    with pytest.raises(StoreError, match="is no trial's name"):
        store.keys()


@pytest.mark.parametrize("change", ["UPDATE events SET at = 'x'", "UPDATE events SET at = 9e999", "UPDATE events SET seq = 'x'"])
def test_an_event_whose_figures_are_none_is_told(change: str, store: RunStore) -> None:
    """SQLite takes words for numbers; a reading takes them for damage."""
    store.begin(KEY)(entry(1))
    store.close()
    with sqlite3.connect(store.folder / "run.sqlite") as database:
        database.execute(change)
    database.close()
    with pytest.raises(StoreError, match="an event of t0001 can't be read"):
        reading(store.folder).trace(KEY)


def test_a_kept_row_of_another_kind_is_bytes(store: RunStore) -> None:
    """A word or a number in its place is no row, and no fault of the reading."""
    pen = store.begin(KEY)
    store.settle(KEY, pen, b"{}", "j")
    store.close()
    with sqlite3.connect(store.folder / "run.sqlite") as database:
        database.execute("UPDATE rows SET row = 999999999999")
        database.execute("UPDATE trials SET settled = 'x'")
    database.close()
    look = reading(store.folder)
    assert look.kept_rows("j") == {"t0001": b"999999999999"}
    assert look.first_rows() == {"t0001": ("j", b"999999999999")}
    with pytest.raises(StoreError, match="how far a trial is"):
        look.progress()
