"""A write that fails leaves the old file whole: by size, by a full disk, by the harness or by a tool."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from agents.tools import replace
from harness.core.chat import ToolCall
from sandboxes.docker import create

pytestmark = pytest.mark.docker
OLD = b"first line\n" + b"kept to the byte\n" * 1000
WHOLE = "sha256sum f; stat -c '%a %u' f; ls -A"


def test_a_write_over_the_size_limit_leaves_the_old_file(base, order_of) -> None:
    """By the harness and by `replace`: the fault is told, and content, mode and folder are as before, with no temporary file."""
    with create(file_mb=1).open(order_of(base)) as sandbox:
        sandbox.write(PurePosixPath("f"), OLD, mode=0o640)
        before = sandbox.shell(WHOLE, deadline=20).output
        assert before.endswith(b"640 1000\nf\n")
        with pytest.raises(OSError, match="File too large"):
            sandbox.write(PurePosixPath("f"), bytes(3_000_000))
        words = {"path": "f", "old": "first line", "new": "x" * 2_000_000}
        told = replace.create().run(ToolCall("c", "replace", json.dumps(words)), sandbox)
        assert not told.ok
        assert "File too large" in told.text
        assert sandbox.shell(WHOLE, deadline=20).output == before
        assert sandbox.read(PurePosixPath("f")) == OLD


def test_a_write_to_a_full_disk_leaves_the_old_file(sandbox) -> None:
    """On a file system with no room for the new file the old one stays, and the next write, once there is room, succeeds."""
    path = PurePosixPath("/dev/shm/w/f")
    sandbox.write(path, OLD)
    sandbox.shell("head -c 1G /dev/zero > /dev/shm/fill", deadline=60)
    before = sandbox.shell(f"cd /dev/shm/w; {WHOLE}; df --output=avail . | tail -1", deadline=20).output
    assert before.split()[-1] == b"0"
    with pytest.raises(OSError, match="No space left"):
        sandbox.write(path, bytes(1_000_000))
    assert sandbox.shell(f"cd /dev/shm/w; {WHOLE}; df --output=avail . | tail -1", deadline=20).output == before
    assert sandbox.read(path) == OLD
    sandbox.shell("rm /dev/shm/fill", deadline=20)
    sandbox.write(path, b"new")
    assert sandbox.read(path) == b"new"
