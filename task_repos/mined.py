"""Mined tasks: Harbor folders beside a manifest that says which instructions somebody has read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from harness.core.errors import TaskError
from harness.core.task import TaskSpec
from task_repos.folder import FolderTasks
from task_repos.harbor_files import read_text
from task_repos.mine_draft import OPEN
from task_repos.mine_manifest import NAME, Accepted, Examined, load, save, text_digest


class Instructions(msgspec.Struct, frozen=True):
    """The instructions of a task, step by step; `accepted`: somebody has read just these texts."""

    paths: tuple[Path, ...]
    texts: tuple[str, ...]
    accepted: bool


class MinedTasks:
    """The tasks of a folder that mining has written; those nobody has read are drafts."""

    def __init__(self, path: Path, host: Mapping[str, str], source: str) -> None:
        self._path, self._inner = path.absolute(), FolderTasks(path, host, source)

    @property
    def faults(self) -> tuple[Exception, ...]:
        return self._inner.faults

    def __iter__(self) -> Iterator[TaskSpec]:
        """Raises TaskError where there is no manifest that can be read."""
        known = manifest(self._path)
        for task in self._inner:
            examined = known.get(task.id)
            held = examined is not None and read(self._path, examined).accepted
            yield msgspec.structs.replace(task, provenance=msgspec.structs.replace(task.provenance, draft=not held))


def create(*, path: str, environment: Mapping[str, str] | None = None, source: str = "") -> MinedTasks:
    """Tasks under `path`. `environment`: where ${VAR} of a task is looked up; `source`: how the plan names this."""
    return MinedTasks(Path(path), environment or {}, source or f"mined:{path}")


def manifest(folder: Path) -> dict[str, Examined]:
    """What is known of each task, by its id. Raises TaskError."""
    if not (folder / NAME).is_file():
        raise TaskError(str(folder), "path", f"no {NAME}", "a folder that `longhaul mine` has written")
    return {change.task: change for change in load(folder).tasks}


def draft(folder: Path, ident: str) -> Instructions:
    """The instructions of one task as they are on disk. Raises TaskError for an id that is not there."""
    known = manifest(folder)
    if ident not in known:
        raise TaskError(str(folder), "--accept", repr(ident), f"one of {', '.join(sorted(known)) or 'none: no task was mined'}")
    return read(folder, known[ident])


def read(folder: Path, examined: Examined) -> Instructions:
    place = folder / examined.task
    steps = sorted((place / "steps").glob("*/instruction.md"))
    paths = tuple(steps) or (place / "instruction.md",)
    texts = tuple(read_text(path, "instruction") for path in paths)
    return Instructions(paths, texts, examined.accepted is not None and examined.accepted.digest == text_digest(texts))


def accept(folder: Path, ident: str, date: str) -> Instructions:
    """Write down that these texts were read on `date`. Raises TaskError while a place in them is still to be filled."""
    found = draft(folder, ident)
    for path, text in zip(found.paths, found.texts, strict=True):
        if OPEN in text or not text.strip():
            raise TaskError(str(path), "text", repr(OPEN) if text.strip() else "nothing", "a request, written where the draft has none")
    mined = load(folder)
    noted = Accepted(date, text_digest(found.texts))
    changes = tuple(msgspec.structs.replace(one, accepted=noted) if one.task == ident else one for one in mined.changes)
    save(folder, msgspec.structs.replace(mined, changes=changes))
    return msgspec.structs.replace(found, accepted=True)
