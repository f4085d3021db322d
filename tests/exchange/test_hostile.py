"""Whatever a file from elsewhere holds, an import either brings a run that is whole or leaves nothing and says why in one sentence."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from benchmarks.synthetic import RUN
from harness.core.errors import PlanError
from harness.exchange import content
from harness.exchange.manifest import NAME
from harness.exchange.reader import arrive
from harness.exchange.refusal import RefusedError
from tests.exchange.forge import (
    Members,
    a_run,
    altered,
    forged,
    honest,
    lines,
    plain,
    put_together,
    special,
    taken_apart,
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest archive."""
    folder = tmp_path_factory.mktemp("honest")
    honest(a_run(folder / "home", turns=1), folder / "a.tar.zst")
    return folder / "a.tar.zst"


@pytest.fixture
def members(archive: Path, tmp_path: Path) -> Members:
    return taken_apart(archive)


def refused(path: Path, tmp_path: Path) -> str:
    """The sentence of the refusal; nothing may be left of the attempt, nor appear outside of the runs."""
    runs = tmp_path / "home" / "runs"
    before = {found: found.stat().st_size for found in tmp_path.rglob("*") if found != path}
    with pytest.raises(PlanError) as told:
        arrive(path, runs)
    assert not runs.exists() or not list(runs.iterdir())
    after = {found: found.stat().st_size for found in tmp_path.rglob("*") if found != path}
    assert {found for found in after if found not in (runs, runs.parent)} == {found for found in before if found not in (runs, runs.parent)}
    assert "\n" not in str(told.value)
    return str(told.value)


def test_a_file_that_breaks_off_is_refused(archive: Path, tmp_path: Path) -> None:
    """At forty places and at each of the last and first bytes: not one byte may be missing."""
    data, path = archive.read_bytes(), tmp_path / "cut"
    places = {len(data) * step // 40 for step in range(40)} | {len(data) - back for back in range(1, 16)} | set(range(20))
    for place in sorted(places):
        path.write_bytes(data[:place])
        sentence = refused(path, tmp_path)
        assert "breaks off" in sentence or "no archive" in sentence, (place, sentence)


def test_a_changed_byte_is_refused(archive: Path, tmp_path: Path) -> None:
    """At forty places: damage is never taken for content."""
    data, path = archive.read_bytes(), tmp_path / "flipped"
    for step in range(40):
        place = (len(data) - 1) * step // 39
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        refused(path, tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no archive"), (b"not an archive at all", "no archive"), (b"\x1f\x8b\x08\x00", "no archive"),
        (zstandard.ZstdCompressor().compress(b"no tar" * 400), "no tar header"), (zstandard.ZstdCompressor().compress(b""), "the end of the members"),
        (zstandard.ZstdCompressor().compress(b"\0" * 4096), "the archive's end"), (b"\x28\xb5\x2f\xfd" + b"\xff" * 40, ""),
    ],
)  # fmt: skip
def test_another_file_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    """Empty, text, gzip, zstd of something else."""
    (tmp_path / "file").write_bytes(data)
    assert words in refused(tmp_path / "file", tmp_path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe that would never answer, and nothing at all."""
    os.mkfifo(tmp_path / "pipe")
    assert "no such file" in refused(tmp_path / "absent", tmp_path)
    assert "a folder or a device" in refused(tmp_path, tmp_path)
    assert "a folder or a device" in refused(tmp_path / "pipe", tmp_path)


def test_bytes_after_the_end_are_refused(archive: Path, members: Members, tmp_path: Path) -> None:
    """Behind the frame or as a second one; a member that the manifest does not name, or a second archive's worth of padding, inside."""
    data, path = archive.read_bytes(), tmp_path / "more"
    for extra in (b"x", data):
        path.write_bytes(data + extra)
        assert "after the end" in refused(path, tmp_path)
    rows = sorted(members.items())
    put_together(path, [plain(NAME, lines(rows)), *(plain(*row) for row in rows), plain("workers.log2", b"")])
    assert "more after the last member" in refused(path, tmp_path)
    put_together(path, [plain(NAME, lines(rows)), *(plain(*row) for row in rows)])
    inside = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    path.write_bytes(zstandard.ZstdCompressor().compress(inside + b"\0" * 100_000))
    assert "more after the last member" in refused(path, tmp_path)


CLIMBING = (
    "../../escaped", "/tmp/longhaul-escaped", "blobs/../../escaped.zst", "blobs/ab/../../../escaped", "./run.log", "run.log/", "",
    "trees.git/config", "trees.git/hooks/post-checkout", "trees.git/HEAD", "trees.git/objects/info/alternates", "trees.git/objects/pack/pack-x.idx",
    "run.sqlite-wal", "run.sqlite-shm", "bases.lock", "slots/model.0", "blobs/00/.new-abc", "run.sqlite\0", "ü.log", NAME,
)  # fmt: skip


@pytest.mark.parametrize("name", CLIMBING)
def test_a_name_that_no_run_has_is_refused(name: str, members: Members, tmp_path: Path) -> None:
    """Climbing, absolute, git's own settings, a journal that SQLite would replay: refused in the manifest, before anything is unpacked."""
    assert "a name that no run's archive holds" in refused(forged(tmp_path / "a", members | {name: b"x"}), tmp_path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a symbolic link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"), (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a pipe"), (tarfile.DIRTYPE, "a folder"), (tarfile.GNUTYPE_SPARSE, "another kind"), (b"Z", "another kind"),
    ],
)  # fmt: skip
def test_a_member_that_is_no_file_is_refused(kind: bytes, words: str, members: Members, tmp_path: Path) -> None:
    """Under a name that the manifest has."""
    rows = sorted((members | {"workers.log": b""}).items())
    entries = [special(name, kind, "/etc/passwd") if name == "workers.log" else plain(name, data) for name, data in rows]
    assert words in refused(put_together(tmp_path / "a", [plain(NAME, lines(rows)), *entries]), tmp_path)


