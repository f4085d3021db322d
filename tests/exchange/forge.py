"""Archives made by hand: an honest one taken apart, changed, and put together again, however wrongly."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import zstandard

from benchmarks.synthetic import RUN, Scale, lay
from harness.exchange.manifest import NAME, SCHEMA
from harness.exchange.writer import export
from harness.store.objects import made, write

Members: TypeAlias = dict[str, bytes]
Entry: TypeAlias = tuple[tarfile.TarInfo, bytes]


def a_run(home: Path, turns: int = 4) -> Path:
    """Two settled trials, with blobs, loose objects, a pack, a base and logs; and what must never leave it."""
    folder = lay(home, Scale(1, 1, turns))
    write(folder / "trees.git", [made(b"blob", b"packed %d" % number) for number in range(80)])
    (folder / "bases.lock").touch()
    (folder / "blobs" / "00").mkdir(exist_ok=True)
    (folder / "blobs" / "00" / ".new-abc").write_bytes(b"half written")
    (folder / "slots").mkdir()
    (folder / "slots" / "model.0").touch()
    (folder / "trees.git" / "hooks" / "post-checkout").write_text("#!/bin/sh\ntouch /tmp/executed\n")
    return folder


def taken_apart(archive: Path) -> Members:
    """Every member but the manifest, in order."""
    with archive.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        found = {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]
    found.pop(NAME)
    return found


def honest(folder: Path, archive: Path) -> Members:
    export(folder, archive)
    return taken_apart(archive)


def lines(pairs: Iterable[tuple[str, bytes]], **head: object) -> bytes:
    """A manifest that tells the truth about these members but for what `head` says instead."""
    rows = [{"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in pairs]
    first = {
        "schema": SCHEMA, "run": RUN, "name": "", "created": "", "store": "2", "harness": "",
        "members": len(rows), "bytes": sum(row["size"] for row in rows),  # type: ignore[misc]
    }  # fmt: skip
    return b"".join(json.dumps(row).encode() + b"\n" for row in (first | head, *rows))


def plain(name: str, data: bytes) -> Entry:
    told = tarfile.TarInfo(name)
    told.size = len(data)
    return told, data


def special(name: str, kind: bytes, target: str = "") -> Entry:
    told = tarfile.TarInfo(name)
    told.type, told.linkname = kind, target
    return told, b""


def put_together(path: Path, entries: Iterable[Entry], *, form: int = tarfile.GNU_FORMAT, window: int = 0) -> Path:
    """A tar in zstd of just these."""
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=window) if window else None
    squeeze = zstandard.ZstdCompressor(compression_params=parameters) if parameters else zstandard.ZstdCompressor()
    with path.open("wb") as file, squeeze.stream_writer(file) as stream, tarfile.open(fileobj=stream, mode="w|", format=form) as tar:
        for told, data in entries:
            tar.addfile(told, io.BytesIO(data))
    return path


def forged(path: Path, members: Members, **head: object) -> Path:
    """Members with a manifest that names them as they are."""
    rows = sorted(members.items())
    return put_together(path, [plain(NAME, lines(rows, **head)), *(plain(*row) for row in rows)])


def altered(database: bytes, scratch: Path, change: Callable[[sqlite3.Connection], object]) -> bytes:
    """The database after a change of its content or shape."""
    file = scratch / "altered.sqlite"
    file.write_bytes(database)
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
        change(opened)
        opened.commit()
    return file.read_bytes()
