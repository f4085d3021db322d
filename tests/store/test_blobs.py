"""Bulky bytes by content."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import StoreError
from harness.core.events import Blob
from harness.store.blobs import BlobFolder


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 1000, b"a" * 5_000_000], ids=["nothing", "binary", "long"])
def test_what_was_put_is_got(tmp_path: Path, data: bytes) -> None:
    """Any bytes come back as they were."""
    shelf = BlobFolder(tmp_path)
    assert shelf.get(shelf.put(data)) == data


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    """Putting twice leaves one file."""
    shelf = BlobFolder(tmp_path)
    assert shelf.put(b"again") == shelf.put(b"again")
    assert len(list(tmp_path.rglob("*.zst"))) == 1
    assert not list(tmp_path.rglob(".new-*"))


def test_a_damaged_blob_is_refused(tmp_path: Path) -> None:
    """A changed byte is told, never handed out."""
    shelf = BlobFolder(tmp_path)
    blob = shelf.put(b"the truth")
    (path,) = tmp_path.rglob("*.zst")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(StoreError, match="blob"):
        shelf.get(blob)


def test_a_blob_of_anothers_name_is_refused(tmp_path: Path) -> None:
    """A whole file under a wrong name is told by its digest."""
    shelf = BlobFolder(tmp_path)
    one, two = shelf.put(b"one"), shelf.put(b"two")
    paths = {path.stem: path for path in tmp_path.rglob("*.zst")}
    paths[one.sha256[2:]].write_bytes(paths[two.sha256[2:]].read_bytes())
    with pytest.raises(StoreError, match="digest"):
        shelf.get(one)


def test_a_missing_blob_is_told(tmp_path: Path) -> None:
    """Nothing is made up for what is not there."""
    with pytest.raises(StoreError, match="can't be read"):
        BlobFolder(tmp_path).get(Blob("0" * 64, 1))
