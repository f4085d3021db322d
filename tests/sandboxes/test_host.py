"""The host sandbox keeps the port's promises but confines nothing, and says so."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath as Path

import pytest

from harness.core.machine import Ended, PreparedImage, TreeDelta
from harness.core.ports import Order
from harness.core.task import ImageTag, Place
from sandboxes.host import HostSandbox, create


@pytest.fixture
def sandbox() -> Iterator[HostSandbox]:
    with create().open(Order(PreparedImage("", "", "", "", "/"), Place(ImageTag("")))) as opened:
        yield opened


def test_a_shell_keeps_its_state(sandbox: HostSandbox) -> None:
    """Directory and exports live on; after a deadline they are the ones before."""
    assert sandbox.shell("mkdir d; cd d; export A=1; exit 3", deadline=20).exit_code == 3
    assert sandbox.shell("echo $A; basename $PWD", deadline=20).output == b"1\nd\n"
    told = sandbox.shell("cd ..; sleep 100", deadline=0.3)
    assert (told.ended, told.state_kept, told.exit_code) == (Ended.DEADLINE, False, 137)


def test_files_and_looks(sandbox: HostSandbox) -> None:
    """What is written is read, seen once, and gone when removed."""
    sandbox.write(Path("a/b"), b"\0x", mode=0o700)
    assert sandbox.read(Path("a/b")) == b"\0x"
    assert {(entry.path, entry.kind, entry.mode) for entry in sandbox.prime().entries} == {
        (b"a", "dir", 0o755),
        (b"a/b", "file", 0o700),
    }
    assert sandbox.changes() == TreeDelta((), ())
    sandbox.write(Path("a/b"), b"y")
    (entry,) = sandbox.changes().entries
    assert (entry.data, entry.mode) == (b"y", 0o700)
    sandbox.remove(Path("a"))
    assert set(sandbox.changes().removed) == {b"a", b"a/b"}
    sandbox.remove(Path("none"))


def test_streams_and_harvest(sandbox: HostSandbox) -> None:
    """Streams apart, stdin in, variables added, the folder out as a tar; nothing is claimed to be confined."""
    told = sandbox.exec(("bash", "-c", "cat; echo $X >&2; exit 4"), deadline=20, stdin=b"in", environment={"X": "err"})
    assert (told.stdout, told.stderr, told.exit_code) == (b"in", b"err\n", 4)
    assert sandbox.exec(("nonesuch",), deadline=20).exit_code == 127
    sandbox.write(Path("f"), b"1")
    with tarfile.open(fileobj=io.BytesIO(sandbox.harvest(Path()))) as tar:
        assert "workspace/f" in tar.getnames()
    assert sandbox.facts.confinement.mode == "none"
