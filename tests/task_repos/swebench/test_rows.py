"""Reading rows: every good one is a task, every bad one a sentence, and none hides another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import TaskError
from harness.core.task import GoldPatch, ImageTag, Official
from task_repos.swebench import NO_COMMAND, create
from task_repos.swebench_grader import refusal

from .conftest import CLASSIC, MODERN, TEST_PATCH

Write = Callable[..., Path]


def complaints(source: Any) -> list[str]:
    list(source)
    return [fault.complaint.sentence() for fault in source.faults]


def test_every_row_of_lite_is_listed(data: Path) -> None:
    """All 300 rows of SWE-bench Lite are read without a complaint, each warned that it can't run."""
    source = create(path=str(data / "swebench_lite" / "rows.jsonl"))
    tasks = list(source)
    assert (len(tasks), len({task.id for task in tasks}), source.faults) == (300, 300, ())
    assert all(NO_COMMAND in task.provenance.warnings for task in tasks)
    assert all(task.provenance.languages == ("python",) and task.provenance.created for task in tasks)
    assert str(refusal(tasks[0])).endswith("the option test_command")


def test_brief_holds_the_issue_and_nothing_hidden(rows: Write) -> None:
    """The agent is told the issue and where; no hint, test name, test patch or fix."""
    (task,) = create(path=str(rows(CLASSIC)), test_command="pytest {files}", parser="pytest")
    text = task.brief.requests[0].text
    assert "It is broken." in text
    assert "/testbed" in text
    assert not task.brief.test_command
    for hidden in ("secret hint", "test_one", "test_two", "test_a", "+new"):
        assert hidden not in text


def test_classic_row_is_upgraded_by_option(rows: Write) -> None:
    """With a command and a parser a classic row becomes one of version 5: restore, tests, markers, command over the test files."""
    (task,) = create(path=str(rows(CLASSIC)), test_command="pytest -rA {files}", parser="pytest")
    assert isinstance(task.check, Official)
    row = json.loads(task.check.row)
    lines = row["eval_script"].splitlines()
    assert lines[:2] + lines[3:4] == ["#!/bin/bash", "set -uxo pipefail", "cd /testbed"]
    assert lines[4:6] == [f"git checkout {'a' * 40} -- tests/test_a.py", "rm -rf -- tests/data.json"]
    start = lines.index(": '>>>>> Start Test Output'")
    assert lines[start + 1 : start + 3] == ["pytest -rA tests/test_a.py", ": '>>>>> End Test Output'"]
    assert row["log_parser"] == "parse_log_pytest"
    assert task.place.image == ImageTag("swebench/sweb.eval.x86_64.owner_1776_name-1:latest")
    assert task.solution == GoldPatch(CLASSIC["patch"].encode())
    assert refusal(task) is None


def test_commands_come_from_a_file_beside(rows: Write) -> None:
    """commands.toml names command, parser and image by repository, the exact version first; the row and an option beat it."""
    file = rows(CLASSIC, CLASSIC | {"instance_id": "owner__name-2", "version": "2.0"}, CLASSIC | {"instance_id": "b", "test_cmd": "own"})
    beside = '["owner/name"]\ntest_command="any"\nparser="django"\n["owner/name@2.0"]\ntest_command="two"\nparser="sympy"\nimage="x/{id}"\n'
    (file.parent / "commands.toml").write_text(beside)
    scripts = [json.loads(task.check.row) for task in create(path=str(file)) if isinstance(task.check, Official)]
    assert ["\nany\n" in scripts[0]["eval_script"], "\ntwo\n" in scripts[1]["eval_script"], "\nown\n" in scripts[2]["eval_script"]] == [True] * 3
    assert [row["log_parser"] for row in scripts] == ["parse_log_django", "parse_log_sympy", "parse_log_django"]
    assert scripts[1]["image"] == "x/owner_1776_name-2"
    (first, *_) = create(path=str(file), test_command="mine")
    assert isinstance(first.check, Official)
    assert "\nmine\n" in json.loads(first.check.row)["eval_script"]


def test_row_of_version_five_is_taken_as_it_is(rows: Write) -> None:
    """Image, script, parser and type of a version 5 row are used verbatim."""
    (task,) = create(path=str(rows(MODERN)))
    assert isinstance(task.check, Official)
    row = json.loads(task.check.row)
    assert {key: row[key] for key in ("image", "eval_script", "log_parser", "eval_type")} == {
        key: MODERN[key] for key in ("image", "eval_script", "log_parser", "eval_type")
    }
    assert task.place.image == ImageTag("example/image:1")
    assert task.provenance.warnings == ()


def test_json_list_and_blank_lines_are_read(tmp_path: Path) -> None:
    """A JSON list works like lines; a blank last line is no row."""
    (tmp_path / "list.json").write_text(json.dumps([CLASSIC, MODERN | {"instance_id": "x"}]))
    (tmp_path / "lines.jsonl").write_text(json.dumps(CLASSIC) + "\n\n\n")
    assert [task.id for task in create(path=str(tmp_path / "list.json"))] == ["owner__name-1", "x"]
    assert [task.id for task in create(path=str(tmp_path / "lines.jsonl"))] == ["owner__name-1"]


