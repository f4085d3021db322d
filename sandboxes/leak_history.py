"""Whether an image's repositories hold more of the task's project than its base commit: by the ids of their objects. Pure but for asking git."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.machine import Leak
from sandboxes.docker_history import head_of, index_objects
from sandboxes.leak_repository import Store

# Two unrelated projects may share a licence or an empty folder, but neither a commit nor a folder of any size.
TELLING: Final = 100


class Census(msgspec.Struct, frozen=True):
    """What one store holds: every id, and those that tell whose project it is."""

    every: frozenset[str]
    telling: frozenset[str]


def own_store(stores: tuple[Store, ...], workdir: str) -> Store | None:
    """The repository that git would find from the workdir upwards."""
    path = PurePosixPath(workdir)
    by_path = {f"/{store.path.strip('/')}": store for store in stores}
    return next((by_path[str(folder / ".git")] for folder in (path, *path.parents) if str(folder / ".git") in by_path), None)


def beyond(stores: tuple[Store, ...], found: Mapping[str, Census], workdir: str) -> Iterator[Leak]:
    """Objects that the base commit does not reach, in the task's repository and in every other that shares a commit or a folder with it."""
    own = own_store(stores, workdir)
    base = base_of(own)
    for store in stores:
        census = found[store.path]
        if store is not own and not census.telling & base:
            continue
        yield from (Leak(where(store), f"history: {fault}") for fault in store.faults)
        foreign = census.every - base
        if foreign:
            first = min(foreign)[:12]
            yield Leak(where(store), f"history: {len(foreign):,} objects beyond the base commit, such as {first}")


def base_of(store: Store | None) -> frozenset[str]:
    """All that the commit at HEAD and the index hold."""
    if store is None:
        return frozenset()
    try:
        head, _ = head_of(store.files)
        return (store.reach(head) if head else frozenset()) | index_objects(store.twin, store.files)
    except TaskError:
        return frozenset()


def where(store: Store) -> str:
    return f"/{store.path.strip('/')}"
