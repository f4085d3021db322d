"""A run's record examined where it lies: the database, every trace, every blob, tree and base; nothing is written and nothing mended."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.core.events import Trace
from harness.core.grammar import violations
from harness.core.probe import Probe
from harness.core.tree import own_git
from harness.core.trial import TrialKey
from harness.store import audits, bases, forest
from harness.store import settled as answers
from harness.store.finding import Find, Finding
from harness.store.inventory import Inventory, Wanted
from harness.store.sqlite import RunStore

_BLOB = re.compile(r"[0-9a-f]{2}/[0-9a-f]{62}\.zst")
_TEMPORARY = re.compile(r"(\.new-|tmp_obj_|tmp_objdir-|tmp_pack_|tmp_idx_).*|.*\.new")
_ORPHANS = """SELECT short, count(*) FROM {table} WHERE short NOT IN (SELECT short FROM trials) GROUP BY short ORDER BY short"""

Visit: TypeAlias = Callable[[str, TrialKey, bool, Trace], None]
"""What else is to be asked of a lawful trace: short id, key, whether it is settled, and the trace."""


class Seen(msgspec.Struct):
    """How much was looked at."""

    trials: int = 0
    settled: int = 0
    events: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    objects: int = 0
    bases: int = 0


def examine(store: RunStore, find: Find, visit: Visit) -> Seen:
    """Everything but what only a judge can say. Raises StoreError where the database does not even tell its trials."""
    inventory, seen = Inventory(), Seen()
    try:
        _database(store, find)
        _given(store, inventory, find)
        _begins(store, inventory, find)
        for short, key, settled in _trials(store, find):
            seen.trials, seen.settled = seen.trials + 1, seen.settled + settled
            seen.events += _trace(store, (short, key, settled), (inventory, find, visit))
        seen.bases = _bases(store.folder, inventory, find)
        _beside(store.folder, find)
        _blobs(store, inventory, find, seen)
        forest.examine(store.folder, inventory, find)
        seen.objects = inventory.count("objects")
        _leftovers(store.folder, inventory, find)
    finally:
        inventory.close()
    return seen


def _database(store: RunStore, find: Find) -> None:
    """What SQLite itself finds, and rows that belong to no trial."""
    for (text,) in store.rows("PRAGMA integrity_check(20)"):
        if text != "ok":
            find(Finding("record", "run.sqlite", str(text)))
    tables = ("events", "rows") if store.rows("SELECT 1 FROM sqlite_schema WHERE name = 'rows'") else ("events",)
    for table in tables:
        for short, count in store.rows(_ORPHANS.format(table=table)):
            find(Finding("record", "run.sqlite", f"{count} {table} of {short}, which is no trial of this run"))


def _given(store: RunStore, inventory: Inventory, find: Find) -> None:
    """What the run was given: its tasks, and patches that were made elsewhere."""
    word = store.meta("tasks")
    try:
        if word:
            inventory.name_blob("the run's tasks", msgspec.json.decode(word, type=Blob))
    except msgspec.MsgspecError as fault:
        find(Finding("record", "run.sqlite", f"the run's tasks can't be found: {fault}"))
    patches = store.meta("predictions")
    try:
        for task, model, blob in msgspec.json.decode(patches, type=tuple[tuple[str, str, Blob], ...]) if patches else ():
            inventory.name_blob(f"the patch of {model} for {task}", blob)
    except msgspec.MsgspecError as fault:
        find(Finding("record", "run.sqlite", f"the run's patches can't be found: {fault}"))


class _Began(msgspec.Struct, frozen=True):
    """Of a fork its past, and the blobs that this past needs: no event names them before a trial has begun, and later not all."""

    past: Blob
    held: tuple[Blob, ...] = ()


def _begins(store: RunStore, inventory: Inventory, find: Find) -> None:
    """Where the trials of a fork begin, and the replays of a probe."""
    fork, probe = store.meta("fork"), store.meta("probe")
    if fork == "unborn":
        find(Finding("record", "run.sqlite", "is a fork or probe that was ended before its past was copied: nothing of it can go on", "note"))
        return
    try:
        if fork:
            _begun("where it was forked", fork, inventory)
        for name, blob in msgspec.json.decode(probe, type=Probe).pasts.items() if probe else ():
            inventory.name_blob(f"where {name} begins", blob)
            if not store.blobs.complaint(blob):  # else it is told of the blob
                _begun(f"where {name} begins", store.blobs.get(blob), inventory)
    except msgspec.MsgspecError as fault:
        find(Finding("record", "run.sqlite", f"where its trials begin can't be read: {fault}"))


def _begun(place: str, data: str | bytes, inventory: Inventory) -> None:
    """Raises msgspec.MsgspecError."""
    began = msgspec.json.decode(data, type=_Began)
    for blob in (began.past, *began.held):
        inventory.name_blob(place, blob)


def _trials(store: RunStore, find: Find) -> Iterator[tuple[str, TrialKey, bool]]:
    """Every trial whose key can be read, in plan order."""
    rows = store.rows("SELECT short, position, key, settled FROM trials ORDER BY position")
    run = store.meta("run")
    for number, (short, position, text, settled) in enumerate(rows, 1):
        try:
            key = msgspec.json.decode(text, type=TrialKey)
        except (msgspec.MsgspecError, TypeError) as fault:
            find(Finding("trial", str(short), f"its key can't be read: {fault}"))
            continue
        if position != number or short != f"t{number:04d}":
            find(Finding("trial", str(short), f"stands at place {position} of the plan, where t{number:04d} belongs"))
        if key.run != run:
            find(Finding("trial", short, f"belongs to the run {key.run}"))
        yield short, key, settled is not None


def _trace(store: RunStore, trial: tuple[str, TrialKey, bool], tools: tuple[Inventory, Find, Visit]) -> int:
    """One trial's events; how many."""
    (short, key, settled), (inventory, find, visit) = trial, tools
    try:
        trace = store.since(short, -1)
    except StoreError as fault:
        find(Finding("trace", short, str(fault)))
        return 0
    broken = violations(trace)
    for sentence in broken:
        find(Finding("trace", short, sentence))
    for entry in trace:
        inventory.name(short, entry.event)
    if not broken:
        visit(short, key, settled, trace)
    return len(trace)