def test_extended_headers_are_refused(members: Members, tmp_path: Path) -> None:
    """They could give a member another name, size or kind than its header."""
    rows = sorted(members.items())
    told, data = plain(*rows[0])
    told.pax_headers = {"path": "../../escaped", "comment": "ü"}
    entries = [plain(NAME, lines(rows)), (told, data), *(plain(*row) for row in rows[1:])]
    assert "another kind" in refused(put_together(tmp_path / "a", entries, form=tarfile.PAX_FORMAT), tmp_path)


def test_the_manifest_is_held_to_its_words(members: Members, tmp_path: Path) -> None:
    """Twice the same, out of order, one missing, one more, another size, another digest, another count: each by name."""
    rows, path = sorted(members.items()), tmp_path / "a"
    honest_rows = [plain(*row) for row in rows]

    def told(manifest: bytes, entries: list[tuple[tarfile.TarInfo, bytes]] = honest_rows) -> str:
        return refused(put_together(path, [plain(NAME, manifest), *entries]), tmp_path)

    assert "a member twice" in told(lines([rows[0], *rows]))
    assert "out of order" in told(lines([rows[1], rows[0], *rows[2:]]))
    assert "does not name here" in told(lines(rows[1:]))
    assert "does not name here" in told(lines(rows), [honest_rows[0], *honest_rows])
    assert "the archive's end" in told(lines(rows), honest_rows[:-1])
    assert "does not name here" in told(lines(rows), honest_rows[1:])
    assert "as the manifest says" in told(lines(rows), [plain(rows[0][0], rows[0][1] + b"x"), *honest_rows[1:]])
    assert "another digest" in told(lines(rows), [plain(rows[0][0], b"\0" * len(rows[0][1])), *honest_rows[1:]])
    assert "as its first line says" in told(lines(rows, members=3))
    assert "as its first line says" in told(lines(rows, bytes=3))
    assert "the schema" in told(lines(rows, schema="longhaul.archive/2"))
    assert "can't be read" in told(lines(rows, more="keys"))
    assert "can't be read" in told(b"{" * 10_000)
    assert "can't be read" in told(b"")
    assert "run id" in told(lines(rows, run="../../escaped"))
    assert "as the manifest says" in told(lines(rows, run="20260101-010101-beef"))
    assert "as the manifest says" in told(lines(rows, store="1"))


