"""What an image gives away is found wherever it lies: in files, archives, variables and the objects of any repository."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import docker
import pytest

from harness.core.errors import TaskError
from harness.core.machine import Leak
from harness.core.task import ImageBuild, Place
from sandboxes.docker_leaks import in_repositories, pieces
from sandboxes.leak_archive import contents
from sandboxes.leak_dates import dated
from sandboxes.leak_history import Census, beyond
from sandboxes.leak_repository import Stores
from sandboxes.leak_search import Search, found_in, search_for
from tests.sandboxes.image_bench import BASE, Bench

GOLD = b"def chosen_answer(value):\n    return value * forty_two_times\n"
HELD = b"def what_the_base_has_anyway(value):\n    return value\n"
PATCH = b"+++ b/a.py\n@@ -1 +1,3 @@\n " + HELD.split(b"\n")[0] + b"\n+" + GOLD.strip().replace(b"\n", b"\n+") + b"\n"
NEEDLES = (("gold", GOLD), ("held", HELD))
IDENTITY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"} | {
    f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "a"), ("EMAIL", "a@b"), ("DATE", "2024-05-06T00:00:00"))
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(("git", "-c", "safe.directory=*", *words), cwd=folder, env=os.environ | IDENTITY, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(folder: Path, name: str, data: bytes) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A base commit of five files in a folder, and the fix after it, at which HEAD is."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in range(4):
        commit(folder, f"source/module_{number}.py", HELD + bytes(str(number), "ascii"))
    git(folder, "tag", "base")
    commit(folder, "a.py", HELD + GOLD)
    return folder


def clone(upstream: Path, to: Path, *words: str, at: str = "base") -> Path:
    """A clone that knows the base alone, unless it is told otherwise."""
    git(upstream.parent, "clone", "-q", "--no-local", "--branch", at, "--single-branch", "--no-tags", *words, str(upstream), str(to))
    if not words:
        git(to, "checkout", "-q", "-B", "main")
        git(to, "remote", "remove", "origin")
    return to


def told(root: Path) -> tuple[Leak, ...]:
    """The history check over a folder that stands for an image; the workspace is /app."""
    room = root.parent / "room"
    shutil.rmtree(room, ignore_errors=True)
    stores = Stores(room)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        stores.see(str(path.relative_to(root)), path.read_bytes())
    held = stores.opened()
    census: dict[str, Census] = {}
    assert list(in_repositories(held, search_for(()), census)) == []
    return tuple(beyond(held, census, "/app/deeper"))


def keep_pack(app: Path, upstream: Path) -> None:
    git(app, "-c", "fetch.unpackLimit=1", "fetch", "-q", str(upstream), "main")
    (app / ".git" / "FETCH_HEAD").unlink()
    for pack in (app / ".git" / "objects" / "pack").glob("*.pack"):
        pack.with_suffix(".promisor").touch()
        pack.with_suffix(".keep").touch()
    git(app, "gc", "-q", "--prune=now")


def hide_from_index(app: Path, upstream: Path) -> None:
    keep_pack(app, upstream)
    for path in (app / ".git" / "objects" / "pack").iterdir():
        if path.suffix != ".pack":
            path.unlink()
    fetched = app.parent / "again"
    clone(upstream, fetched)
    for path in (fetched / ".git" / "objects" / "pack").glob("*"):
        shutil.copy(path, app / ".git" / "objects" / "pack")
    shutil.rmtree(fetched)


def loose_blob(app: Path, _upstream: Path) -> None:
    (app.parent / "x").write_bytes(GOLD)
    git(app, "hash-object", "-w", "../x")


def mirror(app: Path, upstream: Path) -> None:
    clone(upstream, app.parent / "srv" / "mirror.git", "--bare", at="main")


def shallow(app: Path, upstream: Path) -> None:
    clone(upstream, app.parent / "tmp" / "copy", "--depth=1", at="main")


def worktree(app: Path, upstream: Path) -> None:
    clone(upstream, app.parent / "elsewhere", at="main")
    git(app.parent / "elsewhere", "worktree", "add", "-q", "../tree", "HEAD")


def alternates(app: Path, upstream: Path) -> None:
    clone(upstream, app.parent / "store", "--bare", at="main")
    (app / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (app / ".git" / "objects" / "info" / "alternates").write_text("/store/objects\n")


def bundle(app: Path, upstream: Path) -> None:
    git(upstream, "bundle", "create", "-q", str(app.parent / "all.bundle"), "main")


def sound(app: Path, upstream: Path) -> None:
    """Nothing of these is a leak: a copy of the base, the staged, another project's repository."""
    clone(upstream, app.parent / "twin")
    (app / "staged").write_text("mine")
    git(app, "add", "staged")
    other = app.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other, "readme", b"another project")
    commit(other, "more", b"and its history")


