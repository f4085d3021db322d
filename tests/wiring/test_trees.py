"""Trees of a run's record as detectors read them: the files that were recorded, what differs, and faults by name."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.predicates import Absent, Unchanged
from harness.core.tree import Base
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from harness.store.objects import bare, made, write
from harness.store.trees import TreeLine
from harness.wiring.trees import trees


def entry(path: str, data: bytes, kind: str = "file", mode: int = 0o644) -> TreeEntry:
    return TreeEntry(path.encode("utf-8", "surrogateescape"), kind, mode, len(data), data)  # type: ignore[arg-type]


def recorded(run: Path, *deltas: TreeDelta) -> list[str]:
    """Ids of the trees after each delta."""
    run.mkdir(exist_ok=True)
    bare(run / "trees.git")
    line = TreeLine(run / "trees.git")
    line.start(Base("sha256:none", ()), TreeDelta((), ()))
    return [line.follow(delta).tree for delta in deltas]


def test_listings_tell_what_was_recorded_and_what_differs(tmp_path: Path) -> None:
    """Random changes to random paths: each listing is the recorded one, and each difference is the plain one of two mappings."""
    chance = random.Random(7)
    paths = [f"{a}/{b}/m{c}.py" for a in "xyz" for b in ("p", "q/r", "s") for c in range(4)] + ["top", "odd \udcff", "é/ü"]
    now: dict[str, bytes] = {}
    deltas, wanted = [], []
    for turn in range(30):
        gone = [path for path in now if chance.random() < 0.1]
        fresh = {path: f"{path}{turn}".encode("utf-8", "surrogateescape") for path in chance.sample(paths, 5)}
        now = {path: data for path, data in now.items() if path not in gone} | fresh
        deltas.append(TreeDelta(tuple(entry(path, data) for path, data in fresh.items()), tuple(path.encode("utf-8", "surrogateescape") for path in gone if path not in fresh)))
        wanted.append({path: made(b"blob", data).oid for path, data in now.items()})
    ids = recorded(tmp_path / "run", *deltas)
    with trees(tmp_path / "run") as read:
        for tree, want in zip(ids, wanted, strict=True):
            found = read.files(tree)
            assert (dict(found), len(found), found == want, read.files(tree) is found) == (want, len(want), True, True)
        for left, old in zip(ids, wanted, strict=True):
            for right, new in zip(ids[::7], wanted[::7], strict=True):
                assert Sources(read).changed(left, right) == {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
        assert "x/p" not in read.files(ids[-1])
        assert read.files(ids[-1]).get("x/p/m0.py/deeper") is None
        assert {path: read.content(oid) for path, oid in wanted[-1].items()} == now


def test_a_link_is_told_from_a_file(tmp_path: Path) -> None:
    """The frozen file whose place a link takes is changed, though git would give both one id; a link is no module."""
    first, second = recorded(
        tmp_path / "run", TreeDelta((entry("a.py", b"b.old"), entry("deep/b.py", b"x = 1\n")), ()), TreeDelta((entry("a.py", b"b.old", "link"),), ())
    )
    with trees(tmp_path / "run") as read:
        sources = Sources(read)
        assert judged(Unchanged(("*.py",)), second, first, sources).breaches == {"a.py"}
        assert judged(Absent("old", ("**",)), first, first, sources).held is False
        assert judged(Absent("old", ("**",)), second, first, sources).held is True


def test_missing_and_damaged_trees_are_faults_of_the_record(tmp_path: Path) -> None:
    """One that is not there, one that names unlawfully, a blob in a tree's place; asked again, they are faults again."""
    run = tmp_path / "run"
    (good,) = recorded(run, TreeDelta((entry("a/b/c.py", b"x"),), ()))
    evil = made(b"tree", b"100644 ..\0" + b"\1" * 20)
    above = made(b"tree", b"40000 a\0" + bytes.fromhex(evil.oid))
    write(run / "trees.git", [evil, above, made(b"blob", b"x")])
    with trees(run) as read:
        for tree in ("0" * 40, above.oid, above.oid, made(b"blob", b"x").oid):
            with pytest.raises(StoreError):
                read.files(tree)
        assert list(read.files(good)) == ["a/b/c.py"]
        with pytest.raises(StoreError):
            read.content("0" * 40)
    with pytest.raises(StoreError, match="no trees were recorded"), trees(tmp_path / "none"):
        pass


def test_a_tree_that_names_more_than_a_disk_holds_is_refused(tmp_path: Path) -> None:
    """Eight objects, each naming the next sixteen times twice over: counted, not unrolled; deep folders are no recursion."""
    run = tmp_path / "run"
    recorded(run)
    blob = made(b"blob", b"x")
    objects, oid = [blob], blob.oid
    for level in range(7):
        kind = b"40000" if level else b"100644"
        objects.append(made(b"tree", b"".join(kind + b" %02d\0" % number + bytes.fromhex(oid) for number in range(16))))
        oid = objects[-1].oid
    deep = [made(b"tree", b"100644 f\0" + bytes.fromhex(blob.oid))]
    for _ in range(3 * sys.getrecursionlimit()):
        deep.append(made(b"tree", b"40000 d\0" + bytes.fromhex(deep[-1].oid)))
    write(run / "trees.git", [*objects, *deep])
    with trees(run) as read:
        with pytest.raises(StoreError, match="more than 1,000,000 paths"):
            list(read.files(oid))
        assert [path.count("/") for path in read.files(deep[-1].oid)] == [len(deep) - 1]
