"""A run goes out as one file and comes in again, the same in every byte that counts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import tracemalloc
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from benchmarks.synthetic import RUN
from harness.core.errors import PlanError, StoreFullError
from harness.core.events import Entry, PromptCounted, TreeSeen
from harness.core.recorded import Tree
from harness.exchange.manifest import NAME, known
from harness.exchange.reader import arrive
from harness.exchange.writer import export
from harness.store.atomic import place
from harness.store.audits import KeptKeys, named
from harness.store.bases import kept
from harness.store.readback import reading as trees
from harness.store.settled import Asked, SettledTests
from harness.store.sqlite import RunStore, create, reading
from tests.crash.small_disk import small_disk
from tests.exchange.forge import a_run, altered, forged, honest, taken_apart
from tests.store.test_sqlite import KEY


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run(tmp_path / "home")


def test_a_run_comes_back_whole(run: Path, tmp_path: Path) -> None:
    """Traces, blobs, trees, bases, logs and notes are those that went out."""
    sent = export(run, tmp_path / "a.tar.zst")
    arrived = arrive(tmp_path / "a.tar.zst", tmp_path / "other" / "runs")
    assert (arrived.run, arrived.fresh, arrived.members) == (RUN, True, sent.members)
    before, after = reading(run), reading(tmp_path / "other" / "runs" / RUN)
    assert before.keys() == after.keys()
    assert all(before.trace(key) == after.trace(key) for key in before.keys().values())
    assert before.settled() == after.settled()
    names = {path.relative_to(run).as_posix() for path in run.rglob("*.zst")}
    assert names == {path.relative_to(after.folder).as_posix() for path in after.folder.rglob("*.zst")}
    key = next(iter(before.keys().values()))
    seen = [entry.event.tree for entry in before.trace(key) if isinstance(entry.event, TreeSeen)]
    with trees(after.folder / "trees.git") as read:
        assert read.files(seen[-1])
    base = next((run / "bases").iterdir()).stem
    assert kept(after.folder, base) == kept(run, base) is not None
    assert (after.folder / "run.log").read_bytes() == (run / "run.log").read_bytes()


def test_answers_of_tests_and_samples_go_along(run: Path, tmp_path: Path) -> None:
    """What tests said of trees and what was drawn for an audit arrive; accounts, which are made again, stay behind; an answer to another question is refused."""
    asked = Asked(Tree("a" * 40, "", ""), ("t::one",), "sha256:1", "2")
    SettledTests(run).keep(asked, {"t::one": True})
    name = named("r", "m", 0, [])
    key = msgspec.json.encode({"audit": name, "run": "r", "measure": "m", "seed": 0, "samples": []})
    KeptKeys(run).keep(name, key)
    place(run / "context" / "t0001.plain.json", b"{}")
    export(run, tmp_path / "a.tar.zst")
    there = tmp_path / "runs" / arrive(tmp_path / "a.tar.zst", tmp_path / "runs").run
    assert SettledTests(there).find(asked) == {"t::one": True}
    assert KeptKeys(there).find(name) == key
    assert not (there / "context").exists()
    path = next((run / "settled").iterdir())
    path.rename(path.with_name(f"{'0' * 64}.json"))
    with pytest.raises(PlanError, match="settled/0"):
        export(run, tmp_path / "b.tar.zst")


def test_only_the_record_goes_out(run: Path, tmp_path: Path) -> None:
    """No lock, no slot, nothing half written, no git config or hook; and git's folder is made anew on arrival."""
    names = list(honest(run, tmp_path / "a.tar.zst"))
    assert all(known(name) for name in names)
    assert not [name for name in names if "lock" in name or "slots" in name or ".new-" in name or "hooks" in name or "config" in name]
    place = tmp_path / "runs" / arrive(tmp_path / "a.tar.zst", tmp_path / "runs").run
    assert not (place / "trees.git" / "hooks" / "post-checkout").exists()
    assert [path.suffix for path in sorted((place / "trees.git" / "objects" / "pack").iterdir())][:2] == [".idx", ".pack"]
    assert not (place / "bases.lock").exists()


def test_the_same_record_gives_the_same_file(run: Path, tmp_path: Path) -> None:
    """Twice here, and once more from where it arrived: no time, owner or order of a disk gets in."""
    export(run, tmp_path / "a")
    os.utime(run / "run.log", (1, 1))
    export(run, tmp_path / "b")
    arrive(tmp_path / "a", tmp_path / "runs")
    export(tmp_path / "runs" / RUN, tmp_path / "c")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_an_export_changes_nothing(run: Path, tmp_path: Path) -> None:
    """No file of the run is touched, none appears, and only the archive is left beside its target."""
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    (tmp_path / "out").mkdir()
    export(run, tmp_path / "out" / "a")
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_a_run_that_goes_on_is_taken_at_one_moment(tmp_path: Path) -> None:
    """While another thread writes events, blobs and log without pause, every archive imports, and its trace is a beginning of the whole."""
    store = create(tmp_path / "home" / "runs" / RUN, (KEY,), {"run": "r"})
    going, wrote = threading.Event(), threading.Event()

    def write() -> None:
        mine = RunStore(store.folder)
        pen, seq = mine.begin(KEY), 0
        while not going.is_set():
            seq += 1
            blob = mine.blobs.put(os.urandom(300))
            pen(Entry(seq, float(seq), PromptCounted(seq, f'{{"sha256":"{blob.sha256}"}}')))
            with (store.folder / "run.log").open("a") as log:
                log.write(f"{seq}\n")
            wrote.set()
        mine.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wrote.wait()
        for number in range(5):
            export(store.folder, tmp_path / f"{number}")
    finally:
        going.set()
        writer.join()
    whole = store.trace(KEY)
    for number in range(5):
        arrived = arrive(tmp_path / f"{number}", tmp_path / f"runs{number}")
        trace = reading(tmp_path / f"runs{number}" / arrived.run).trace(KEY)
        assert trace == whole[: len(trace)]
        assert trace