@pytest.mark.parametrize(
    ("hide", "place"),
    [(keep_pack, "/app/.git"), (hide_from_index, "/app/.git"), (loose_blob, "/app/.git"), (mirror, "/srv/mirror.git"), (shallow, "/tmp/copy/.git"),
     (worktree, "/elsewhere/.git"), (alternates, "/store"), (bundle, "/all.bundle"), (sound, "")],
)  # fmt: skip
def test_no_object_beyond_the_base_is_missed(upstream: Path, tmp_path: Path, hide: Callable[[Path, Path], None], place: str) -> None:
    """Kept, promised and unindexed packs, loose objects, other repositories of the same project anywhere: each is told by its place, and no sound one."""
    app = clone(upstream, tmp_path / "image" / "app")
    hide(app, upstream)
    leaks = told(tmp_path / "image")
    assert [leak.path for leak in leaks] == ([place] if place else [])
    assert all("objects beyond the base commit" in leak.needle for leak in leaks)


def test_a_needle_is_found_in_any_form() -> None:
    """As it stands, in a patch, with the other end of line, in a JSON text of either; not where other words or signs stand between."""
    many = tuple((f"other {n}", f"nothing_like_{n}_stands_anywhere".encode()) for n in range(40))
    for search in (search_for((*NEEDLES, SIGNS)), search_for((*NEEDLES, SIGNS, *many))):
        check_forms(search)


SIGNS = ("signs", b"}{)(\n][")


def check_forms(search: Search) -> None:
    for data in (GOLD, PATCH, GOLD.replace(b"\n", b"\r\n"), json.dumps({"x": GOLD.decode()}).encode(), json.dumps(PATCH.decode()).encode()):
        assert [needle.name for needle in found_in(b"\0" * 70 + data, search)] == ["gold"]
    assert not list(found_in(GOLD.replace(b"*", b"+").replace(b"(value)", b"(values)"), search))
    assert [needle.name for needle in found_in(b"x}{)(\n][y", search)] == ["signs"]
    assert not list(found_in(b"", search))


def test_bombs_and_broken_archives_are_bounded() -> None:
    """A stream that would fill memory is cut, one that is none is given as it is."""
    bomb = gzip.compress(bytes(64 << 20))
    assert max(len(data) for _, data in contents("bomb.gz", bomb, room=1 << 20)) <= 1 << 20
    nested = gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(GOLD)))))
    assert len(list(contents("deep.gz", nested))) == 4
    for broken in (bomb[:100], b"PK\x03\x04 no zip", b"\xfd7zXZ\0no", b"BZh9no", b"\x1f\x8b\x08no"):
        assert next(iter(contents("x", broken))) == ("x", broken)
        assert sum(1 for _ in contents("x", broken)) <= 2


