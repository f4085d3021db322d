"""SWE-bench Pro rows: like SWE-bench's, but their lists are strings of Python literals, and how to run them lies in folders beside them."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from task_repos.swebench_rows import ID, Found, Located, Place, read_objects

ROWS: Final = ("*.jsonl", "*.json", "*.csv", "*.parquet")
TEXT_CHARACTERS: Final = 20_000_000
STATEMENT_CHARACTERS: Final = 1_000_000
MOST_NAMES: Final = 200_000
COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_LISTS: Final = ("fail_to_pass", "pass_to_pass", "selected_test_files_to_run")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What we use of a row. `before`: the lines of before_repo_set_cmd, of which the last fetches the tests."""

    place: Place
    instance_id: str
    repo: str
    base_commit: str
    patch: str
    statement: str
    requirements: str
    interface: str
    language: str
    created_at: str
    tag: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    selected: tuple[str, ...]
    before: tuple[str, ...]


def rows_file(folder: Path) -> Path:
    """The one file of rows in a folder, or below helper_code/ as upstream has it. Raises TaskError."""
    if not folder.is_dir():
        raise TaskError(str(folder), "path", "no such folder", "a folder with rows and run_scripts/")
    for place in (folder, folder / "helper_code"):
        found = sorted(path for pattern in ROWS for path in place.glob(pattern) if path.is_file())
        if len(found) == 1:
            return found[0]
        if found:
            raise TaskError(str(place), "rows", ", ".join(path.name for path in found[:4]), f"one file of rows ({', '.join(ROWS)})")
    raise TaskError(str(folder), "rows", "none", f"one file of rows ({', '.join(ROWS)})")


def objects(file: Path) -> Iterator[Found]:
    """Each row as an object of texts, or the complaint in its place. Raises TaskError for a file that can't be read."""
    if file.suffix != ".csv":
        yield from read_objects(file)
        return
    csv.field_size_limit(TEXT_CHARACTERS)
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            for number, fields in enumerate(csv.DictReader(handle, strict=True), 1):
                yield Located(Place(str(file), number), {str(name): value or "" for name, value in fields.items()})
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise TaskError(str(file), "text", str(fault), "CSV in UTF-8") from fault


def row_of(located: Located) -> Row:
    """Raises TaskError naming file, row and field."""
    held = {name: _text(located, name) for name in ("instance_id", "repo", "base_commit", "patch", "problem_statement")}
    if not ID.fullmatch(held["instance_id"]):
        raise TaskError(str(located.place), "instance_id", repr(held["instance_id"][:80]), "letters, digits, '.', '_' and '-'")
    if not COMMIT.fullmatch(held["base_commit"]):
        raise TaskError(str(located.place), "base_commit", repr(held["base_commit"][:80]), "a commit id")
    lists = {name: _names(located, name) for name in _LISTS}
    if not lists["fail_to_pass"]:
        raise TaskError(str(located.place), "fail_to_pass", "no test", "at least one")
    before = tuple(line for line in _text(located, "before_repo_set_cmd").splitlines() if line.strip())
    if not before:
        raise TaskError(str(located.place), "before_repo_set_cmd", "nothing", "the lines that set the repository")
    return Row(
        place=located.place, instance_id=held["instance_id"], repo=held["repo"], base_commit=held["base_commit"], patch=held["patch"],
        statement=held["problem_statement"], requirements=_text(located, "requirements", needed=False), interface=_text(located, "interface", needed=False),
        language=_text(located, "repo_language", needed=False), created_at=_text(located, "created_at", needed=False),
        tag=_text(located, "dockerhub_tag", needed=False), fail_to_pass=lists["fail_to_pass"], pass_to_pass=lists["pass_to_pass"],
        selected=lists["selected_test_files_to_run"], before=before,
    )  # fmt: skip


def _text(located: Located, name: str, *, needed: bool = True) -> str:
    found = located.fields.get(name)
    found = "" if found is None and not needed else found
    if not isinstance(found, str) or (needed and not found.strip()):
        raise TaskError(str(located.place), name, "nothing" if found in (None, "") else type(found).__name__, "a text")
    most = STATEMENT_CHARACTERS if name in ("problem_statement", "requirements", "interface") else TEXT_CHARACTERS
    if len(found) > most:
        raise TaskError(str(located.place), name, f"{len(found):,} characters", f"at most {most:,}")
    if "\0" in found:
        raise TaskError(str(located.place), name, "a NUL", "a text without one")
    return found


def _names(located: Located, name: str) -> tuple[str, ...]:
    """A list of texts, or a text that holds one as Python or as JSON writes it; nothing of it is evaluated."""
    found = located.fields.get(name)
    if isinstance(found, str):
        found = _literal(found) if found.strip() else []
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) and each.strip() for each in found):
        raise TaskError(str(located.place), name, repr(located.fields.get(name))[:80], "a list of texts, or its Python or JSON literal")
    if len(found) > MOST_NAMES:
        raise TaskError(str(located.place), name, f"{len(found):,} names", f"at most {MOST_NAMES:,}")
    return tuple(dict.fromkeys(found))


def _literal(text: str) -> object:
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None