def test_what_is_there_already_is_left_alone(run: Path, tmp_path: Path) -> None:
    """The same content is said to be there, also where rows were kept since; another record of that id is refused; nothing changes."""
    export(run, tmp_path / "a")
    runs = tmp_path / "runs"
    arrive(tmp_path / "a", runs)
    store = RunStore(runs / RUN)
    store.keep_rows("another judge", {"t0001": b"{}"})
    store.close()
    assert arrive(tmp_path / "a", runs).fresh is False
    store = RunStore(runs / RUN)
    store.note("remark", "one more")
    store.close()
    before = (runs / RUN / "run.sqlite").read_bytes()
    with pytest.raises(PlanError, match="of which another record is in"):
        arrive(tmp_path / "a", runs)
    assert (runs / RUN / "run.sqlite").read_bytes() == before
    assert [path.name for path in runs.iterdir()] == [RUN]


def test_a_store_of_the_older_format_arrives_as_it_is(run: Path, tmp_path: Path) -> None:
    """It is read, not migrated; a newer one is refused in one sentence."""
    members = honest(run, tmp_path / "a")
    old = altered(members["run.sqlite"], tmp_path, lambda db: db.executescript("DROP TABLE rows; UPDATE meta SET value = '1' WHERE name = 'format'"))
    arrive(forged(tmp_path / "old", members | {"run.sqlite": old}, store="1"), tmp_path / "runs")
    assert reading(tmp_path / "runs" / RUN).meta("format") == "1"
    new = altered(members["run.sqlite"], tmp_path, lambda db: db.execute("UPDATE meta SET value = '99' WHERE name = 'format'"))
    with pytest.raises(PlanError, match="store format 99"):
        arrive(forged(tmp_path / "new", members | {"run.sqlite": new}, store="99"), tmp_path / "elsewhere")


@pytest.mark.parametrize("where", ["blob", "missing", "loose", "pack", "database"])
def test_a_damaged_record_does_not_go_out(run: Path, tmp_path: Path, where: str) -> None:
    """What is damaged or missing is named, and no archive is left."""
    if where == "database":
        with closing(sqlite3.connect(run / "run.sqlite")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        data = bytearray((run / "run.sqlite").read_bytes())
        data[4096:12288] = b"\xff" * 8192
        (run / "run.sqlite").write_bytes(bytes(data))
    elif where == "missing":
        shutil.rmtree(run / "blobs")
    else:
        path = next(iter(sorted(run.glob({"blob": "blobs/*/[0-9a-f]*.zst", "loose": "trees.git/objects/[0-9a-f][0-9a-f]/*", "pack": "trees.git/objects/pack/*.pack"}[where]))))
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    (tmp_path / "out").mkdir()
    with pytest.raises(PlanError, match="run.sqlite" if where == "database" else r"blobs/|trees\.git"):
        export(run, tmp_path / "out" / "a")
    assert not list((tmp_path / "out").iterdir())


def test_memory_is_flat(run: Path, tmp_path: Path) -> None:
    """A record of 64 MB goes out and in with a few megabytes of memory."""
    with (run / "workers.log").open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
    tracemalloc.start()
    export(run, tmp_path / "a")
    arrive(tmp_path / "a", tmp_path / "runs")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "a").stat().st_size > 64 << 20
    assert peak < 16 << 20


def test_a_full_disk_leaves_nothing(run: Path, tmp_path: Path) -> None:
    """An export that finds no room says so and is gone; an import that would not fit does not begin."""
    (run / "workers.log").write_bytes(os.urandom(24 << 20))
    export(run, tmp_path / "a")
    with small_disk(tmp_path / "small"):
        with pytest.raises(StoreFullError, match="no room is left"):
            export(run, tmp_path / "small" / "a")
        with pytest.raises(PlanError, match=r"free here|at most"):
            arrive(tmp_path / "a", tmp_path / "small" / "runs")
        assert [path.name for path in (tmp_path / "small").rglob("*")] == ["runs"]


def test_any_tar_can_read_it(run: Path, tmp_path: Path) -> None:
    """The manifest is the first member, and each line below its head is a member's path, size and digest."""
    members = honest(run, tmp_path / "a")
    assert NAME not in members
    assert sorted(members) == list(members) == list(taken_apart(tmp_path / "a"))