BAD: list[tuple[str, object, str]] = [
    ("missing id", {key: value for key, value in CLASSIC.items() if key != "instance_id"}, "instance_id: found nothing"),
    ("id of a wrong type", CLASSIC | {"instance_id": 7}, "instance_id: found int"),
    ("id with a slash", CLASSIC | {"instance_id": "a/b"}, "instance_id: found 'a/b', expected letters"),
    ("id that climbs", CLASSIC | {"instance_id": "../up"}, "instance_id: found '../up'"),
    ("id with a backslash", CLASSIC | {"instance_id": "a\\b"}, "instance_id: found"),
    ("no statement", CLASSIC | {"problem_statement": " "}, "problem_statement: found empty text"),
    ("statement too long", CLASSIC | {"problem_statement": "x" * 1_000_001}, "problem_statement: found 1000001 characters"),
    ("names that are no JSON", CLASSIC | {"FAIL_TO_PASS": "[oops"}, "FAIL_TO_PASS: found text that is no JSON"),
    ("names that are a number", CLASSIC | {"PASS_TO_PASS": 3}, "PASS_TO_PASS: found int"),
    ("a name that is a number", CLASSIC | {"PASS_TO_PASS": [3]}, "PASS_TO_PASS: found a list with int"),
    ("no test at all", CLASSIC | {"FAIL_TO_PASS": "[]", "PASS_TO_PASS": "[]"}, "FAIL_TO_PASS: found no test"),
    ("patch of a wrong type", CLASSIC | {"patch": ["x"]}, "patch: found list"),
    ("classic without a test patch", CLASSIC | {"test_patch": ""}, "test_patch: found nothing"),
    ("script without a parser", MODERN | {"log_parser": ""}, "log_parser: found nothing"),
    ("script without an image", MODERN | {"image": None}, "image: found nothing"),
    ("unknown type", MODERN | {"eval_type": "odd"}, "eval_type: found 'odd'"),
    ("a list in place of a row", [1], "found list, expected a row as a JSON object"),
    ("statement of 50 MB", CLASSIC | {"problem_statement": "x" * 50_000_000}, "problem_statement: found 50000000 characters"),
    ("patch that is no diff", CLASSIC | {"patch": "please change a.py\n"}, "patch: found text without a `diff --git` block"),
    ("patch cut short", CLASSIC | {"patch": CLASSIC["patch"].replace("+new\n", "")}, "patch: found a hunk (line 4) with other lines than its head"),
    ("patch that leads outside", CLASSIC | {"patch": CLASSIC["patch"].replace("a.py", "../a.py")}, "patch: found a change of '../a.py'"),
    ("test patch in git's folder", CLASSIC | {"test_patch": TEST_PATCH.replace("tests/data.json", ".git/hooks/x")}, "test_patch: found a change of '.git/hooks/x'"),
    ("an id again", MODERN | {"instance_id": "good"}, "instance_id: found 'good' again, expected each id once (row 1 has it)"),
]


@pytest.mark.parametrize(("row", "sentence"), [(row, sentence) for _, row, sentence in BAD], ids=[name for name, *_ in BAD])
def test_bad_row_is_one_sentence_and_hides_no_other(row: Any, sentence: str, rows: Write) -> None:
    """A bad row between two good ones is a complaint with file, row and field; both good ones are tasks."""
    file = rows(CLASSIC | {"instance_id": "good"}, row, CLASSIC)
    source = create(path=str(file))
    assert [task.id for task in source] == ["good", "owner__name-1"]
    (found,) = complaints(source)
    assert found.startswith(f"{file} row 2")
    assert sentence in found
    assert "\n" not in found


@pytest.mark.parametrize("line", [b"{", b"\xff\xfe", b"null", b"[" * 5000, b'{"a": NaN}'])
def test_line_that_is_no_object_is_a_complaint(line: bytes, rows: Write) -> None:
    """Broken JSON, foreign bytes, deep nesting: named by row, the rest is read."""
    file = rows(CLASSIC)
    file.write_bytes(file.read_bytes() + line + b"\n")
    source = create(path=str(file))
    assert len(list(source)) == 1
    (found,) = complaints(source)
    assert found.startswith(f"{file} row 2: found ")


def test_one_object_over_many_lines_is_one_row(tmp_path: Path) -> None:
    """A .json file with a single row, printed prettily, is read as that row."""
    (tmp_path / "one.json").write_text(json.dumps(CLASSIC, indent=2))
    assert [task.id for task in create(path=str(tmp_path / "one.json"))] == ["owner__name-1"]


def test_missing_file_and_folder_without_instances_are_refused(tmp_path: Path) -> None:
    """A source that is not there is refused when it is named."""
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(TaskError, match=r"expected a file of rows, a folder of tasks .*, or a folder with instances\.jsonl"):
            create(path=str(path))


def test_digest_follows_what_is_judged(rows: Write) -> None:
    """The digest is the same for the same row, wherever it lies, and another when command, statement or fix differ."""
    def digest(row: dict[str, Any], **options: str) -> str:
        (task,) = create(path=str(rows(row)), **options)
        return task.digest

    same = {digest(CLASSIC), digest(CLASSIC | {"hints_text": "other"})}
    others = {digest(CLASSIC | {"problem_statement": "x"}), digest(CLASSIC | {"patch": CLASSIC["patch"].replace("+new", "+y")}), digest(CLASSIC, test_command="z")}
    assert len(same) == 1
    assert len(others) == 3
    assert not same & others
