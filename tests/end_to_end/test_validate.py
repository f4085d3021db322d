"""`longhaul validate` on tasks that are no tasks: each is invalid by its own reason, with the log that shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.tiny import FILES, longhaul, write_task

pytestmark = pytest.mark.docker

PASSING = "def test_add():\n    pass\n"
COMMAND = FILES["tests/longhaul.toml"].replace("python3 -m pytest", "no-such-runner")
BAD = {"oracle-fails": "oracle_fails", "idle-passes": "idle_passes", "tests-cannot-run": "cannot_run"}
Told = tuple[Path, dict[str, Any], int]


@pytest.fixture(scope="module")
def told(base_image: object, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Home, the JSON of one validation of a healthy task beside three bad ones, and its exit code."""
    home = tmp_path_factory.mktemp("validate")
    write_task(home / "tasks", "healthy")
    write_task(home / "tasks", "oracle-fails", solve="#!/bin/sh\ntrue\n")
    write_task(home / "tasks", "idle-passes", test_add=PASSING)
    write_task(home / "tasks", "tests-cannot-run", longhaul=COMMAND)
    done = longhaul(home, "validate", f"harbor:{home / 'tasks'}", "-n", "2", "--json")
    assert "Traceback" not in done.stderr
    return home, json.loads(done.stdout), done.returncode


def test_each_bad_task_is_invalid_by_its_own_reason(told: Told) -> None:
    """Exit 1; an oracle that fails, an idle that passes and tests that can't run are told apart, and the healthy one stays healthy."""
    _, body, code = told
    assert code == 1
    assert {each["task"]: each["reason"] for each in body["tasks"]} == BAD | {"healthy": ""}
    assert {each["task"] for each in body["tasks"] if each["healthy"]} == {"healthy"}
    assert {each["task"]: each["oracle"] for each in body["tasks"] if each["reason"] != "cannot_run"} == {
        "healthy": [2, 2], "oracle-fails": [0, 2], "idle-passes": [2, 2],
    }  # fmt: skip


@pytest.mark.parametrize(("task", "words"), [("oracle-fails", "test_add"), ("idle-passes", "test_add"), ("tests-cannot-run", "no-such-runner")])
def test_the_log_of_a_bad_task_is_named_and_shows_why(told: Told, task: str, words: str) -> None:
    """Sentences stand with the verdict, and `longhaul show` of the run and trial that it names holds what the tests printed."""
    home, body, _ = told
    (found,) = (each for each in body["tasks"] if each["task"] == task)
    assert found["evidence"]
    shown = longhaul(home, "show", found["run"], found["trial"], "--raw")
    assert shown.returncode == 0
    assert words in shown.stdout


def test_a_person_is_told_the_reason_and_where_the_log_is(base_image: object, tmp_path: Path) -> None:
    """The table says why, and the command that shows the log works as printed."""
    task = write_task(tmp_path, "oracle-fails", solve="#!/bin/sh\ntrue\n")
    done = longhaul(tmp_path, "validate", f"harbor:{task}", "-n", "1")
    assert done.returncode == 1
    assert "oracle_fails" in done.stdout
    command = re.search(r"longhaul (show \S+ t\d+)", done.stdout)
    assert command, done.stdout
    assert "oracle" in longhaul(tmp_path, *command[1].split()).stdout


def test_a_dockerfile_that_fails_leaves_a_log_and_the_other_tasks(base_image: object, tmp_path: Path) -> None:
    """A task whose image can't be built is invalid with the line and the log of the build, and what is healthy is still proved."""
    write_task(tmp_path / "tasks", "healthy")
    write_task(tmp_path / "tasks", "no-image", Dockerfile=FILES["environment/Dockerfile"] + f"RUN echo out of luck in {tmp_path.name}; exit 7\n")
    words = ("validate", f"harbor:{tmp_path / 'tasks'}", "-n", "1", "--json")
    refused = longhaul(tmp_path, *words, "--no-build")
    assert (refused.returncode, "--no-build forbids" in refused.stdout) == (2, True), refused.stdout
    done = longhaul(tmp_path, *words)
    assert done.returncode == 1, done.stdout + done.stderr
    told = {each["task"]: each for each in json.loads(done.stdout)["tasks"]}
    assert (told["healthy"]["healthy"], told["healthy"]["oracle"]) == (True, [1, 1])
    assert (told["no-image"]["reason"], told["no-image"]["oracle"]) == ("cannot_run", [0, 0])
    (sentence,) = told["no-image"]["evidence"]
    assert "line 5: RUN echo out of luck" in sentence
    log = re.search(r"log: (\S+\.log)", sentence)
    assert log, sentence
    assert "out of luck" in Path(log[1]).read_text()