def test_a_needle_between_two_pieces_is_found() -> None:
    """A file too large to be held is read in pieces that overlap; all of it is read."""
    data = bytes(range(256)) * 3000
    parts = list(pieces(io.BytesIO(data), 300_000))
    assert len(parts) == 3
    assert all(any(data[at : at + 60_000] in part for part in parts) for at in range(0, len(data) - 60_000, 20_000))
    assert parts[0] + b"".join(part[64 << 10 :] for part in parts[1:]) == data


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name, (2024, 3, 4, 5, 6, 7)), data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tar_gz(name: str, data: bytes) -> bytes:
    """The same bytes at any time of day: they name a test."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size, member.mtime = len(data), 1_717_200_000
        tar.addfile(member, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


@pytest.mark.parametrize(
    ("path", "data", "days"),
    [
        ("usr/lib/python3/certifi-2024.7.4.dist-info/METADATA", b"", [date(2024, 7, 4)]),
        ("x/requests-2.31.0.dist-info/METADATA", b"", []),
        ("conda-meta/numpy.json", b'{"timestamp": 1717200000000}', [date(2024, 6, 1)]),
        ("root/.cache/pip/wheels/a.whl", zipped(a=b"1"), [date(2024, 3, 4)]),
        ("opt/a.tar.gz", tar_gz("a", b"1"), [date(2024, 6, 1)]),
        ("root/.cache/pip/http/a/b", b"xx\xadlast-modified\xbdFri, 31 May 2024 00:00:00 GMT", [date(2024, 5, 31)]),
        ("conda-meta/never.json", b'{"timestamp": 99999999999999999999}', []),
        ("root/.cache/pip/http/a/c", b"last-modified: Fri, 31 Feb 2024 00:00:00 GMT", []),
        ("broken.whl", b"PK", []),
        ("conda-meta/broken.json", b"[]", []),
    ],
)
def test_days_are_read_where_they_are_told(path: str, data: bytes, days: list[date]) -> None:
    """Releases called by a date, built packages, caches; a version that is no day, and what is broken, tells nothing."""
    assert [day for _, day in dated(path, data)] == days


@pytest.fixture
def bench(client: docker.DockerClient, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(client, tmp_path)
    yield made
    made.sweep()


@pytest.mark.docker
def test_a_whole_image_is_searched(bench: Bench, upstream: Path) -> None:
    """Every place is told by its path, packed ones by what they are packed in; what the base holds itself is no leak; dates likewise."""
    planted = {
        "fix.patch": PATCH, "row.json": json.dumps({"patch": PATCH.decode()}).encode(), "x.gz": gzip.compress(GOLD), "x.xz": lzma.compress(PATCH),
        "x.bz2": bz2.compress(GOLD), "lib.whl": zipped(a=GOLD), "deep.tar.gz": tar_gz("in.zip", zipped(b=GOLD)), "held.py": HELD,
    }  # fmt: skip
    folder = Path(bench.folder(f"FROM {BASE}\nCOPY image /\nENV ANSWER='def chosen_answer(value):'\nWORKDIR /app\n"))
    image = folder / "image"
    for name, data in planted.items():
        (image / "opt" / name).parent.mkdir(parents=True, exist_ok=True)
        (image / "opt" / name).write_bytes(data)
    (image / "usr/lib/python3/dist-packages/proj").mkdir(parents=True)
    (image / "usr/lib/python3/dist-packages/proj/a.py").write_bytes(GOLD)
    clone(upstream, image / "app")
    mirror(image / "app", upstream)
    place, images = Place(image=ImageBuild(str(folder))), bench.images()
    bench.prepare(place)
    leaks = images.leaks(place, (*NEEDLES, ("line", b"def chosen_answer(value):")))
    gold = {leak.path for leak in leaks if leak.needle == "gold"}
    blob = git(upstream, "rev-parse", "main:a.py")
    assert gold == {
        "/opt/fix.patch", "/opt/row.json", "/opt/x.gz!gz", "/opt/x.xz!xz", "/opt/x.bz2!bz2", "/opt/lib.whl!a", "/opt/deep.tar.gz!gz!in.zip!b",
        "/usr/lib/python3/dist-packages/proj/a.py", f"/srv/mirror.git!blob {blob}",
    }  # fmt: skip
    assert {leak.path for leak in leaks if leak.needle == "line"} == gold | {"the image's environment"}
    assert [leak.path for leak in leaks if leak.needle.startswith("history")] == ["/srv/mirror.git"]
    assert not [leak for leak in leaks if leak.needle == "held"]
    newer = {leak.path: leak.needle for leak in images.newer(place, "2024-04-01")}
    assert newer == {
        "/opt/deep.tar.gz": "newer: deep.tar.gz is of 2024-06-01, after 2024-04-01",
        "/app/.git": "newer: a commit is of 2024-05-06, after 2024-04-01", "/srv/mirror.git": "newer: a commit is of 2024-05-06, after 2024-04-01",
    }  # fmt: skip
    with pytest.raises(TaskError, match=r"history\.newest"):
        images.newer(place, "last year")