def _blobs(store: RunStore, inventory: Inventory, find: Find, seen: Seen) -> None:
    for place, blob in inventory.blobs():
        seen.blobs, seen.blob_bytes = seen.blobs + 1, seen.blob_bytes + blob.size
        complaint = store.blobs.complaint(blob)
        if complaint:
            find(Finding("blob", place, complaint))


def _bases(folder: Path, inventory: Inventory, find: Find) -> int:
    """Listings of images; what they name is wanted among the trees."""
    paths = sorted((folder / "bases").glob("*.json"))
    for path in paths:
        try:
            base = bases.read(path)
        except StoreError as fault:
            find(Finding("base", path.name, str(fault)))
            continue
        if bases.path_of(folder, base.image) != path:
            find(Finding("base", path.name, f"is the listing of another image, {base.image}"))
        named = (entry.oid for entry in base.entries if entry.oid and not own_git(entry.path))
        inventory.want(Wanted(oid, "blob", f"base {path.stem}") for oid in named)
    return len(paths)


def _beside(folder: Path, find: Find) -> None:
    """What tests said of trees, and keys of audits. Of `context` only that it is a folder: accounts carry their digest, a damaged one is no
    figure, and no archive has them.
    """
    again = "delete it, and `longhaul context` runs these tests again"
    for path in _kept(folder / "settled", find, Finding("settled", "settled", again)):
        if complaint := answers.complaint(path):
            find(Finding("settled", path.name, f"{complaint}; {again}"))
    for path in _kept(folder / "audits", find, Finding("audit", "audits", "no audit of this run can be kept or read; move it away")):
        if complaint := audits.complaint(path):
            find(Finding("audit", path.name, complaint))
    _kept(folder / "context", find, Finding("context", "context", "delete it, or `longhaul context` reads every trace each time", "note"))


def _kept(room: Path, find: Find, otherwise: Finding) -> list[Path]:
    """What is kept in a folder that need not be there; what stands there instead, a file or a link that leads nowhere, is told."""
    try:
        return sorted(path for path in room.iterdir() if path.name.endswith(".json"))
    except OSError as fault:
        if os.path.lexists(room):
            find(msgspec.structs.replace(otherwise, text=f"is no folder that can be read ({fault.strerror or fault}): {otherwise.text}"))
        return []


def _leftovers(folder: Path, inventory: Inventory, find: Find) -> None:
    """Files that nobody names. A killed worker leaves such; they do no harm."""
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if _TEMPORARY.fullmatch(path.name):
            find(Finding("leftover", name, "was being written when its process ended", "note"))
        elif name.startswith("blobs/"):
            inside = name.removeprefix("blobs/")
            if not _BLOB.fullmatch(inside):
                find(Finding("leftover", name, "does not belong there", "note"))
            elif not inventory.names_blob(inside[:2] + inside[3:-4]):
                find(Finding("leftover", name, "no event names it", "note"))


def _files(folder: Path) -> Iterator[Path]:
    """Every file; of a folder that is a temporary one only its name."""
    for place, folders, names in os.walk(folder):
        half = sorted(name for name in folders if _TEMPORARY.fullmatch(name))
        folders[:] = sorted(set(folders) - set(half))
        yield from (Path(place, name) for name in (*half, *sorted(names)))
