"""Runs taken off a disk so that no half of one is ever met: set aside in one step first, deleted then."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from harness.cli.record.runs import opened
from harness.cli.running.driving import driving
from harness.core.errors import HarnessError, PlanError, StoreError
from harness.core.lived import OutsideKept
from harness.core.ports import Say
from harness.engine.fork import Fork
from harness.metrics.tries import of
from harness.plan import Plan
from harness.settings import Settings
from harness.store.sqlite import RunStore
from harness.wiring import machines
from harness.wiring.forking import FORK, UNBORN
from harness.wiring.replays import probe_of

ASIDE = "pruned"
"""Folder beside `runs`: what stands in it is no run any more, and the next pruning deletes what a killed one left there."""


def size(path: Path) -> int:
    """Bytes on the disk of all that is in a folder; of a link its own."""
    total = 0
    for each in (path, *(() if path.is_symlink() else path.rglob("*"))):
        with suppress(OSError):
            total += each.lstat().st_blocks * 512
    return total


def set_aside(path: Path, home: Path) -> Path:
    """The run's folder under another roof, in one step. Raises PlanError where somebody has taken the run up, or it can't be moved."""
    aside = home / ASIDE
    if aside.is_symlink():
        raise PlanError(str(aside), "", "a link", f"a folder of this home, where {path.name} would be deleted")
    try:
        aside.mkdir(exist_ok=True)
        with driving(path):
            return path.rename(aside / path.name)
    except OSError as fault:
        raise PlanError(str(path), "RUN", fault.strerror or str(fault), "a folder that can be moved") from fault
    finally:
        with suppress(OSError):  # only an empty one goes
            aside.rmdir()


def left(home: Path) -> tuple[Path, ...]:
    """What was set aside and not deleted. What stands behind a link was not set aside by us."""
    aside = home / ASIDE
    return tuple(sorted(aside.iterdir())) if aside.is_dir() and not aside.is_symlink() else ()


def deleted(path: Path) -> str:
    """Delete a folder that was set aside; "" or why something of it is still there. A link goes, and never what it leads to."""
    told = ""
    try:
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    except OSError as fault:
        told = str(fault) if path.exists() else ""  # another pruning may be at it, too
    with suppress(OSError):
        path.parent.rmdir()
    return told


def kept_machines(path: Path) -> frozenset[str]:
    """Images of the engine that this run kept for forks. A record that can't be read names none, and one behind a link keeps its own."""
    if path.is_symlink():
        return frozenset()
    with suppress(HarnessError), closing(opened(path)) as store:
        if msgspec.json.decode(store.meta("plan") or b"{}", type=Plan).forkable:
            traces = map(store.trace, store.keys().values())
            return frozenset(kept.image for trace in traces for kept in of(trace, OutsideKept) if kept.image)
    return frozenset()


def begun_from(path: Path) -> frozenset[str]:
    """The kept images that a fork, or the replays of a probe, begin with."""
    with suppress(HarnessError), closing(opened(path)) as store:
        return _images(store)
    return frozenset()


def _images(store: RunStore) -> frozenset[str]:
    word, probe = store.meta(FORK), probe_of(store)
    if probe:
        return frozenset(probe.images)
    try:
        return frozenset({msgspec.json.decode(word, type=Fork).image} - {""}) if word and word != UNBORN else frozenset()
    except msgspec.MsgspecError as fault:
        raise StoreError(f"{store.folder}: its fork can't be read: {fault}") from fault


def without_machines(images: Iterable[str], settings: Settings, say: Say) -> int:
    """Remove kept machines from the engine; how many names went. Raises HarnessError where no engine answers."""
    wanted = frozenset(images)
    names = frozenset(each.name for each in machines.ours(settings) if each.kind == "kept" and each.digest in wanted)
    return machines.prune(settings, say, names) if names else 0
