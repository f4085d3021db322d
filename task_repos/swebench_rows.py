"""Rows of SWE-bench's shape, read one by one from JSON, JSONL or Parquet: each is a Row or a complaint that names file, row and field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from harness.core.errors import TaskError
from harness.core.regular import read_regular
from task_repos.swebench_diff import malformed
from task_repos.swebench_parquet import read_parquet

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
STATEMENT_CHARACTERS: Final = 1_000_000
TEXT_CHARACTERS: Final = 20_000_000
"""Of any other field: the largest patches that people publish have some 5 million."""
MOST_NAMES: Final = 200_000
EVAL_TYPES: Final = ("pass_and_fail", "fail_only")


class Place(msgspec.Struct, frozen=True):
    """Where an object stands: a file and its row, counted from 1; row 0 is the file itself."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} row {self.row}" if self.row else self.file


class Located(msgspec.Struct, frozen=True):
    """A JSON object as it was found."""

    place: Place
    fields: dict[str, object]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What we use of a row; fields that it lacks are empty. `eval_script` makes it one of version 5, else it is a classic one."""

    place: Place
    instance_id: str
    repo: str
    problem_statement: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    version: str = ""
    base_commit: str = ""
    patch: str = ""
    test_patch: str = ""
    created_at: str = ""
    image: str = ""
    eval_script: str = ""
    log_parser: str = ""
    eval_type: str = "pass_and_fail"
    test_command: str = ""
    assets: bool = False


Found: TypeAlias = Located | TaskError


def read_objects(file: Path) -> Iterator[Found]:
    """Each object of a JSON list, of JSON lines or of a Parquet table, or the complaint in its place.

    Raises TaskError when the file can't be read, MissingError for Parquet without its package.
    """
    if file.suffix == ".parquet" and file.is_file():
        for number, fields in enumerate(read_parquet(file), 1):
            yield Located(Place(str(file), number), fields)
        return
    try:
        data = read_regular(file)
    except OSError as fault:
        raise TaskError(str(file), "", fault.strerror or str(fault), "a file of rows") from fault
    for number, piece in pieces(file, data):
        yield decode(Place(str(file), number), piece)


def pieces(file: Path, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each object, undecoded. A file that is one JSON object whole is one row, however many lines it has. Raises TaskError."""
    first = data.lstrip()[:1]
    if first == b"[":
        return list_pieces(file, data)
    if first == b"{" and file.suffix == ".json" and not isinstance(decode(Place(str(file), 1), data), TaskError):
        return iter(((1, data),))
    return line_pieces(data)


def list_pieces(file: Path, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of one JSON list, undecoded; raises TaskError."""
    try:
        rows = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise TaskError(str(file), "", str(fault), "a JSON list of rows") from fault
    return ((number, bytes(raw)) for number, raw in enumerate(rows, 1))


def line_pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something; numbers are the file's own."""
    return ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())


def decode(place: Place, piece: bytes) -> Found:
    """One object."""
    try:
        found = msgspec.json.decode(piece)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return TaskError(str(place), "", str(fault) or type(fault).__name__, "a row as a JSON object")
    if not isinstance(found, dict):
        return TaskError(str(place), "", type(found).__name__, "a row as a JSON object")
    return Located(place, found)


def read_row(found: Located) -> Row:
    """The fields that we use, each of its type. Raises TaskError."""
    row = Row(
        place=found.place,
        instance_id=take_id(found),
        repo=take_text(found, "repo", need=True),
        problem_statement=take_statement(found),
        fail_to_pass=take_names(found, "FAIL_TO_PASS"),
        pass_to_pass=take_names(found, "PASS_TO_PASS"),
        version=take_text(found, "version"),
        base_commit=take_text(found, "base_commit"),
        patch=take_text(found, "patch"),
        test_patch=take_text(found, "test_patch"),
        created_at=take_text(found, "created_at"),
        image=take_text(found, "image"),
        eval_script=take_text(found, "eval_script"),
        log_parser=take_text(found, "log_parser") or take_text(found, "log_format"),
        eval_type=take_text(found, "eval_type") or EVAL_TYPES[0],
        test_command=take_text(found, "test_command") or take_text(found, "test_cmd"),
        assets=bool(found.fields.get("image_assets")),
    )
    check_whole(row)
    return row


def check_whole(row: Row) -> None:
    """What must be there together. Raises TaskError."""
    where = f"{row.place} ({row.instance_id})"
    if not row.fail_to_pass and not row.pass_to_pass:
        raise TaskError(where, "FAIL_TO_PASS", "no test here and none in PASS_TO_PASS", "a test that decides")
    if row.eval_type not in EVAL_TYPES:
        raise TaskError(where, "eval_type", repr(row.eval_type), " or ".join(EVAL_TYPES))
    for field in ("patch", "test_patch"):
        if wrong := malformed(getattr(row, field)):
            raise TaskError(where, field, wrong, "a git diff that can be applied")
    needed = ("image", "log_parser") if row.eval_script else ("base_commit", "test_patch")
    for field in needed:
        if not getattr(row, field):
            kind = "with an eval_script" if row.eval_script else "without an eval_script"
            raise TaskError(where, field, "nothing", f"text, as in every row {kind}")


def take_id(found: Located) -> str:
    """An id that can be a folder's name and a tag. Raises TaskError."""
    name = take_text(found, "instance_id", need=True)
    if not ID.fullmatch(name):
        raise TaskError(str(found.place), "instance_id", repr(name[:80]), "letters, digits, '.', '_', '-', without separators")
    return name


def take_statement(found: Located) -> str:
    """The issue's text. Raises TaskError when it is missing or longer than any model reads."""
    return take_text(found, "problem_statement", need=True, most=STATEMENT_CHARACTERS)


def take_text(found: Located, field: str, *, need: bool = False, most: int = TEXT_CHARACTERS) -> str:
    """A text; missing or null is empty. Raises TaskError."""
    value = found.fields.get(field)
    if value is None and not need:
        return ""
    if not isinstance(value, str):
        raise TaskError(str(found.place), field, "nothing" if value is None else type(value).__name__, "text")
    if need and not value.strip():
        raise TaskError(str(found.place), field, "empty text", "text")
    if len(value) > most:
        raise TaskError(str(found.place), field, f"{len(value)} characters", f"at most {most} characters")
    if "\0" in value:
        raise TaskError(str(found.place), field, "a NUL character", "text without one")
    return value


def take_names(found: Located, field: str) -> tuple[str, ...]:
    """A list of test names, or the text of such a list in JSON. Raises TaskError."""
    value = found.fields.get(field)
    expected = "a list of test names, or one as JSON text"
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value or "[]")
        except (msgspec.MsgspecError, RecursionError) as fault:
            raise TaskError(str(found.place), field, f"text that is no JSON ({fault})", expected) from fault
    if not isinstance(value, list):
        raise TaskError(str(found.place), field, "nothing" if value is None else type(value).__name__, expected)
    if len(value) > MOST_NAMES:
        raise TaskError(str(found.place), field, f"{len(value)} names", f"at most {MOST_NAMES}")
    wrong = [name for name in value if not isinstance(name, str)]
    if wrong:
        raise TaskError(str(found.place), field, f"a list with {type(wrong[0]).__name__}", expected)
    return tuple(dict.fromkeys(value))
