"""Patches from elsewhere are read as their tools write them, and a bad row is one sentence with file, row and field."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import PlanError
from harness.exchange.predictions import read

ROW = {"instance_id": "a__b-1", "model_name_or_path": "org/model", "model_patch": "diff --git a/é b/é\r\n"}
OTHER = ROW | {"instance_id": "a__b-2", "model_patch": None}


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("jsonl", json.dumps(ROW) + "\n\n" + json.dumps(OTHER)),
        ("json", json.dumps([ROW, OTHER], indent=2)),
        ("json", json.dumps({"a__b-1": ROW, "a__b-2": OTHER})),
    ],
    ids=["lines", "list", "object"],
)
def test_all_three_forms_are_read(ending: str, text: str, tmp_path: Path) -> None:
    """Lines, a list, and an object by id give the same; no patch is an empty one, and line ends stay as they are."""
    file = tmp_path / f"p.{ending}"
    file.write_text(text)
    found = [(each.task, each.model, each.patch) for each in read(file)]
    assert found == [("a__b-1", "org/model", "diff --git a/é b/é\r\n".encode()), ("a__b-2", "org/model", b"")]


BAD: list[tuple[str, bytes, str]] = [
    ("no id", json.dumps(ROW | {"instance_id": None}).encode(), "row 2: instance_id: found nothing, expected text"),
    ("id of another type", json.dumps(ROW | {"instance_id": 3}).encode(), "row 2: instance_id: found int"),
    ("id with a newline", json.dumps(ROW | {"instance_id": "a\nb"}).encode(), "row 2: instance_id: found 'a\\nb', expected 1 to 200 printable"),
    ("no model", json.dumps(ROW | {"model_name_or_path": " "}).encode(), "row 2: model_name_or_path: found ' '"),
    ("patch missing", json.dumps({key: ROW[key] for key in list(ROW)[:2]}).encode(), "row 2: model_patch: found nothing"),
    ("patch as a list", json.dumps(ROW | {"model_patch": []}).encode(), "row 2: model_patch: found list"),
    ("a list for a row", b"[1]", "row 2: found list, expected an object with instance_id"),
    ("no JSON", b"{", "row 2: found Input data was truncated, expected JSON in UTF-8"),
    ("no UTF-8", b'{"instance_id": "\xff"}', "row 2: found 'utf-8' codec"),
    ("not a number", b'{"instance_id": NaN}', "row 2: found JSON is malformed"),
    ("nested", b"[" * 5000, "row 2: found"),
    ("again", json.dumps(ROW).encode(), "row 2: instance_id: found 'a__b-1' of 'org/model' again, expected each once (row 1 has it)"),
]


@pytest.mark.parametrize(("line", "sentence"), [(line, sentence) for _, line, sentence in BAD], ids=[name for name, *_ in BAD])
def test_bad_row_is_one_sentence(line: bytes, sentence: str, tmp_path: Path) -> None:
    """File, row, field, found, expected; nothing of the file is taken then."""
    file = tmp_path / "p.jsonl"
    file.write_bytes(json.dumps(ROW).encode() + b"\n" + line + b"\n")
    with pytest.raises(PlanError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file} ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("name", "data"), [("none.jsonl", None), ("p.txt", b"{}"), ("p.json", b"3"), ("p.jsonl", b"\n"), ("p.json", b"[]")])
def test_file_without_predictions_is_refused(name: str, data: bytes | None, tmp_path: Path) -> None:
    """Missing, of another kind, or empty."""
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(PlanError, match=name):
        read(tmp_path / name)


VALUES = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=12), lambda below: st.lists(below, max_size=3), max_leaves=4)
ROWS = st.dictionaries(st.sampled_from([*ROW, "x"]), VALUES).map(lambda fields: json.dumps(ROW | fields).encode()) | st.binary(max_size=40)


def reads_or_refuses(rows: list[bytes], around: tuple[str, bytes, bytes, bytes]) -> None:
    ending, first, between, last = around
    with tempfile.TemporaryDirectory() as folder, suppress(PlanError):
        file = Path(folder) / f"p.{ending}"
        file.write_bytes(first + between.join(rows) + last)
        assert all(each.task and each.model for each in read(file))


def often(cases: int) -> Callable[[], None]:
    around = st.sampled_from([("jsonl", b"", b"\n", b""), ("json", b"[", b",", b"]"), ("json", b'{"a":', b',"b":', b"}")])
    return settings(max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck))(given(st.lists(ROWS, max_size=4), around)(reads_or_refuses))


def test_anything_is_predictions_or_a_sentence() -> None:
    """Three hundred made-up files are read or refused by name."""
    often(300)()


@pytest.mark.long
def test_anything_is_predictions_or_a_sentence_at_length() -> None:
    """Ten thousand."""
    often(10_000)()
