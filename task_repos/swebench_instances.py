"""A folder of row recipes: instances.jsonl names an sdist as each row's repository; joined with classic rows and pinned requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.regular import read_regular
from harness.core.task import ImageRecipe
from task_repos.swebench_rows import Located, Row, read_objects, read_row, take_id, take_text

FILE: Final = "instances.jsonl"
ROWS: Final = "../swebench_lite/rows.jsonl"
KIND: Final = "sdist"
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Instance(msgspec.Struct, frozen=True):
    """A row with the recipe of its image."""

    row: Row
    recipe: ImageRecipe


def read_instances(folder: Path, rows: str) -> Iterator[Instance | TaskError]:
    """Each instance or the complaint in its place. `rows`: a file, relative to the folder. Raises TaskError for an unreadable file."""
    classic = classic_rows(folder / (rows or ROWS))
    for found in read_objects(folder / FILE):
        try:
            yield found if isinstance(found, TaskError) else join(found, classic, folder)
        except TaskError as fault:
            yield fault


def classic_rows(file: Path) -> dict[str, Located]:
    """The rows by id; those that can't be read are not there, and an instance that wants one says so."""
    found = (row for row in read_objects(file) if isinstance(row, Located))
    return {str(row.fields.get("instance_id")): row for row in found}


def join(own: Located, classic: dict[str, Located], folder: Path) -> Instance:
    """The classic row's fields, with lists, command and log format of the instance. Raises TaskError."""
    name = take_id(own)
    base = classic.get(name)
    if base is None:
        raise TaskError(str(own.place), "instance_id", repr(name), "an id among the rows that the folder is joined with")
    lists = {key.upper(): own.fields[key] for key in ("fail_to_pass", "pass_to_pass") if key in own.fields}
    commands = {key: own.fields.get(key) for key in ("test_cmd", "log_format")}
    row = read_row(Located(own.place, {**base.fields, **commands, **lists}))
    for field, value in (("patch", row.patch), ("test_cmd", row.test_command), ("log_format", row.log_parser)):
        if not value:
            raise TaskError(str(own.place), field, "nothing", "text")
    text = msgspec.json.encode(recipe_fields(own, row, folder)).decode()
    return Instance(row, ImageRecipe(kind=KIND, text=text, folder=str(folder)))


def recipe_fields(own: Located, row: Row, folder: Path) -> dict[str, object]:
    """What the image builder reads (docs/recipes.md), whole in itself: pins and patches are in it, not named. Raises TaskError."""
    return {
        "instance_id": row.instance_id,
        "sdist": sdist(own),
        "base_tree": take_text(own, "base_tree", need=True),
        "python": take_text(own, "python", need=True),
        "debian_suite": take_text(own, "debian_suite", need=True),
        "debian_packages": texts(own, "debian_packages"),
        "requirements": pins(own, folder),
        "install": texts(own, "install"),
        "patch": row.patch,
        "test_patch": row.test_patch,
        "generated": texts(own, "generated", need=False),
    }


def sdist(own: Located) -> dict[str, str]:
    """Name, version and digest. Raises TaskError."""
    value = own.fields.get("sdist")
    if not isinstance(value, dict):
        found = "nothing" if value is None else type(value).__name__
        raise TaskError(str(own.place), "sdist", found, "an object with name, version, sha256")
    inner = Located(own.place, {f"sdist.{key}": word for key, word in value.items()})
    return {key: take_text(inner, f"sdist.{key}", need=True) for key in ("name", "version", "sha256")}


def texts(own: Located, field: str, *, need: bool = True) -> tuple[str, ...]:
    """A list of texts. Raises TaskError."""
    value = own.fields.get(field)
    if value is None and not need:
        return ()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TaskError(str(own.place), field, "nothing" if value is None else type(value).__name__, "a list of texts")
    return tuple(value)


def pins(own: Located, folder: Path) -> tuple[str, ...]:
    """The lines of the requirements file, comments left out. Raises TaskError."""
    name = take_text(own, "requirements", need=True)
    if not FILE_NAME.fullmatch(name):
        raise TaskError(str(own.place), "requirements", repr(name), "a file's name in the folder requirements/")
    file = folder / "requirements" / name
    try:
        lines = read_regular(file).decode().splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise TaskError(str(own.place), "requirements", f"{name} ({fault})", f"a readable file in {file.parent}") from fault
    return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
