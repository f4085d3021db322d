"""Patches that were made elsewhere, as SWE-bench's tools write them: instance_id, model_name_or_path, model_patch, in JSON or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import PlanError
from harness.core.regular import read_regular

ENDINGS: Final = (".json", ".jsonl")
LARGEST: Final = 64 << 20
"""Characters of one patch."""
LONGEST_NAME: Final = 200
EXPECTED: Final = "JSON lines, a JSON list or a JSON object of predictions"


class Prediction(msgspec.Struct, frozen=True):
    """A unified diff against the task's base, by whom it was made, and where it stands (file and row, counted from 1)."""

    task: str
    model: str
    patch: bytes
    place: str


def read(file: Path) -> tuple[Prediction, ...]:
    """Every prediction, in the file's order. Raises PlanError naming file, row and field."""
    try:
        data = read_regular(file)
    except OSError as fault:
        raise PlanError(str(file), "", fault.strerror or str(fault), EXPECTED) from fault
    if file.suffix not in ENDINGS:
        raise PlanError(str(file), "", f"a name that ends with {file.suffix!r}", " or ".join(ENDINGS))
    found = tuple(_prediction(where, row) for where, row in _rows(file, data))
    if not found:
        raise PlanError(str(file), "", "no prediction", EXPECTED)
    _once(found)
    return found


def _rows(file: Path, data: bytes) -> Iterator[tuple[str, object]]:
    """Place and value of each row; an object of a whole file holds its rows by id."""
    if file.suffix == ".jsonl":
        for number, line in enumerate(data.split(b"\n"), 1):
            if line.strip():
                yield f"{file} row {number}", _decoded(f"{file} row {number}", line)
        return
    whole = _decoded(str(file), data)
    if not isinstance(whole, list | dict):
        raise PlanError(str(file), "", type(whole).__name__, EXPECTED)
    rows = whole.values() if isinstance(whole, dict) else whole
    yield from ((f"{file} row {number}", row) for number, row in enumerate(rows, 1))


def _decoded(where: str, data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise PlanError(where, "", str(fault) or type(fault).__name__, "JSON in UTF-8") from fault


def _prediction(where: str, row: object) -> Prediction:
    if not isinstance(row, dict):
        raise PlanError(where, "", type(row).__name__, "an object with instance_id, model_name_or_path, model_patch")
    patch = row.get("model_patch")
    text = "" if patch is None and "model_patch" in row else _text(where, row, "model_patch")
    if len(text) > LARGEST:
        raise PlanError(where, "model_patch", f"{len(text)} characters", f"at most {LARGEST}")
    return Prediction(_name(where, row, "instance_id"), _name(where, row, "model_name_or_path"), text.encode(), where)


def _name(where: str, row: dict[str, object], field: str) -> str:
    text = _text(where, row, field)
    if not (0 < len(text) <= LONGEST_NAME and text.isprintable() and text.strip() == text):
        raise PlanError(where, field, repr(text[:80]), f"1 to {LONGEST_NAME} printable characters without blanks around")
    return text


def _text(where: str, row: dict[str, object], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise PlanError(where, field, "nothing" if value is None else type(value).__name__, "text")
    return value


def _once(found: tuple[Prediction, ...]) -> None:
    """One patch of one model for each task. Raises PlanError."""
    seen: dict[tuple[str, str], str] = {}
    for each in found:
        first = seen.setdefault((each.task, each.model), each.place)
        if first != each.place:
            raise PlanError(each.place, "instance_id", f"{each.task!r} of {each.model!r} again", f"each once (row {first.rpartition(' ')[2]} has it)")
