"""Looks through a whole image for what must not be in it: the export of a container that never ran, archives and repositories included."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Final, cast

import docker
import msgspec

from harness.core.machine import Leak, PreparedImage
from sandboxes.docker_base import REPOSITORY, locked
from sandboxes.docker_client import engine_faults, find_image
from sandboxes.docker_sweep import OWNER, owner_label
from sandboxes.leak_archive import contents
from sandboxes.leak_dates import day_of, younger
from sandboxes.leak_history import TELLING, Census, base_of, beyond, own_store, where
from sandboxes.leak_repository import Store, Stores, Thing
from sandboxes.leak_search import Needle, Search, found_in, search_for

CHUNK: Final = 1 << 20
DIGEST: Final = 16
LARGE: Final = 512 << 20
"""Bytes up to which a file is looked at as a whole, with what is packed in it."""
OVERLAP: Final = 64 << 10
MOST_TOLD: Final = 200
_COMMITTED: Final = b"\ncommitter "


class Feed:
    """The engine's chunks as a file that tarfile can read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, bytearray()

    def read(self, size: int) -> bytes:
        while len(self._held) < size and (chunk := next(self._chunks, b"")):
            self._held += chunk
        part = bytes(self._held[:size])
        del self._held[:size]
        return part


class Hit(msgspec.Struct, frozen=True):
    """A needle found: `path` as a leak tells it, `file` the file of the image or `object` the id of a git object that holds it."""

    path: str
    needle: Needle
    file: str = ""
    object: str = ""


def find_leaks(client: docker.DockerClient, image: PreparedImage, needles: tuple[tuple[str, bytes], ...], cache: Path) -> tuple[Leak, ...]:
    """Needles and history; at most MOST_TOLD, in the image's own order. A needle that the base holds itself gives nothing away.

    The base is what the commit at HEAD of the workspace's repository holds; without one, the workspace. Raises SandboxError, MissingError.
    """
    search = search_for(needles)
    known = known_contents(client, image, cache)
    with engine_faults(f"{image.reference[:19]}: looking for leaks"), tempfile.TemporaryDirectory(prefix="longhaul-leaks-") as folder:
        stores = Stores(Path(folder))
        hits = list(in_files(client, image, (search, known), stores))
        opened = stores.opened()
        census: dict[str, Census] = {}
        hits += in_repositories(opened, search, census)
        own = own_store(opened, image.workdir)
        held = held_by_base(hits, base_of(own), "" if own else image.workdir)
        told = dict.fromkeys(Leak(hit.path, hit.needle.name) for hit in hits if hit.needle.forms not in held)
        told |= dict.fromkeys(beyond(opened, census, image.workdir))
    return tuple(told)[:MOST_TOLD]


def held_by_base(hits: list[Hit], objects: frozenset[str], workdir: str) -> frozenset[tuple[bytes, ...]]:
    """The needles, by their forms, that stand in one of the base's objects, or under the workdir where one is given. Pure."""
    inside = f"{workdir.strip('/')}/" if workdir else None
    return frozenset(
        hit.needle.forms for hit in hits if hit.object in objects or (inside is not None and hit.file.startswith(inside))
    )


def in_files(client: docker.DockerClient, image: PreparedImage, wanted: tuple[Search, frozenset[bytes]], stores: Stores) -> Iterator[Hit]:
    """Needles in the image's variables and files, what is packed in these included; repositories are put aside into `stores`."""
    search, known = wanted
    variables = client.images.get(image.reference).attrs["Config"].get("Env") or []
    told = "\n".join(variables).encode("utf-8", "surrogateescape")
    yield from (Hit("the image's environment", needle) for needle in found_in(told, search))
    for path, data, whole in exported(client, image.reference):
        if digest(data) in known or (whole and stores.see(path, data)):
            continue
        for inner, held in contents(path, data) if whole else ((path, data),):
            yield from (Hit(f"/{inner}", needle, file=path) for needle in found_in(held, search))


def in_repositories(stores: tuple[Store, ...], search: Search, census: dict[str, Census]) -> Iterator[Hit]:
    """Needles in objects; `census` is filled with what each store holds."""
    for store in stores:
        every, telling = [], []
        for thing in store.objects():
            every.append(thing.id)
            if thing.kind == "commit" or (thing.kind == "tree" and len(thing.data) > TELLING):
                telling.append(thing.id)
            if thing.kind != "tree":
                path = f"{where(store)}!{thing.kind} {thing.id}"
                yield from (Hit(path, needle, object=thing.id) for needle in found_in(thing.data, search))
        census[store.path] = Census(frozenset(every), frozenset(telling))


