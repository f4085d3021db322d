"""A folder of tasks in the package's own format, read through the package in a process of its own; each task is a row with its Dockerfile."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from harness.core.errors import MissingError, TaskError
from harness.core.task import ImageBuild
from task_repos.swebench_process import said, surroundings
from task_repos.swebench_rows import Located, Place, Row, read_row

CONFIG: Final = "sweb.yaml"
TASKS: Final = "tasks"
READ_S: Final = 600.0
EXPECTED: Final = "a folder of tasks as `swebench.task` describes it"


class FolderTask(msgspec.Struct, frozen=True):
    """A row, how its image is made where nobody has it, and the split it is in."""

    row: Row
    build: ImageBuild | None
    split: str


def is_one(folder: Path) -> bool:
    """Whether a folder is of this format."""
    return (folder / CONFIG).is_file() or (folder / TASKS).is_dir()


def read_folder(folder: Path, split: str) -> Iterator[FolderTask | TaskError]:
    """Each task of the splits that the folder publishes, or of `split` alone, or the complaint in its place. Raises TaskError, MissingError."""
    first, *rest = _told(folder)
    if "problem" in first:
        raise TaskError(str(folder), CONFIG, first["problem"], EXPECTED)
    wanted = (split,) if split else tuple(first["splits"])
    for told in rest:
        try:
            task = _task(folder / TASKS / told["folder"], told)
        except TaskError as fault:
            yield fault
        else:
            if not wanted or task.split in wanted:
                yield task


def _task(place: Path, told: dict[str, Any]) -> FolderTask:
    if "problem" in told:
        raise TaskError(str(place), "", told["problem"], EXPECTED)
    found = Located(Place(str(place), 0), told["fields"])
    row = read_row(found)
    if row.instance_id != place.name:
        raise TaskError(str(place), "instance_id", repr(row.instance_id), f"the folder's name, {place.name!r}")
    build = ImageBuild(str(place)) if (place / "Dockerfile").is_file() else None
    return FolderTask(row, build, str(found.fields.get("split") or ""))


def _told(folder: Path) -> list[dict[str, Any]]:
    """The lines of the child. Raises TaskError where it could not read on, MissingError where the package is not there."""
    with tempfile.TemporaryDirectory(prefix="longhaul-swebench-") as room:
        try:
            done = subprocess.run(
                (sys.executable, "-P", "-m", "task_repos.swebench_child_tasks"), input=f"{folder.absolute()}\n".encode(),
                capture_output=True, check=False, cwd=room, env=surroundings(room), timeout=READ_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired as fault:
            raise TaskError(str(folder), "", f"nothing that could be read in {READ_S:g} s", EXPECTED) from fault
    if b"No module named 'swebench" in done.stderr:
        raise MissingError("the package swebench, which reads folders of tasks", "pip install longhaul")
    if done.returncode:
        raise TaskError(str(folder), "", said(done.stderr), EXPECTED)
    return [json.loads(line) for line in done.stdout.splitlines()]
