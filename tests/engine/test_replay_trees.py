"""Trees compared path by path: which names excuse a difference, and which only look like it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from harness.core.recorded import Tree
from harness.engine.noise import Side
from harness.engine.replay_trees import Compared, compared

SIDES = (Side(0.0, 10.0), Side(1000.0, 1010.0))


class Leaf(msgspec.Struct, frozen=True):
    mode: bytes
    oid: str


class Odd(msgspec.Struct, frozen=True):
    kind: str
    mode: str
    size: int
    oid: str


class Shelf:
    """Trees and contents by hand; an object's id is its content."""

    def __init__(self, trees: Mapping[str, Mapping[bytes, str]], extras: Mapping[str, Mapping[str, Odd]] | None = None) -> None:
        self.trees, self.extras = trees, extras or {}

    def files(self, tree: str) -> Mapping[bytes, Leaf]:
        return {path: Leaf(b"100644", text) for path, text in self.trees[tree].items()}

    def oddities(self, extra: str) -> Mapping[str, Odd]:
        return self.extras.get(extra, {})

    def content(self, oid: str) -> bytes:
        return oid.encode()


def against(old: Mapping[bytes, str], new: Mapping[bytes, str]) -> Compared:
    return compared(Tree("old", "", ""), Tree("new", "", ""), Shelf({"old": old, "new": new}), SIDES)


EXCUSED = {
    "bytecode": (b"a/__pycache__/b.cpython-311.pyc", b"b.pyc", b"__pycache__/x"),
    "tool cache": (b".pytest_cache/v/x", b"a/.mypy_cache/3.11/x.json", b".ruff_cache/0/1", b".hypothesis/examples/1/2"),
    "coverage data": (b".coverage", b"a/.coverage.host.17.x"),
    "repository records": (b"sub/.git/index", b"sub/.git/logs/HEAD", b"sub/.git/objects/ab/cd", b"sub/.git/refs/heads/main"),
}


@pytest.mark.parametrize(("rule", "path"), [(rule, path) for rule, paths in EXCUSED.items() for path in paths])
def test_a_name_excuses_what_holds_times(rule: str, path: bytes) -> None:
    """Other bytes, a new file, a file gone: each passed over once, by its rule, and named."""
    for old, new in (({path: "1"}, {path: "2"}), ({}, {path: "2"}), ({path: "1"}, {})):
        found = against(old, new)
        assert found.parted is None
        assert [(name, one.rule) for name, one in found.passed] == [(path.decode(), rule)]


ALIKE = (
    b"pycache/b.py", b"__pycache__.py", b"x__pycache__/a", b"b.pyc.txt", b"apyc", b"pytest_cache/v", b".pytest_cache", b".coveragerc", b"a.coverage",
    b".gitignore", b"sub/.git/config", b"sub/.git/HEAD", b"sub/.github/index", b"git/index", b".coverage/x",
)  # fmt: skip


@pytest.mark.parametrize("path", ALIKE)
def test_a_name_that_looks_like_it_excuses_nothing(path: bytes) -> None:
    """Sources, settings and whatever a repository is told to do are work."""
    found = against({path: "1", b"same": "x"}, {path: "2", b"same": "x"})
    assert found.parted
    assert (found.parted.path, found.parted.old, found.parted.new, found.passed) == (path.decode(), b"1", b"2", ())


def test_every_difference_is_counted() -> None:
    """The first by name is shown, the others are counted, and noise beside them is still listed."""
    found = against({b"a": "1", b"b": "2", b"x.pyc": "3"}, {b"a": "4", b"c": "5", b"x.pyc": "6"})
    assert found.parted
    assert (found.parted.path, found.parted.others) == ("a", 2)
    assert [one.rule for _, one in found.passed] == ["bytecode"]


def test_bytes_are_excused_by_no_line_rule() -> None:
    """What is no text has no clock in it."""
    assert against({b"a": "at 5\0"}, {b"a": "at 1005\0"}).parted
    assert against({b"a": "0x7f0011223344\0"}, {b"a": "0x7f0011223345\0"}).parted
    assert against({b"a": "0x7f0011223344"}, {b"a": "0x7f0011223345"}).parted is None


def test_modes_and_specials_are_compared() -> None:
    """What only the manifest tells: rights, pipes, files too large; a cache's rights are its own business."""
    pipe, closed, large = Odd("special", "10644", 0, ""), Odd("file", "600", 3, "a" * 40), Odd("file", "644", 9, "b" * 64)
    for old, new, path in (
        ({}, {"p": pipe}, "p"), ({"c": closed}, {}, "c"), ({"l": large}, {"l": msgspec.structs.replace(large, oid="c" * 64)}, "l"),
        ({"c": closed}, {"c": msgspec.structs.replace(closed, mode="400")}, "c"),
    ):  # fmt: skip
        found = compared(Tree("t", "old", ""), Tree("t", "new", ""), Shelf({}, {"old": old, "new": new}), SIDES)
        assert found.parted
        assert found.parted.path == path
    cached = {"a/__pycache__/x.pyc": closed, "b/__pycache__": Odd("dir", "700", 0, "")}
    found = compared(Tree("t", "old", ""), Tree("t", "new", ""), Shelf({}, {"old": cached, "new": {}}), SIDES)
    assert found.parted is None
    assert [one.rule for _, one in found.passed] == ["bytecode", "bytecode"]
    other = {"c": msgspec.structs.replace(closed, oid="d" * 40, size=4)}
    assert compared(Tree("t", "old", ""), Tree("t", "new", ""), Shelf({}, {"old": {"c": closed}, "new": other}), SIDES) == Compared((), None)


REPOSITORY = {".git/HEAD": Odd("file", "644", 21, "a" * 40), ".git/index": Odd("file", "644", 9, "b" * 40), ".git/objects/ab": Odd("dir", "755", 0, "")}
CHANGES = {
    "index": ({".git/index": Odd("file", "644", 9, "c" * 40)}, None), "commit": ({".git/objects/cd/ef": Odd("file", "444", 9, "c" * 40)}, None),
    "objects": ({".git/objects/cd": Odd("dir", "755", 0, "")}, None), "branch": ({".git/HEAD": Odd("file", "644", 21, "c" * 40)}, ".git/HEAD"),
    "hook": ({".git/hooks/post-commit": Odd("file", "755", 3, "c" * 40)}, ".git/hooks/post-commit"), "config": ({".git/config": Odd("file", "644", 3, "c" * 40)}, ".git/config"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_the_agents_own_git_is_compared_by_its_parts(name: str) -> None:
    """Index, objects and logs hold times and are listed; a hook, a setting or another branch is a divergence."""
    change, parted = CHANGES[name]
    before, after = "1" * 40, "2" * 40
    found = compared(Tree("t", "e", before), Tree("t", "e", after), Shelf({}, {before: REPOSITORY, after: REPOSITORY | change}), SIDES)
    assert (found.parted.path if found.parted else None) == parted
    assert [one.rule for _, one in found.passed] == ([] if parted else ["repository records"])


def test_a_git_on_record_by_its_digest_alone_is_noise() -> None:
    """An older record can't say what differs: that it does is listed."""
    found = compared(Tree("t", "e", "1" * 64), Tree("t", "e", "2" * 40), Shelf({}), SIDES)
    assert (found.parted, [(name, one.rule) for name, one in found.passed]) == (None, [(".git", "repository records")])
