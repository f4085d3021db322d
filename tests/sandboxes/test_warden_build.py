"""The warden's binaries are what their source says, byte for byte."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

from sandboxes.warden.build import HERE, TARGETS, build, source_digest

RECORD = json.loads(files("sandboxes.warden").joinpath("digests.json").read_text())


def test_the_digests_are_of_these_files() -> None:
    """Binaries and sources in the tree are those that digests.json names; a source changed without a build is found here."""
    for name, digest in RECORD["binaries"].items():
        assert hashlib.sha256((HERE / name).read_bytes()).hexdigest() == digest
    assert RECORD["sources"] == source_digest()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_rebuild_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    """The recorded compiler, run anywhere, makes exactly the shipped binary."""
    assert RECORD["compiler"] == f"ziglang {version('ziglang')}"
    build(TARGETS[name], tmp_path / name)
    assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes()


def test_no_source_is_long() -> None:
    """Every C file can be read in one sitting."""
    assert all(len(path.read_text().splitlines()) <= 300 for path in HERE.glob("*.[ch]"))


@pytest.mark.parametrize(("name", "machine"), [("warden-x86_64", 62), ("warden-aarch64", 183)])
def test_each_binary_is_static_and_for_its_machine(name: str, machine: int) -> None:
    """An ELF file of its architecture that asks for no interpreter, so that any image can run it."""
    data = (HERE / name).read_bytes()
    assert data[:5] == b"\x7fELF\x02"
    assert int.from_bytes(data[18:20], "little") == machine
    assert b"ld-musl" not in data
    assert b"ld-linux" not in data
