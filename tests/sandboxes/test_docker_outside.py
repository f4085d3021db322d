"""Recorded paths as tars, and which changes are outside the workspace: bytes and words in, values out."""

from __future__ import annotations

import io
import stat
import tarfile

import pytest

from harness.core.machine import TreeEntry, User
from sandboxes.docker_outside import AT_ONCE, outside, tars, younger


def test_paths_come_into_the_tar_as_they_are() -> None:
    """Kinds, modes, the agent's own uid, names that are no UTF-8."""
    entries = (
        TreeEntry(b"d", "dir", 0o40700, 0), TreeEntry(b"d/f\xff", "file", 0o104755, 2, b"hi"),
        TreeEntry(b"d/l", "link", 0o777, 3, b"f\xff"), TreeEntry(b"p", "special", stat.S_IFIFO | 0o600, 0),
    )  # fmt: skip
    (tar,) = tars(entries, "/workspace", User())
    with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as archive:
        rows = [(m.name.encode("utf-8", "surrogateescape"), m.type, m.mode, m.uid, m.linkname) for m in archive]
    assert rows == [
        (b"workspace/d", tarfile.DIRTYPE, 0o700, 1000, ""), (b"workspace/d/f\xff", tarfile.REGTYPE, 0o4755, 1000, ""),
        (b"workspace/d/l", tarfile.SYMTYPE, 0o777, 1000, "f\udcff"), (b"workspace/p", tarfile.FIFOTYPE, 0o600, 1000, ""),
    ]  # fmt: skip


def test_much_content_comes_in_several_tars() -> None:
    """No end holds more than a bounded number of bytes at a time; nothing to lay is no tar at all."""
    big = TreeEntry(b"big", "file", 0o644, AT_ONCE, bytes(AT_ONCE))
    assert len(list(tars((big, TreeEntry(b"small", "file", 0o644, 1, b"x")), "/w", User()))) == 2
    assert next(tars((big,), "/", User())).startswith(b"big")
    assert list(tars((), "/w", User())) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((("/home", 0), ("/home/agent", 0), ("/home/agent/x", 1)), ("/home/agent/x",)),
        ((("/workspace", 0), ("/workspace/a", 1), ("/workspace2", 1)), ("/workspace2",)),
        ((("/.longhaul/warden", 0), ("/proc/x", 1), ("/etc/hosts", 0), ("/.dockerenv", 1)), ()),
        ((("/srv", 0), ("/gone", 2), ("/made", 1), ("/made/x", 1)), ("/gone", "/made", "/made/x", "/srv")),
    ],
    ids=["folders on the way", "the workspace", "ours", "kinds"],
)
def test_what_is_outside(changes: tuple[tuple[str, int], ...], told: tuple[str, ...]) -> None:
    """Neither the workspace nor what the engine and the harness put there; a folder is named for its own change only."""
    assert outside(changes, "/workspace") == told


def test_what_is_younger_than_the_container() -> None:
    """A folder for everybody's temporary files is named for what is in it alone; a find that knows less is not believed."""
    assert younger(b"") is None
    assert younger(b"/tmp/x\0") is None
    assert younger(b"/etc/hostname\0/tmp\0") == [("/etc/hostname", 0)]
    assert younger(b"/etc/hostname\0/tmp\0/tmp/x\0") == [("/etc/hostname", 0), ("/tmp", 0), ("/tmp/x", 0)]
