"""What a settled trial names is on the disk before it is settled, its row with it; and every event finds its bytes there already."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.coder import create as coder
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.core.errors import StoreError
from harness.core.events import Entry, PromptCounted, TreeSeen
from harness.core.trial import TrialKey
from harness.engine.trial import run_trial
from harness.store import objects
from harness.store.inventory import blobs_of
from harness.store.sqlite import RunStore, create, reading
from harness.store.unforced import Unforced, unforced
from tests.engine.doubles import KEY as PLAYED
from tests.engine.doubles import TapeModel, call, job, stage

KEY = TrialKey("r", "task", "coder", "scripted/demo", "", 1)
LATE = (
    "import sys\nfrom pathlib import Path\nfrom harness.core.errors import StoreError\nfrom harness.store.sqlite import RunStore\n"
    "from harness.core.events import Entry, PromptCounted\n"
    "s = RunStore(Path(sys.argv[1])); key = next(iter(s.keys().values())); pen = s.begin(key)\n"
    "pen(Entry(1, 0.0, PromptCounted(1, 'x')))\nprint('holds the pen', flush=True)\nsys.stdin.readline()\n"
    "for act in (lambda: pen(Entry(2, 0.0, PromptCounted(2, 'late'))), lambda: s.settle(key, pen, b'late', 'judge')):\n"
    "    try:\n        act()\n        print('done', flush=True)\n    except StoreError as fault:\n        print(fault, flush=True)\n"
)


def entry(seq: int) -> Entry:
    return Entry(seq, float(seq), PromptCounted(seq, "test"))


def test_a_stopped_worker_that_comes_back_writes_nothing(tmp_path: Path) -> None:
    """Stopped, presumed dead, replaced, continued: neither its event nor its settlement nor its row gets in."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    command = [sys.executable, "-c", LATE, str(store.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as late:
        assert late.stdout
        assert late.stdin
        assert late.stdout.readline() == "holds the pen\n"
        late.stdin.write("\n")
        late.send_signal(signal.SIGSTOP)
        late.stdin.flush()
        _, status = os.waitpid(late.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        pen = store.begin(KEY)
        late.send_signal(signal.SIGCONT)
        assert late.stdout.read().splitlines() == ["t0001: another worker holds the pen"] * 2
    assert [each.seq for each in store.trace(KEY)] == [1]
    assert (store.settled(), store.first_rows()) == (frozenset(), {})
    pen(entry(2))
    store.settle(KEY, pen, b"mine", "judge")
    assert store.kept_rows("judge") == {"t0001": b"mine"}


def test_a_worker_stopped_after_settlement_finds_the_trace_closed(tmp_path: Path) -> None:
    """The same where the trial was settled by another meanwhile, or by itself."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    old, new = store.begin(KEY), store.begin(KEY)
    new(entry(1))
    store.settle(KEY, new)
    for pen in (old, new):
        with pytest.raises(StoreError):
            pen(entry(2))
        with pytest.raises(StoreError):
            store.settle(KEY, pen)
    with pytest.raises(StoreError, match="settled already"):
        store.begin(KEY)
    assert len(store.trace(KEY)) == 1


def test_a_row_is_kept_with_the_settlement_or_not_at_all(tmp_path: Path) -> None:
    """One transaction: a row that can't be kept leaves the trial unsettled."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    pen = store.begin(KEY)
    pen(entry(1))
    with pytest.raises(StoreError):
        store.settle(KEY, pen, b"row", None)  # type: ignore[arg-type]
    assert store.settled() == frozenset()
    store.settle(KEY, pen, b"row", "judge")
    assert store.settled() == {KEY}


def test_rows_of_judges_stand_beside_each_other(tmp_path: Path) -> None:
    """The first stays first whoever judges later; only settled trials have rows; what one judge says again replaces his word."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    store.keep_rows("early", {"t0001": b"under way"})
    assert store.first_rows() == {}
    store.settle(KEY, store.begin(KEY), b"first", "b")
    store.keep_rows("a", {"t0001": b"second", "t0002": b"of nobody"})
    store.keep_rows("b", {"t0001": b"first again"})
    assert store.kept_rows("a") == {"t0001": b"second"}
    assert store.first_rows() == {"t0001": ("b", b"first again")}


class Watched:
    """A pen that looks, before each entry is written, whether all it names is there."""

    def __init__(self, store: RunStore) -> None:
        self._store, self._pen, self.named = store, store.begin(PLAYED), 0

    def __call__(self, entry: Entry) -> None:
        for blob in blobs_of(entry.event):
            assert self._store.blobs.complaint(blob) == ""
            self.named += 1
        if isinstance(entry.event, TreeSeen):
            for oid in (entry.event.tree, entry.event.extra):
                git = ("git", "--git-dir", str(self._store.folder / "trees.git"), "cat-file", "-e", oid)
                subprocess.run(git, check=True)
        self._pen(entry)


def test_bytes_are_there_before_the_event_that_names_them(tmp_path: Path) -> None:
    """A whole trial with long and unencodable words, tool output, wire bytes, a difference and trees."""
    here = stage(tmp_path)
    write = call("shell", json.dumps({"command": "seq 9000; seq 99 > b.txt", "seconds": 10}))
    odd = call("no_such_tool\ud800", '{"a": "\ud800' + "x" * 9000 + '"}')
    model = TapeModel(write, odd, call("finish", json.dumps({"done": "all", "not_done": ""}), "c9"))
    pen = Watched(here.store)
    run_trial(job(tmp_path), here.world(coder(), model, tools={"shell": shell(), "finish": finish()}), pen)
    assert pen.named > 6


def test_what_a_settled_trial_names_was_forced_to_disk(tmp_path: Path) -> None:
    """At the settling transaction nothing is left to force: blobs, objects, and a blob that another had written."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    pen = store.begin(KEY)
    store.blobs.put(b"mine")
    objects.bare(store.folder / "trees.git")
    objects.write(store.folder / "trees.git", [objects.made(b"blob", b"%d" % number) for number in range(99)])
    assert len(unforced(store.folder)) == 3
    store.settle(KEY, pen)
    assert len(unforced(store.folder)) == 0
    store.blobs.put(b"mine")
    assert len(unforced(store.folder)) == 1


def test_forcing_calls_the_system_for_files_and_their_folders(tmp_path: Path) -> None:
    """Not when it is written, then each once: the file first, the folders that name it after it."""
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom harness.store.unforced import unforced\nfrom harness.store.blobs import BlobFolder\n"
        "real, seen = os.fsync, []\n"
        "def spy(handle):\n    seen.append(os.readlink(f'/proc/self/fd/{handle}'))\n    real(handle)\n"
        "os.fsync = spy\nfolder = Path(sys.argv[1])\nblob = BlobFolder(folder / 'blobs').put(b'x')\nassert not seen\nunforced(folder).force()\n"
        "print('\\n'.join(seen))"
    )
    done = subprocess.run((sys.executable, "-c", code, str(tmp_path)), check=True, capture_output=True, text=True)
    forced = done.stdout.splitlines()
    assert forced[0].endswith(".zst")
    assert set(forced[1:]) == {str(Path(forced[0]).parent), str(tmp_path / "blobs")}


def test_a_long_list_of_unforced_files_is_worked_off(tmp_path: Path) -> None:
    """A process that settles nothing keeps no list without end."""
    path, whole = tmp_path / "x", Unforced()
    path.write_bytes(b"")
    for number in range(5000):
        link = tmp_path / str(number)
        link.hardlink_to(path)
        whole.note(link)
    assert len(whole) < 1000


def test_a_file_that_vanished_is_a_fault_at_settlement(tmp_path: Path) -> None:
    """A record whose blob somebody removed is not settled."""
    store = create(tmp_path / "run", (KEY,), {"run": "r"})
    pen = store.begin(KEY)
    store.blobs.path(store.blobs.put(b"mine")).unlink()
    with pytest.raises(StoreError, match="could not be forced to disk"):
        store.settle(KEY, pen)
    assert reading(store.folder).settled() == frozenset()
