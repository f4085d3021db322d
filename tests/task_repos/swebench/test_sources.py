"""Rows from other places than lines of JSON: Parquet tables, and folders of tasks as the package swebench reads them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.core.errors import TaskError
from harness.core.task import ImageBuild, ImageTag, Official
from task_repos.swebench import create

from .conftest import CLASSIC, MODERN, ROOT

TASK = "instance_id: {name}\nrepo: owner/name\nversion: '1.0'\nbase_commit: {base}\nsplit: {split}\nimage: example/image:1\nlog_parser: parse_log_pytest\neval_type: pass_and_fail\ndatasets: [owner/set]\ncreated_at: 2024-05-06\n"


def write_task(folder: Path, name: str, split: str = "test", **files: str | None) -> Path:
    """One task of the package's format; `files` by name with the dot as `__`, None leaves one out."""
    place = folder / "tasks" / name
    place.mkdir(parents=True)
    texts: dict[str, str | None] = {
        "task.yaml": TASK.format(name=name, base="a" * 40, split=split),
        "tests.json": json.dumps({key: MODERN[key] for key in ("FAIL_TO_PASS", "PASS_TO_PASS")}),
        "problem_statement.md": MODERN["problem_statement"], "gold.patch": MODERN["patch"].replace("\n-old", "\n-old\r"),
        "test.patch": MODERN["test_patch"], "eval.sh": MODERN["eval_script"], "Dockerfile": "FROM example\n",
    }  # fmt: skip
    for file, text in (texts | {key.replace("__", "."): text for key, text in files.items()}).items():
        if text is not None:
            (place / file).write_bytes(text.encode())
    return place


def test_parquet_rows_are_tasks_and_a_bad_one_is_named(tmp_path: Path) -> None:
    """A table gives the same tasks as lines do, dates and nulls included; an ill-typed row between them is a complaint with its number."""
    rows: list[dict[str, Any]] = [MODERN | {"image": None, "eval_script": None}, MODERN | {"instance_id": "a/b"}, MODERN | {"instance_id": "third"}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    table, lines = (create(path=str(tmp_path / f"rows.{ending}")) for ending in ("parquet", "jsonl"))
    assert [task.digest for task in table] == [task.digest for task in lines]
    (fault,) = table.faults
    assert str(fault).startswith(f"{tmp_path / 'rows.parquet'} row 2: instance_id: found 'a/b'")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"not a table"])
def test_file_that_is_no_table_is_one_complaint(data: bytes, tmp_path: Path) -> None:
    """A file that only calls itself Parquet gives no task and one sentence."""
    (tmp_path / "rows.parquet").write_bytes(data)
    source = create(path=str(tmp_path / "rows.parquet"))
    assert list(source) == []
    (fault,) = source.faults
    assert str(fault).endswith("expected a Parquet file of rows")


def test_without_pyarrow_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    """Where the extra is not installed, Parquet is refused with the command that brings it; lines of JSON need nothing."""
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    (tmp_path / "rows.jsonl").write_text(json.dumps(MODERN) + "\n")
    code = f"import sys; sys.modules['pyarrow'] = None; from harness.cli.main import main; main(['tasks', 'swebench:{tmp_path}/rows.' + sys.argv[1]])"
    done = [subprocess.run([sys.executable, "-c", code, ending], capture_output=True, check=False, cwd=ROOT, text=True) for ending in ("parquet", "jsonl")]
    assert [one.returncode for one in done] == [2, 0]
    assert done[0].stderr.count("\n") == 1
    assert "pip install 'longhaul[parquet]'" in done[0].stderr
    assert MODERN["instance_id"] in done[1].stdout


def test_folder_of_tasks_is_read_through_the_package(tmp_path: Path) -> None:
    """Published tasks are tasks with the folder's words, bytes and Dockerfile; others come when their split is named; each bad one is named."""
    (tmp_path / "sweb.yaml").write_text("datasets: [owner/set]\nsplits: [test]\n")
    good = write_task(tmp_path, "owner__name-1")
    write_task(tmp_path, "owner__name-2", "deprecated")
    write_task(tmp_path, "owner__name-3", eval__sh=None)
    write_task(tmp_path, "owner__name-4", task__yaml="instance_id: [a\n")
    write_task(tmp_path, "owner__name-5", task__yaml=TASK.format(name="other", base="a", split="test"))
    write_task(tmp_path, "owner__name-6", tests__json='{"FAIL_TO_PASS": {"a": 1}, "PASS_TO_PASS": []}')
    source = create(path=str(tmp_path), source="swebench:here")
    (task,) = source
    assert isinstance(task.check, Official)
    assert task.place.image == ImageTag("example/image:1", ImageBuild(str(good)))
    assert (task.solution.diff.count(b"\r"), task.provenance.created, task.provenance.source) == (1, "2024-05-06", "swebench:here")  # type: ignore[union-attr]
    assert json.loads(task.check.row)["eval_script"] == MODERN["eval_script"]
    told = [str(fault) for fault in source.faults]
    wanted = ("-3: found no file eval.sh", "-4: found while parsing", "-5: instance_id: found 'other'", "-6: FAIL_TO_PASS: found dict")
    assert all(word in sentence for word, sentence in zip(wanted, told, strict=True))
    assert [task.id for task in create(path=str(tmp_path), split="deprecated")] == ["owner__name-2"]


@pytest.mark.parametrize(("config", "sentence"), [("datasets: []\n", "does not name any datasets"), ("a: [\n", "sweb.yaml: found while parsing")])
def test_folder_with_bad_settings_is_one_complaint(config: str, sentence: str, tmp_path: Path) -> None:
    """Settings that can't be read stand for the whole folder."""
    (tmp_path / "sweb.yaml").write_text(config)
    source = create(path=str(tmp_path))
    assert list(source) == []
    assert sentence in str(source.faults[0])


def test_yaml_that_unfolds_without_end_hides_no_other_task(tmp_path: Path) -> None:
    """Aliases of aliases cost neither the reader nor its neighbours anything."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    write_task(tmp_path, "bomb", task__yaml=bomb + "instance_id: bomb\nrepo: [*a59]\n")
    write_task(tmp_path, "good")
    source = create(path=str(tmp_path))
    assert [task.id for task in source] == ["good"]
    assert "repo: found list" in str(source.faults[0])


def test_row_without_an_image_falls_back_to_nothing(tmp_path: Path) -> None:
    """A plain row has the published image and no other way to one."""
    (tmp_path / "rows.jsonl").write_text(json.dumps(CLASSIC) + "\n")
    (task,) = create(path=str(tmp_path / "rows.jsonl"))
    assert task.place.image == ImageTag("swebench/sweb.eval.x86_64.owner_1776_name-1:latest")
    with pytest.raises(TaskError, match="a folder without any of them"):
        create(path=str(tmp_path))
