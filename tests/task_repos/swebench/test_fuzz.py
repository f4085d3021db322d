"""Whatever stands in a file, reading it gives rows and complaints, never another error: tried on made-up rows, lists, diffs and bytes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import TaskError
from task_repos.swebench import create
from task_repos.swebench_diff import malformed
from task_repos.swebench_rows import Place, decode, read_row

from .conftest import CLASSIC, MODERN, TEST_PATCH

DAILY, LONG = 300, 10_000
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda below: st.lists(below) | st.dictionaries(st.text(), below), max_leaves=6)
ROWS = st.dictionaries(st.sampled_from([*MODERN, "test_cmd", "image_assets"]) | st.text(), VALUES)
FILES = st.lists(ROWS.map(lambda fields: json.dumps(MODERN | fields).encode()) | st.binary(max_size=60), max_size=5)
PIECES = st.sampled_from([*TEST_PATCH.splitlines(keepends=True), "rename from x\n", "rename to ../y\n", "GIT binary patch\n", "@@ -0,0 +1,9 @@\n", '--- "a/\\777\\n"\n', "\0", "\r\n"])
DIFFS = st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join)


def read_file(pieces: list[bytes], ending: str, around: tuple[bytes, bytes, bytes]) -> None:
    """Every task has an id of the rows, every fault is a sentence in one line that names the file."""
    first, between, last = around
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"rows.{ending}"
        file.write_bytes(first + between.join(pieces) + last)
        source = create(path=str(file), test_command="pytest", parser="pytest")
        assert all(task.id and task.digest for task in source)
        for fault in source.faults:
            assert isinstance(fault, TaskError)
            assert str(fault).startswith(str(file))
            assert "\n" not in fault.complaint.field


def read_fields(fields: dict[str, object]) -> None:
    """A row or a complaint."""
    found = decode(Place("f", 1), json.dumps(MODERN | fields).encode())
    with suppress(TaskError):
        if not isinstance(found, TaskError):
            assert read_row(found).instance_id == (MODERN | fields)["instance_id"]


def read_diff(diff: str) -> None:
    """A sentence or none, and a row whose patch it is becomes a task or a complaint."""
    malformed(diff)
    read_fields(CLASSIC | {"eval_script": "", "test_patch": diff, "patch": diff})


def claims(cases: int) -> tuple[Callable[[], None], ...]:
    """Each claim over this many cases."""
    often = settings(max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck))
    around = st.sampled_from([("jsonl", (b"", b"\n", b"")), ("json", (b"[", b",", b"]")), ("json", (b"", b"\n", b"\n")), ("parquet", (b"PAR1", b"", b"PAR1"))])
    return (
        often(given(ROWS)(read_fields)),
        often(given(DIFFS)(read_diff)),
        often(given(FILES, around)(lambda pieces, how: read_file(pieces, *how))),
    )


@pytest.mark.parametrize("claim", claims(DAILY), ids=["fields", "diffs", "files"])
def test_anything_is_a_row_or_a_complaint(claim: Callable[[], None]) -> None:
    """Three hundred made-up inputs of each kind end in tasks and sentences."""
    claim()


@pytest.mark.long
@pytest.mark.parametrize("claim", claims(LONG), ids=["fields", "diffs", "files"])
def test_anything_is_a_row_or_a_complaint_at_length(claim: Callable[[], None]) -> None:
    """Ten thousand of each kind."""
    claim()
