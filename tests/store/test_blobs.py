"""Bulky bytes by content."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.store.blobs import BlobFolder


def file_of(shelf: BlobFolder, blob: Blob, data: bytes) -> Path:
    """The blob's file, which now holds this."""
    path = shelf.path(blob)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


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


def test_a_blob_is_readable_to_whom_the_umask_lets(tmp_path: Path) -> None:
    """As every other file of a run: another user may be let to read it."""
    shelf = BlobFolder(tmp_path)
    (tmp_path / "ordinary").write_bytes(b"")
    assert shelf.path(shelf.put(b"x")).stat().st_mode == (tmp_path / "ordinary").stat().st_mode


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


def bomb(size: int, *, told: bool) -> bytes:
    """A small frame that gives `size` zeros; `told`: it says so in its header."""
    packer = zstandard.ZstdCompressor(write_content_size=told).compressobj(size if told else -1)
    return packer.compress(b"\0" * size) + packer.flush()


@pytest.mark.parametrize("told", [True, False])
def test_a_bomb_gives_no_more_than_was_recorded(told: bool, tmp_path: Path) -> None:
    """200 MB in 20 kB under the name of a small blob: refused before they are unpacked."""
    shelf = BlobFolder(tmp_path)
    blob = Blob(hashlib.sha256(b"small").hexdigest(), 5)
    file_of(shelf, blob, bomb(200_000_000, told=told))
    tracemalloc.start()
    with pytest.raises(StoreError, match="holds more than the 5 bytes"):
        shelf.get(blob)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_frame_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    """A window of 128 MB is nothing that we wrote."""
    shelf, data = BlobFolder(tmp_path), bytes(50_000_000)
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
    file_of(shelf, blob, packer.compress(data) + packer.flush())
    with pytest.raises(StoreError, match="can't be read"):
        shelf.get(blob)


@pytest.mark.parametrize("wrong", [-1, 1, 10**15])
def test_a_wrong_size_on_record_is_told(wrong: int, tmp_path: Path) -> None:
    """The right bytes under a wrong size are a damaged record."""
    shelf = BlobFolder(tmp_path)
    blob = shelf.put(b"the truth")
    with pytest.raises(StoreError, match="bytes on record"):
        shelf.get(Blob(blob.sha256, blob.size + wrong))


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_truncated_blob_is_told(cut: int, tmp_path: Path) -> None:
    """However short it was cut."""
    shelf = BlobFolder(tmp_path)
    blob = shelf.put(bytes(range(256)))
    path = shelf.path(blob)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StoreError):
        shelf.get(blob)


@pytest.mark.parametrize("name", ["../../etc/passwd", "\0" * 64, "G" * 64, "", "A" * 64])
def test_a_name_that_is_no_digest_is_refused(name: str, tmp_path: Path) -> None:
    """A damaged or hostile record leads to no other file."""
    with pytest.raises(StoreError, match="not the digest"):
        BlobFolder(tmp_path).get(Blob(name, 4))


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_ordinary_files_are_read(kind: str, tmp_path: Path) -> None:
    """A link that leads out, a pipe that would never end, a folder."""
    shelf = BlobFolder(tmp_path / "blobs")
    blob = shelf.put(b"x")
    path = shelf.path(blob)
    whole = path.rename(tmp_path / "elsewhere")
    match kind:
        case "link":
            path.symlink_to(whole)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
    with pytest.raises(StoreError):
        shelf.get(blob)


def test_a_name_without_its_bytes_is_written_again(tmp_path: Path) -> None:
    """After a power loss a file may have its name and nothing in it: who keeps the same bytes again gets them whole."""
    shelf = BlobFolder(tmp_path)
    blob = shelf.put(b"the truth")
    shelf.path(blob).write_bytes(b"")
    assert shelf.get(shelf.put(b"the truth")) == b"the truth"
