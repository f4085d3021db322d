"""tests/longhaul.toml: how a task's tests are run and which of them decide. Strict: an unknown key is an error."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec

from harness.core.errors import TaskError, unread
from harness.core.task import Call, CopiedFile, Item, TestIds
from task_repos.harbor_files import copied, read_text
from task_repos.harbor_schema import converted

WEIGHT_SLACK = 1e-6
ENTRY = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[grade]. `replaced`: folders of the work tree that `files` replace whole; without it, those mapped to a folder of the same name."""

    command: str
    ids: str
    format: Literal["junit", "pytest"] = "junit"
    files: dict[str, str] = {}
    replaced: list[str] | None = None
    allow: list[str] = []
    deadline: float | None = None
    regression_only: bool = False


class ItemTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    weight: float
    select: list[str]


class CallTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[call]]. `entry` is "module:function" or "module:Class.method"; one of `returns` and `raises` says what must come of it."""

    id: str
    entry: str
    arguments: list[Any] = []
    keywords: dict[str, Any] = {}
    returns: Any = msgspec.UNSET
    raises: str = ""


class HistoryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[history]. `newest`: a day; nothing younger may lie among the image's packages, caches and commits."""

    newest: str = ""


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    grade: Grade
    item: list[ItemTable] = []
    call: list[CallTable] = []
    history: HistoryTable = HistoryTable()
    stage: list[dict[str, Any]] = []
    memory: list[dict[str, Any]] = []
    constraint: list[dict[str, Any]] = []
    milestone: list[dict[str, Any]] = []
    staged: dict[str, Any] = {}
    """The last five are read by task_repos.memory_table."""


