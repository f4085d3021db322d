"""A disk that is full: told apart from every other fault, nothing half-written, and the same pen goes on once there is room."""

from __future__ import annotations

import errno
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.errors import StoreError, StoreFullError
from harness.core.events import Entry, PromptCounted
from harness.core.ports import Pen
from harness.core.tree import Base, BaseEntry
from harness.core.trial import TrialKey
from harness.store import bases, objects
from harness.store.blobs import BlobFolder
from harness.store.connection import LiveDatabase
from harness.store.faults import named
from harness.store.sqlite import RunStore, create, reading

KEY = TrialKey("r", "task", "coder", "scripted/demo", "", 1)
OTHER = TrialKey("r", "task", "coder", "scripted/demo", "", 2)
NOISE = random.Random(1).randbytes(300_000)


@pytest.fixture
def store(small: Path) -> RunStore:
    return create(small / "run", (KEY, OTHER), {"run": "r"})


def fill(place: Path, left: int = 0) -> None:
    """Take all room but `left` bytes."""
    free = os.statvfs(place)
    with (place / "filler").open("ab") as file:
        file.write(b"x" * max(0, free.f_bavail * free.f_frsize - left))


def make_room(place: Path) -> None:
    (place / "filler").unlink()


def files(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file() and path.name != "filler"}


def written_until_full(pen: Pen, seq: int) -> int:
    """The number of the last entry that had room."""
    while True:
        try:
            pen(entry(seq + 1))
        except StoreFullError as fault:
            assert "no room is left on its disk" in str(fault)  # noqa: PT017  the loop ends here
            return seq
        seq += 1


def entry(seq: int) -> Entry:
    return Entry(seq, float(seq), PromptCounted(seq, "x" * 2000))


def test_a_pen_goes_on_after_room_is_made(store: RunStore, small: Path) -> None:
    """Events until the disk is full: the one that did not fit is not there, those before are, and the pen writes it later."""
    store.settle(OTHER, store.begin(OTHER), b"{}", "judge")
    pen = store.begin(KEY)
    pen(entry(1))
    fill(small, 20_000)
    seq = written_until_full(pen, 1)
    with pytest.raises(StoreFullError):
        store.settle(KEY, pen, b"row" * 2000, "judge")
    look = reading(store.folder)
    assert [each.seq for each in look.trace(KEY)] == list(range(1, seq + 1))
    assert (look.settled(), look.kept_rows("judge")) == ({OTHER}, {"t0002": b"{}"})
    look.close()
    make_room(small)
    pen(entry(seq + 1))
    store.settle(KEY, pen, b"{}", "judge")
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert len(store.trace(KEY)) == seq + 1
    assert store.settled() == {KEY, OTHER}


def writes(store: RunStore) -> dict[str, Callable[[], object]]:
    """Every way in which a run's folder is written beside the database; each needs more than a few kB."""
    few = [objects.made(b"blob", NOISE)]
    many = [objects.made(b"blob", NOISE[at : at + 3000]) for at in range(0, 3000 * 80, 3000)]
    names = tuple(BaseEntry(b"%d" % number * 9, "file", 0o644, 1, "") for number in range(9000))
    return {
        "blob": lambda: store.blobs.put(NOISE),
        "loose": lambda: objects.write(store.folder / "trees.git", few),
        "pack": lambda: objects.write(store.folder / "trees.git", many),
        "base": lambda: bases.keep(store.folder, Base("sha256:x", names), []),
    }


@pytest.mark.parametrize("way", ["blob", "loose", "pack", "base"])
@pytest.mark.parametrize("left", [0, 8192, 100_000])
def test_nothing_half_written_is_left(way: str, left: int, store: RunStore, small: Path) -> None:
    """Blobs, loose objects, packs and bases: a named fault, no temporary file, and the same works once there is room."""
    objects.bare(store.folder / "trees.git")
    fill(small, left)
    before = files(small)
    with pytest.raises(StoreFullError, match="no room is left"):
        writes(store)[way]()
    assert files(small) - before <= {"run/run.sqlite-shm"}
    make_room(small)
    writes(store)[way]()


def test_a_repository_is_made_whole_or_not(store: RunStore, small: Path) -> None:
    """On a full disk no half of one is left, which the next would take for one."""
    fill(small)
    with pytest.raises(StoreError):
        objects.bare(store.folder / "trees.git")
    assert not (store.folder / "trees.git").exists()
    assert {path.name for path in store.folder.iterdir()} <= {"run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "blobs"}
    make_room(small)
    objects.bare(store.folder / "trees.git")
    assert (store.folder / "trees.git" / "HEAD").exists()


def test_a_run_is_made_whole_or_not(small: Path) -> None:
    """No room for a new run: told so, and no folder is left that looks like one."""
    fill(small, 8192)
    with pytest.raises(StoreFullError):
        create(small / "run", (KEY,), {"plan": "x" * 50_000})
    assert files(small) == set()
    assert not (small / "run").exists()


def test_a_store_can_be_opened_and_read_on_a_full_disk(store: RunStore, small: Path) -> None:
    """What is on record is read where not a byte can be written."""
    pen = store.begin(KEY)
    pen(entry(1))
    store.close()
    fill(small)
    look = reading(store.folder)
    assert look.trace(KEY) == (entry(1),)
    look.close()
    with pytest.raises(StoreFullError):
        RunStore(store.folder).begin(KEY)
    again = reading(store.folder)  # beside what the writer left that found no room
    assert again.trace(KEY) == (entry(1),)
    again.close()


def test_other_faults_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    """A folder where a file should be, and a database of nobody's, are faults of their own."""
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(StoreError) as told:
        BlobFolder(tmp_path / "blobs").put(b"x")
    assert not isinstance(told.value, StoreFullError)
    (tmp_path / "run.sqlite").write_bytes(b"no database, but long enough to be looked at" * 99)
    with pytest.raises(StoreError) as told:
        LiveDatabase(tmp_path / "run.sqlite").rows("SELECT 1 FROM sqlite_schema")
    assert not isinstance(told.value, StoreFullError)


def test_a_disk_without_names_is_full(store: RunStore, small: Path) -> None:
    """Room for bytes but not for another file: SQLite only says that it can't open its log."""
    store.close()
    found = os.statvfs(small)
    subprocess.run(("mount", "-o", f"remount,nr_inodes={found.f_files - found.f_ffree}", str(small)), check=True)
    with pytest.raises(StoreFullError):
        RunStore(store.folder).begin(KEY)
    with pytest.raises(StoreFullError):
        store.blobs.put(b"x")
    subprocess.run(("mount", "-o", "remount,nr_inodes=1000", str(small)), check=True)
    RunStore(store.folder).begin(KEY)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_quota_is_a_full_disk(number: int, tmp_path: Path) -> None:
    """Whoever says it: the system, or git in its own words."""
    said = f"error: unable to write file x: {os.strerror(number)}\nfatal: cannot store".encode()
    for fault in (OSError(number, os.strerror(number)), subprocess.CalledProcessError(128, "git", stderr=said)):
        assert isinstance(named(tmp_path / "x", "could not be written", fault), StoreFullError)
