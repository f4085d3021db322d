"""Test ids over a recorded tree: in a fresh container of the pristine image, as grading runs them, and nowhere in the agent's record."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from harness.core.blob import Blob
from harness.core.errors import SandboxError, StoreError
from harness.core.events import Event, GradeRan
from harness.core.machine import PreparedImage
from harness.core.ports import Order, Patch, PatchFile, Sandbox, Sandboxes
from harness.core.recorded import KeptEntry, KeptTree, Lines, Tree
from harness.core.task import TaskSpec, TestIds
from harness.engine.restore import planned
from harness.grading.desk import Desk
from harness.grading.run import Job, Ran, graded_paths, run
from harness.grading.steering import Terms, graded_back
from harness.grading.watch.line import open_line, upload

LABELS = (("purpose", "grading"),)


class Ground(msgspec.Struct, frozen=True):
    """`first`: the tree that the agent began with, which `image` must hold; `alike`: the image is the very one of the trial.

    `labels` name run and trial, so that what a death leaves behind is swept with them.
    """

    task: TaskSpec
    image: PreparedImage
    first: Tree
    lines: Lines
    sandboxes: Sandboxes
    labels: tuple[tuple[str, str], ...] = ()
    alike: bool = True


class Said(msgspec.Struct, frozen=True):
    """`passed`: id -> whether it did; None where the world kept it from being told, and `why` in a sentence."""

    passed: dict[str, bool] | None
    why: str = ""


def said(tree: Tree, ids: tuple[str, ...], ground: Ground) -> Said:
    """Whether each id passes over the recorded tree. What is late is run once more by itself before it counts as failed.

    An id that was not reported has not passed; of a run with signs of forging, none has. There is no network, whatever the task has.
    Faults of machine or record, a tree that can't be restored, and a check that names no tests tell nothing.
    """
    check = ground.task.check
    if not isinstance(check, TestIds):
        return Said(None, "the task is not graded by named tests")
    check = msgspec.structs.replace(check, fail_to_pass=ids, pass_to_pass=(), calls=(), quarantined=(), items=(), twin=None)
    try:
        patch = restoring(tree, ground)
        ran, events = _ran(check, patch, ground)
        if ran.late:
            ran, events = _ran(check, patch, ground)
    except (SandboxError, StoreError, OSError) as fault:
        return Said(None, str(fault))
    if not ran.laid:
        return Said(None, next((event.detail for event in events if not event.ok), "the tree could not be laid"))
    return Said(_read(ids, events))


def restoring(tree: Tree, ground: Ground) -> Patch:
    """What makes the tree of the one that the agent began with. Raises StoreError, SandboxError for what is not on record."""
    if tree == ground.first:
        return Patch((), ())
    with ground.lines.recorded(tree) as want, ground.lines.recorded(ground.first) as have:
        work = planned(have.entries(), want)
        if work.lost:
            raise SandboxError(f"the tree can't be restored: {work.lost[0]}")
        return Patch(tuple(_files(work.lay, want)), tuple(map(_text, work.remove)))


def _files(rows: tuple[tuple[bytes, KeptEntry], ...], want: KeptTree) -> Iterator[PatchFile]:
    """Pipes stay out: no test of a tree asks for one, and none could be laid as grading lays files."""
    for path, entry in rows:
        if entry.kind in ("file", "link", "dir"):
            data = b"" if entry.kind == "dir" else want.content(entry.oid)
            mode = entry.mode if entry.mode is not None else 0o755 if entry.runs or entry.kind == "dir" else 0o644
            yield PatchFile(_text(path), entry.kind, mode & 0o777, data)


def _ran(check: TestIds, patch: Patch, ground: Ground) -> tuple[Ran, list[GradeRan]]:
    events: list[GradeRan] = []

    def record(event: Event) -> None:
        if isinstance(event, GradeRan):
            events.append(event)

    paths = (*(file.path for file in check.files), *(file.path for file in patch.files))
    line = open_line(secrets.token_hex(16), frozenset(PurePosixPath(path).name for path in paths))
    work = graded_back(patch, Terms(graded_paths(check), check.command, check.allow))
    place = msgspec.structs.replace(ground.task.place, network="none")
    with ground.sandboxes.open(Order(ground.image, place, (*ground.labels, *LABELS), upload(line))) as sandbox:
        if not ground.alike:
            _same(sandbox, ground)
        return run(Job(check, work, check.files, line), Desk(sandbox, _Nowhere(), record)), events


def _same(sandbox: Sandbox, ground: Ground) -> None:
    """An image that was made anew must hold the paths that the trial's image held. Raises SandboxError."""
    with ground.lines.recorded(ground.first) as read:
        held = {path for path, entry in read.entries().items() if entry.kind in ("file", "link")}
    seen = {entry.path for entry in sandbox.prime().entries if entry.kind in ("file", "link") and not entry.path.startswith(b".git/")}
    for path in sorted(held ^ seen):
        raise SandboxError(f"the image is another than the trial's: {_text(path)!r} is only in one of them")


def _read(ids: tuple[str, ...], events: list[GradeRan]) -> dict[str, bool]:
    reading = next((event for event in reversed(events) if event.phase == "read"), None)
    believed = reading is not None and reading.ok and not reading.evidence
    passed = {result.id for result in reading.results if result.status == "passed"} if reading and believed else set()
    return {name: name in passed for name in ids}


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


class _Nowhere:
    """Satisfies the port of blobs and keeps nothing: a measure's logs are no part of a run's record."""

    def put(self, data: bytes) -> Blob:
        return Blob(hashlib.sha256(data).hexdigest(), len(data))

    def get(self, blob: Blob) -> bytes:
        raise StoreError(f"{blob.sha256}: was never kept")
