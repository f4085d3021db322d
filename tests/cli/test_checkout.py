"""`longhaul checkout`: the right turn of the right try in a new folder, and one sentence for everything else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.cli.record.runs import remember
from harness.core.chat import Sampling
from harness.core.events import Digests, Entry, Event, ModelAsked, TreeSeen, TrialBroke, TrialStarted
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.tree import Base
from harness.core.trial import TrialKey
from harness.plan import Plan
from harness.store.objects import bare
from harness.store.sqlite import create
from harness.store.trees import TreeLine

Inside = Callable[..., tuple[int, str, str]]
KEY = TrialKey("20260101-000000-abcd", "task", "a", "m", "", 1)
HOSTILE = b"\x1b[2Jevil\n\xff"


def seen(line: TreeLine, author: str, *entries: TreeEntry) -> TreeSeen:
    at = line.follow(TreeDelta(entries, ()))
    return TreeSeen(at.tree, at.extra, at.git, author, len(entries), 0, 0)


def file(path: bytes, data: bytes) -> TreeEntry:
    return TreeEntry(path, "file", 0o644, len(data), data)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two tries: the first broke after a turn; the second had a turn that wrote, one that only asked, and one with hostile names."""
    folder = tmp_path / "home" / "runs" / KEY.run
    store = create(folder, (KEY, msgspec.structs.replace(KEY, attempt=2)), {"run": KEY.run, "name": "named", "plan": msgspec.json.encode(Plan(("bundled",))).decode()})
    remember(store, ())
    bare(folder / "trees.git")
    line = TreeLine(folder / "trees.git")
    line.start(Base("sha256:x", ()), TreeDelta((), ()))
    began = (TrialStarted(KEY, number, None, None, Digests("", "", "", ""), "{}", "") for number in (1, 2))
    asked = [ModelAsked(turn, (), Sampling(), None, 0, "", "") for turn in (1, 2, 3)]
    hostile = (file(HOSTILE, b"3"), TreeEntry(b"out\x1b[31m", "link", 0o777, 2, b"/x"))
    events: tuple[Event, ...] = (
        next(began), seen(line, "start"), asked[0], seen(line, "shell", file(b"a", b"first try")), TrialBroke("model", "x", will_retry=True),
        next(began), seen(line, "start", file(b"a", b"0")), asked[0], seen(line, "shell", file(b"a", b"1")), asked[1], asked[2],
        seen(line, "shell", *hostile),
    )  # fmt: skip
    pen = store.begin(KEY)
    for number, event in enumerate(events, 1):
        pen(Entry(number, float(number), event))
    store.close()
    return folder


@pytest.mark.parametrize(("words", "text"), [(("--turn", "0"), "0"), (("--turn", "1"), "1"), (("--turn", "2"), "1"), (("--turn", "1", "--try", "1"), "first try")])
def test_the_turn_that_was_asked_for(inside: Inside, run: Path, tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    """The tree at the end of a turn, also of one that changed nothing, and of an earlier try."""
    code, out, err = inside("checkout", "named", "t1", *words, str(tmp_path / "out"))
    assert (code, err) == (0, "")
    assert "1 file and 0 links written" in out
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {"a": text}


def test_hostile_names_are_written_and_printed_safely(inside: Inside, run: Path, tmp_path: Path) -> None:
    """On disk byte for byte; on the terminal no escape gets through. Without --turn it is the last."""
    code, out, _ = inside("checkout", "last", "t0001", str(tmp_path / "out"))
    assert code == 0
    assert HOSTILE in {bytes(path.name, "utf-8", "surrogateescape") for path in (tmp_path / "out").iterdir()}
    assert "left out out\\x1b[31m: an absolute link" in out
    assert "\x1b" not in out
    told = json.loads(inside("checkout", "last", "t0001", str(tmp_path / "again"), "--json")[1])
    assert (told["schema"], told["files"], len(told["left_out"])) == ("longhaul.checkout/1", 2, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nam", "t1", "new"), "RUN: found 'nam'"),
        (("named", "t7", "new"), "TRIAL: found 't7', expected one of"),
        (("named", "t1", "--turn", "31", "new"), "found 31, expected a turn of t0001: 0 to 3, the nearest is 3"),
        (("named", "t1", "--try", "3", "new"), "found 3, expected a try of t0001: 1 to 2"),
        (("named", "t2", "new"), "expected a trial in which a workspace was seen"),
        (("named", "t1", "old"), "which is there already"),
        (("named", "t1", "no/where/new"), "No such file"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(inside: Inside, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str) -> None:
    """Unknown run, trial, turn and try, a folder that is there, one that can't be: exit 2, nothing made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    before = sorted(tmp_path.iterdir())
    code, out, err = inside("checkout", *words)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert said in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_record_without_its_trees_is_one_sentence(inside: Inside, run: Path, tmp_path: Path) -> None:
    """What is missing is named, and no folder is left."""
    shutil.rmtree(run / "trees.git" / "objects")
    (run / "trees.git" / "objects").mkdir()
    code, _, err = inside("checkout", "last", "t1", str(tmp_path / "out"))
    assert (code, len(err.splitlines())) == (2, 1)
    assert "is missing" in err
    assert not (tmp_path / "out").exists()
