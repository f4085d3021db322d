"""What a leak scan costs: a repository of 10,000 objects, packed and loose, and the whole of a prepared image."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import docker

from benchmarks.figures import Figure, told
from benchmarks.sandbox_measure import prepare
from sandboxes.docker_leaks import exported, find_leaks, in_repositories
from sandboxes.leak_history import Census, beyond
from sandboxes.leak_repository import Stores
from sandboxes.leak_search import search_for

OBJECTS = 10_000
ROUNDS = 5
NEEDLES = tuple((f"needle {n}", f"def looked_for_{n}(value):\n    return value + {n}\n".encode()) for n in range(200))


def imported(objects: int) -> Iterator[bytes]:
    """A history for `git fast-import`: commits of one file each, so that three objects come of each."""
    for n in range(objects // 3):
        text = f"def made_{n}(value):\n    return value * {n}\n" * 20
        yield f"commit refs/heads/main\ncommitter a <a@b> {1700000000 + n} +0000\ndata 1\nx\nM 100644 inline source/f{n % 50}.py\n".encode()
        yield f"data {len(text)}\n{text}\n".encode()


def repository(folder: Path, objects: int, *, loose: bool) -> None:
    """A bare repository at `folder`/app/.git."""
    git = folder / "app" / ".git"
    subprocess.run(("git", "init", "-q", "--bare", "-b", "main", str(git)), check=True)
    subprocess.run(("git", "-C", str(git), "fast-import", "--quiet"), input=b"".join(imported(objects)), check=True)
    if loose:
        (pack,) = (git / "objects" / "pack").glob("*.pack")
        data = pack.read_bytes()
        for path in (git / "objects" / "pack").iterdir():
            path.unlink()
        subprocess.run(("git", "-C", str(git), "unpack-objects", "-q"), input=data, check=True)


def history_s(objects: int, *, loose: bool) -> float:
    """Seconds for objects, needles and what is beyond the base, from a tar that stands for the engine's export; the best of some rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository(folder, objects, loose=loose)
        subprocess.run(("tar", "-C", name, "--sort=name", "-cf", f"{name}/export.tar", "app"), check=True)
        return min(scan_s(folder / "export.tar", folder / f"room-{n}", objects) for n in range(ROUNDS))


def scan_s(export: Path, room: Path, objects: int) -> float:
    began = time.perf_counter()
    stores = Stores(room)
    with tarfile.open(export, mode="r|") as tar:
        for member in tar:
            if (held := tar.extractfile(member) if member.isreg() else None) is not None:
                stores.see(member.name, held.read())
    opened = stores.opened()
    census: dict[str, Census] = {}
    hits = list(in_repositories(opened, search_for(NEEDLES), census))
    leaks = list(beyond(opened, census, "/app"))
    took = time.perf_counter() - began
    assert not hits
    assert not leaks
    assert sum(len(each.every) for each in census.values()) >= objects * 0.9
    return took


def measure(_quick: bool) -> tuple[Figure, ...]:
    client = docker.from_env(timeout=300)
    image = prepare()
    objects = OBJECTS
    with tempfile.TemporaryDirectory() as cache:
        find_leaks(client, image, NEEDLES, Path(cache))
        began = time.perf_counter()
        size = sum(len(data) for _, data, _ in exported(client, image.reference))
        bare = time.perf_counter() - began
        began = time.perf_counter()
        find_leaks(client, image, NEEDLES, Path(cache))
        whole = time.perf_counter() - began
    client.close()
    return (
        Figure("leaks_packed_s", f"leak scan of {objects:,} packed git objects", history_s(objects, loose=False), "s", most=2.0),
        Figure("leaks_loose_s", f"leak scan of {objects:,} loose git objects", history_s(objects, loose=True), "s", most=2.0),
        Figure("leaks_image_s", f"a prepared image of {size / 1e6:,.0f} MB, 200 needles", whole, "s"),
        Figure("leaks_export_s", "of which the engine's export alone", bare, "s"),
    )


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