def find_newer(client: docker.DockerClient, image: PreparedImage, newest: date, cache: Path) -> tuple[Leak, ...]:
    """What in an image is younger than a day: installed releases, packages and caches, commits of every repository; our base image aside.

    Raises SandboxError, MissingError without git.
    """
    known = known_contents(client, image, cache)
    with engine_faults(f"{image.reference[:19]}: looking for what is newer"), tempfile.TemporaryDirectory(prefix="longhaul-newer-") as folder:
        stores = Stores(Path(folder))
        told: list[Leak] = []
        for path, data, whole in exported(client, image.reference):
            if whole and digest(data) not in known and not stores.see(path, data):
                told += younger(path, data, newest)
        for store in stores.opened():
            days = [day for thing in store.objects() if (day := day_of(committed(thing)))]
            told += [Leak(where(store), f"newer: a commit is of {max(days)}, after {newest}")] if days and max(days) > newest else []
    return tuple(dict.fromkeys(told))[:MOST_TOLD]


def committed(thing: Thing) -> int:
    """When a commit was made, 0 for anything else."""
    if thing.kind != "commit":
        return 0
    line = thing.data.partition(_COMMITTED)[2].partition(b"\n")[0]
    words = line.rsplit(b" ", 2)
    return int(words[1]) if len(words) == 3 and words[1].isdigit() else 0


def known_contents(client: docker.DockerClient, image: PreparedImage, cache: Path) -> frozenset[bytes]:
    """Digests of all files of the base image of ours that this one is built on; looked at once per base image."""
    base = base_under(client, image.reference)
    if base is None:
        return frozenset()
    path = cache / "known-contents" / base.rpartition(":")[2]
    with locked(path.parent):
        if not path.exists():
            part = path.with_name(f"{path.name}.part")
            with engine_faults("reading the base image"):
                part.write_bytes(b"".join({digest(data) for _, data, _ in exported(client, base)}))
            part.replace(path)
    held = path.read_bytes()
    return frozenset(held[at : at + DIGEST] for at in range(0, len(held), DIGEST))


def base_under(client: docker.DockerClient, reference: str) -> str | None:
    """The id of our base image whose layers an image begins with."""
    with engine_faults("looking for the base image"):
        layers = client.images.get(reference).attrs["RootFS"].get("Layers") or []
        # Not `images.list`, which looks at each once more and fails when one vanishes in between.
        bases = [found for row in client.api.images(REPOSITORY) if (found := find_image(client, str(row["Id"]))) is not None]
    for base in sorted(bases, key=lambda base: -len(base.attrs["RootFS"].get("Layers") or [])):
        own = base.attrs["RootFS"].get("Layers") or []
        if own and layers[: len(own)] == own:
            return str(base.id)
    return None


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()


@contextmanager
def still(client: docker.DockerClient, reference: str) -> Iterator[str]:
    """The id of a container that is never started."""
    made = client.api.create_container_from_config({"Image": reference, "Cmd": ["true"], "Labels": {OWNER: owner_label(), "longhaul.leaks": "1"}})  # type: ignore[no-untyped-call]
    try:
        yield str(made["Id"])
    finally:
        client.api.remove_container(made["Id"], force=True, v=True)


def exported(client: docker.DockerClient, reference: str) -> Iterator[tuple[str, bytes, bool]]:
    """(relative path, bytes, all of them) of every regular file of an image; one larger than LARGE comes in pieces that overlap."""
    with still(client, reference) as container, closing(cast("Generator[bytes]", client.api.export(container, CHUNK))) as chunks:
        feed = Feed(chunks)
        with tarfile.open(fileobj=feed, mode="r|", bufsize=CHUNK) as tar:  # type: ignore[call-overload]
            for member in tar:
                handle = tar.extractfile(member) if member.isreg() and member.size else None
                if handle is not None:
                    yield from ((member.name.removeprefix("./"), data, member.size <= LARGE) for data in pieces(handle))
                tar.members.clear()


def pieces(handle: IO[bytes], size: int = 0) -> Iterator[bytes]:
    """A file in pieces, each with the end of the one before, so that no needle falls between two."""
    held = handle.read(size or LARGE)
    while held:
        yield held
        more = handle.read(size or LARGE)
        held = held[-OVERLAP:] + more if more else b""