def test_a_manifest_may_not_come_later(members: Members, tmp_path: Path) -> None:
    """Nothing is unpacked on trust."""
    rows = sorted(members.items())
    assert "does not name here" in refused(put_together(tmp_path / "a", [plain(*rows[0]), plain(NAME, lines(rows))]), tmp_path)


def test_more_than_the_disk_holds_is_refused_at_once(members: Members, tmp_path: Path) -> None:
    """Declared sizes are summed before the first member is taken; a million empty files count with the blocks they take."""
    rows = sorted(members.items())
    huge = lines(rows).replace(b'"size": %d' % len(rows[0][1]), b'"size": %d' % (1 << 50), 1)
    assert "free here" in refused(put_together(tmp_path / "a", [plain(NAME, huge)]), tmp_path)
    told, _ = plain(NAME, b"")
    told.size = 1 << 40
    stream = io.BytesIO(told.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096)
    (tmp_path / "b").write_bytes(zstandard.ZstdCompressor().compress(stream.getvalue()))
    assert "at most" in refused(tmp_path / "b", tmp_path)


def test_a_frame_that_asks_for_much_memory_is_refused(members: Members, tmp_path: Path) -> None:
    """Before it is opened."""
    assert "bytes of memory" in refused(put_together(tmp_path / "a", [plain(NAME, lines(members.items()))], window=27), tmp_path)


def blob(data: bytes) -> tuple[str, bytes]:
    name = hashlib.sha256(data).hexdigest()
    return f"blobs/{name[:2]}/{name[2:]}.zst", zstandard.ZstdCompressor().compress(data)


def loose(data: bytes) -> tuple[str, bytes]:
    name = hashlib.sha1(data).hexdigest()
    return f"trees.git/objects/{name[:2]}/{name[2:]}", zlib.compress(data)