class Ids(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fail_to_pass: list[str]
    pass_to_pass: list[str]


def newest(folder: Path, name: str) -> str:
    """The day after which nothing in the task's image may date, "" where the file does not say. Raises TaskError."""
    path = folder / name
    day = extension(path).history.newest if path.is_file() else ""
    try:
        return day and date.fromisoformat(day).isoformat()
    except ValueError as fault:
        raise TaskError(str(path), "history.newest", repr(day[:40]), "a day such as 2025-06-30") from fault


def extension(path: Path) -> Extension:
    """Raises TaskError."""
    data = parse_toml(path)
    if data.get("format") != 1:
        raise TaskError(str(path), "format", repr(data.get("format", "nothing")), "1")
    table: Extension = converted(data, Extension, str(path), "")
    return table


def read_grade(folder: Path, name: str, deadline: float) -> TestIds | None:
    """The check that the file describes, or None without one; `deadline` stands in for a missing one. Raises TaskError."""
    path = folder / name
    if not path.is_file():
        return None
    table = extension(path)
    grade = table.grade
    ids = read_ids(folder, grade.ids, path)
    check_ids(ids, grade, path)
    if "\0" in grade.command or not grade.command.strip():
        raise TaskError(str(path), "grade.command", repr(grade.command[:80]), "a command of the shell")
    if grade.deadline is not None and not 0 < grade.deadline < 1e6:
        raise TaskError(str(path), "grade.deadline", grade.deadline, "a number of seconds above 0")
    return TestIds(
        command=grade.command, format=grade.format, fail_to_pass=tuple(ids.fail_to_pass), pass_to_pass=tuple(ids.pass_to_pass),
        files=tuple(graded_files(folder, grade, path)), replaced=replaced_folders(folder, grade, path), allow=tuple(grade.allow),
        deadline=grade.deadline or deadline, items=items(table, ids, path), regression_only=grade.regression_only,
        calls=calls(table, ids, path),
    )  # fmt: skip


def parse_toml(path: Path) -> dict[str, Any]:
    """Raises TaskError for what is no TOML."""
    try:
        return tomllib.loads(read_text(path, "text"))
    except (ValueError, RecursionError) as fault:  # ValueError: a whole number of more digits than Python reads
        raise TaskError(str(path), "text", unread(fault), "TOML") from fault


def read_ids(folder: Path, name: str, path: Path) -> Ids:
    """The test ids; raises TaskError."""
    place = inside(folder, name, path, "grade.ids")
    try:
        found = json.loads(read_text(place, "ids"))
    except (ValueError, RecursionError) as fault:
        raise TaskError(str(place), "ids", unread(fault), "JSON") from fault
    made: Ids = converted(found, Ids, str(place), "")
    for each in (*made.fail_to_pass, *made.pass_to_pass):
        if not each.isascii() and any("\ud800" <= mark <= "\udfff" for mark in each):
            raise TaskError(str(place), "ids", repr(each[:80]), "text that UTF-8 can hold")
    return made


def check_ids(ids: Ids, grade: Grade, path: Path) -> None:
    """No id twice, and something that must come to pass unless the task only watches for regressions."""
    every = [*ids.fail_to_pass, *ids.pass_to_pass]
    twice = sorted(one for one, count in Counter(every).items() if count > 1)
    if twice:
        raise TaskError(str(path), "grade.ids", f"{twice[0]!r} twice", "each id once")
    if not every:
        raise TaskError(str(path), "grade.ids", "no test at all", "at least one id")
    if bool(ids.fail_to_pass) == grade.regression_only:
        found = "fail_to_pass beside regression_only" if grade.regression_only else "an empty fail_to_pass"
        raise TaskError(str(path), "grade.ids", found, "fail_to_pass ids, or regression_only = true without any")


def graded_files(folder: Path, grade: Grade, path: Path) -> Iterator[CopiedFile]:
    """What enters the work tree for grading, under its names there."""
    for source, target in grade.files.items():
        place = inside(folder, source, path, "grade.files")
        where = relative(target, path, "grade.files")
        if place.is_dir():
            for file in copied(folder, PurePosixPath(source).as_posix()):
                yield CopiedFile(str(where / file.path), file.data, file.mode)
        elif place.is_file():
            mode = 0o755 if place.stat().st_mode & 0o100 else 0o644
            yield CopiedFile(str(where), place.read_bytes(), mode)
        else:
            raise TaskError(str(path), "grade.files", repr(source), "a file or folder of the task")


def replaced_folders(folder: Path, grade: Grade, path: Path) -> tuple[str, ...]:
    """Whole folders that belong to the grader: nothing an agent lays there stays."""
    if grade.replaced is not None:
        return tuple(str(relative(each, path, "grade.replaced")) for each in grade.replaced)
    pairs = ((PurePosixPath(source), PurePosixPath(target)) for source, target in grade.files.items())
    return tuple(str(target) for source, target in pairs if (folder / source).is_dir() and source.name == target.name)


def items(table: Extension, ids: Ids, path: Path) -> tuple[Item, ...]:
    """The weighted items with their ids written out: a select that ends in * stands for all ids that begin so. Raises TaskError."""
    if not table.item:
        return ()
    names = [one.id for one in table.item]
    if len(set(names)) < len(names):
        raise TaskError(str(path), "item.id", f"{names}", "different ids")
    if abs(sum(one.weight for one in table.item) - 1) > WEIGHT_SLACK or any(not 0 < one.weight <= 1 for one in table.item):
        raise TaskError(str(path), "item.weight", [one.weight for one in table.item], "weights above 0 that sum to 1")
    every = [*ids.fail_to_pass, *ids.pass_to_pass]
    return tuple(Item(one.id, one.weight, selected(one, every, path)) for one in table.item)


def selected(one: ItemTable, every: list[str], path: Path) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in one.select:
        hits = [name for name in every if name == word or (word.endswith("*") and name.startswith(word[:-1]))]
        if not hits:
            raise TaskError(str(path), f"item {one.id}.select", repr(word), "an id of fail_to_pass or pass_to_pass")
        found |= dict.fromkeys(hits)
    if not found:
        raise TaskError(str(path), f"item {one.id}.select", "nothing", "at least one id")
    return tuple(found)


def calls(table: Extension, ids: Ids, path: Path) -> tuple[Call, ...]:
    """The calls as plain data. Raises TaskError."""
    names = [one.id for one in table.call]
    if len(set(names)) < len(names):
        raise TaskError(str(path), "call.id", f"{names}", "different ids")
    return tuple(called(one, {*ids.fail_to_pass, *ids.pass_to_pass}, path) for one in table.call)


def called(one: CallTable, every: set[str], path: Path) -> Call:
    if one.id not in every:
        raise TaskError(str(path), "call.id", repr(one.id), "an id of fail_to_pass or pass_to_pass")
    if not ENTRY.fullmatch(one.entry):
        raise TaskError(str(path), f"call {one.id}.entry", repr(one.entry), '"module:function"')
    if (one.returns is msgspec.UNSET) == (not one.raises):
        found = "both returns and raises" if one.raises else "neither returns nor raises"
        raise TaskError(str(path), f"call {one.id}", found, "one of returns and raises")
    words = {"arguments": one.arguments, "keywords": one.keywords, "returns": None if one.raises else one.returns}
    try:
        told = {name: json.dumps(value, allow_nan=False) for name, value in words.items()}
    except (TypeError, ValueError) as fault:
        raise TaskError(str(path), f"call {one.id}", str(fault), "plain data: text, numbers, true, false, lists, tables") from fault
    return Call(one.id, one.entry, told["arguments"], told["keywords"], told["returns"], one.raises)


def inside(folder: Path, name: str, path: Path, field: str) -> Path:
    """A path of the task itself; raises TaskError for one that leaves it."""
    relative(name, path, field)
    place = folder / name
    if not place.resolve().is_relative_to(folder.resolve()):
        raise TaskError(str(path), field, repr(name), "a path inside the task")
    return place


def relative(name: str, path: Path, field: str) -> PurePosixPath:
    """A relative path without `..`; raises TaskError."""
    found = PurePosixPath(name)
    if found.is_absolute() or ".." in found.parts or not name or "\0" in name or ".git" in found.parts:
        raise TaskError(str(path), field, repr(name), "a relative path without .. and .git")
    return found