PACK = f"trees.git/objects/pack/pack-{'ab' * 20}.pack"
FORGED = {
    "a blob of other content": (blob(b"one")[0], blob(b"two")[1]), "a blob that is no zstd": (blob(b"one")[0], b"plain"), "an empty blob file": (blob(b"one")[0], b""),
    "a blob that breaks off": (blob(os.urandom(5000))[0], blob(os.urandom(5000))[1][:-9]),
    "an object of other content": (loose(b"blob 3\0one")[0], loose(b"blob 3\0two")[1]), "an object that breaks off": (loose(b"blob 3\0one")[0], loose(b"blob 3\0one")[1][:-2]),
    "an object that is no zlib": (loose(b"x")[0], b"plain"), "a pack that is none": (PACK, b"PACK"), "a pack without its seal": (PACK, b"PACK" * 40),
    "a pack sealed over nonsense": (PACK, b"PACK" * 40 + hashlib.sha1(b"PACK" * 40).digest()), "a base that is no JSON": ("bases/ab.json", b"{"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_content_must_be_what_its_name_says(what: str, members: Members, tmp_path: Path) -> None:
    """The manifest may vouch for it: blobs and objects are named by their content, and packs are read by git."""
    name, data = FORGED[what]
    assert name in refused(forged(tmp_path / "a", members | {name: data}), tmp_path)


@pytest.mark.parametrize("kind", [blob, loose])
def test_a_bomb_is_refused(kind: Callable[[bytes], tuple[str, bytes]], tmp_path: Path) -> None:
    """What unfolds beyond the bound is given up there, piece by piece, however little it weighs."""
    name, data = kind(b"\0" * (20 << 20))
    (tmp_path / "bomb").write_bytes(data)
    assert len(data) < 40_000
    content.checked(name, tmp_path / "bomb")
    with pytest.raises(RefusedError, match="unfolds beyond"):
        content.checked(name, tmp_path / "bomb", largest=10 << 20)


SHAPES: dict[str, tuple[str, str]] = {
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM events; END", "a trigger named t"),
    "a view": ("DROP TABLE notes; CREATE VIEW notes AS SELECT 1 AS at, '' AS kind, '' AS value", "a view named notes"),
    "a virtual table": ("CREATE VIRTUAL TABLE v USING fts5(x)", "a table named v"),
    "a computed column": ("CREATE TABLE c (x TEXT, y TEXT AS (x || x))", "a computed column in c"),
    "no events": ("DROP TABLE events", "no table events"),
    "another run": (f"UPDATE meta SET value = 'other' WHERE name = 'run' AND value = '{RUN}'", "of other"),
    "a run id that climbs": ("UPDATE meta SET value = '../../escaped' WHERE name = 'run'", "the run id"),
    "no format": ("DELETE FROM meta WHERE name = 'format'", "store format none"),
    "a short id that climbs": ("UPDATE trials SET short = '../../t0001' WHERE short = 't0001'", "the trial '../../t0001'"),
    "a trial of another run": ("UPDATE trials SET key = replace(key, 'cafe', 'beef')", "beef"),
    "a key that is none": ("UPDATE trials SET key = '[]' WHERE short = 't0001'", "a trial's key"),
    "a blob that is missing": (f"""INSERT INTO notes VALUES (0, '', ''); INSERT INTO meta VALUES ('x', '{{"sha256":"{"ab" * 32}","size":3}}')""", "no such file"),
}


@pytest.mark.parametrize("what", SHAPES)
def test_a_database_of_another_shape_is_refused(what: str, members: Members, tmp_path: Path) -> None:
    """No programs in its schema, no foreign ids, nothing missing: what later reads it may rely on that."""
    words, sentence = SHAPES[what]
    data = altered(members["run.sqlite"], tmp_path, lambda db: db.executescript(words))
    assert sentence in refused(forged(tmp_path / "a", members | {"run.sqlite": data}), tmp_path)


def unread(data: bytes, scratch: Path) -> bytes:
    """The database with damage in a page that nothing but a check of the whole would look at."""
    pages: list[int] = []
    altered(data, scratch, lambda db: pages.append(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'rows'").fetchone()[0]))
    at = (pages[0] - 1) * 4096
    return data[: at + 8] + b"\xff" * 2000 + data[at + 2008 :]


def test_a_damaged_database_is_refused(members: Members, tmp_path: Path) -> None:
    """Also where the manifest vouches for it; so is one that is none, and an archive without any."""
    data = members["run.sqlite"]
    torn = data[:4096] + b"\xff" * 8192 + data[12288:]
    for each, words in ((torn, "run.sqlite"), (unread(data, tmp_path), "damage"), (b"not a database", "can't be read"), (b"", "no table")):
        assert words in refused(forged(tmp_path / "a", members | {"run.sqlite": each}), tmp_path)
    members.pop("run.sqlite")
    assert "no such member" in refused(forged(tmp_path / "a", members), tmp_path)


def test_a_row_that_names_no_blob_in_its_words_is_no_blob(members: Members, tmp_path: Path) -> None:
    """Words of a model that look like a blob's name are words."""

    def add(database: sqlite3.Connection) -> None:
        text = '{"type":"TurnYielded","claim":{"done":"{\\"sha256\\":\\"' + "ab" * 32 + '\\",\\"size\\":3}","not_done":""}}'
        database.execute("INSERT INTO events VALUES ('t0001', 9999, 0.0, ?)", (text.encode(),))

    data = altered(members["run.sqlite"], tmp_path, add)
    assert arrive(forged(tmp_path / "a", members | {"run.sqlite": data}), tmp_path / "runs").fresh
