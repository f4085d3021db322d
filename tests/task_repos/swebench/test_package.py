"""The contract with the package swebench: the five things that we use of it, through the child that uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import SandboxError
from harness.core.task import Official
from task_repos.swebench import create
from task_repos.swebench_judge import ask, results
from task_repos.swebench_script import EXIT, TIMED_OUT, compose
from task_repos.swebench_upgrade import END, LOG_FORMATS, START, parser_name

from .conftest import MODERN, ROOT

ONE, TWO = "tests/test_a.py::test_one", "tests/test_a.py::test_two"


def check_of(write: Callable[..., Path], **changes: Any) -> Official:
    (task,) = create(path=str(write(MODERN | changes)))
    assert isinstance(task.check, Official)
    return task.check


def test_markers_are_the_package_s_own() -> None:
    """The words that we write into the log are those that the installed version looks for."""
    code = "import swebench.harness.constants as c; print(c.START_TEST_OUTPUT, c.END_TEST_OUTPUT, c.TEST_EXIT_CODE, c.TESTS_TIMEOUT, sep='|')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, env={"PYTHON_DOTENV_DISABLED": "1"})
    assert done.stdout.strip().split("|") == [START, END, EXIT, TIMED_OUT]


def test_front_door_builds_the_same_spec_from_our_row(rows: Callable[..., Path]) -> None:
    """The package's own make_test_spec takes the row that we give its child: no field is missing or of another name."""
    row = check_of(rows).row
    code = "import sys, json; from swebench.harness.utils import make_test_spec; s = make_test_spec(json.load(sys.stdin)); print(s.instance_id, s.log_parser, s.FAIL_TO_PASS)"
    done = subprocess.run([sys.executable, "-c", code], input=row, capture_output=True, check=True, text=True, env={"PYTHON_DOTENV_DISABLED": "1", "HF_HUB_OFFLINE": "1"})
    assert done.stdout.strip() == f"owner__name-1 parse_log_pytest ['{ONE}']"


@pytest.mark.parametrize("word", ["pytest", "pytest_options", "django", "sympy", *filter(None, LOG_FORMATS)])
def test_log_formats_are_in_the_registry(word: str, rows: Callable[..., Path]) -> None:
    """Every short name of a log format leads to a parser of the package."""
    assert "problem" not in ask(check_of(rows, log_parser=parser_name(word)), compose(b"", b"", 0, timed_out=False))


def test_unknown_parser_is_a_problem_with_the_known_ones(rows: Callable[..., Path]) -> None:
    """A parser that the package has not is answered with its field and the list."""
    problem = ask(check_of(rows, log_parser="mine"), b"")["problem"]
    assert (problem["field"], problem["found"]) == ("log_parser", "parse_log_mine")
    assert "parse_log_pytest" in problem["expected"]


@pytest.mark.parametrize(
    ("output", "code", "resolved", "statuses"),
    [
        (f"PASSED {ONE}\nPASSED {TWO}\n", 0, True, ["passed", "passed"]),
        (f"XFAIL {ONE}\nSKIPPED {TWO}\n", 0, True, ["xfailed", "skipped"]),
        (f"SKIPPED {ONE}\nPASSED {TWO}\n", 0, False, ["skipped", "passed"]),
        (f"FAILED {ONE} - boom\nPASSED {TWO}\n", 1, False, ["failed", "passed"]),
        (f"PASSED {ONE}\n", 0, False, ["passed"]),
        (f"PASSED {ONE}\nPASSED {TWO}\n", 1, False, ["passed", "passed"]),
        ("nothing of use\n", 0, False, []),
    ],
    ids=["both pass", "xfail counts, skip keeps", "skip resolves nothing", "one fails", "one is missing", "passes and exits 1", "no test ran"],
)
def test_verdicts(output: str, code: int, resolved: bool, statuses: list[str], rows: Callable[..., Path]) -> None:
    """The official rules, as the pinned version has them, and the statuses that we record beside."""
    check = check_of(rows)
    answer = ask(check, compose(b"", output.encode(), code, timed_out=False))
    assert answer["report"]["resolved"] is resolved
    assert [result.status for result in results(check, answer["statuses"], answer["report"])] == statuses
    assert answer["version"].startswith("5.")


def test_id_cut_short_is_found_by_its_beginning(rows: Callable[..., Path]) -> None:
    """An id that the dataset cut in its parameters gets the status that the package gives it."""
    check = check_of(rows, FAIL_TO_PASS=[f"{ONE}[a"], PASS_TO_PASS=[])
    answer = ask(check, compose(b"", f"PASSED {ONE}[abc]\n".encode(), 0, timed_out=False))
    assert [(result.id, result.status) for result in results(check, answer["statuses"], answer["report"])] == [(f"{ONE}[a", "passed")]


def test_late_tests_never_resolve(rows: Callable[..., Path]) -> None:
    """A log of tests that ran into the deadline is not resolved, whatever it says."""
    log = compose(b"", f"PASSED {ONE}\nPASSED {TWO}\n".encode(), 0, timed_out=True)
    assert ask(check_of(rows), log)["report"]["resolved"] is False


def test_child_inherits_nothing_of_ours(rows: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours reaches the child: one that would end any Python that sees it does no harm."""
    monkeypatch.setenv("PYTHONHOME", "/nonexistent")
    assert "report" in ask(check_of(rows), compose(b"", b"", 0, timed_out=False))


def test_child_takes_the_short_way_in() -> None:
    """With the pinned version grading is loaded without the package's clients of clouds, hubs and engines."""
    code = "import sys; from task_repos.swebench_child import load; load(); print(sorted({'datasets', 'modal', 'docker', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True)
    assert done.stdout.strip() == "[]"


def test_child_that_can_t_work_is_a_fault_of_the_world(rows: Callable[..., Path]) -> None:
    """A child that fails without an answer is a SandboxError, never a verdict."""
    with pytest.raises(SandboxError, match="gave no verdict"):
        ask(check_of(rows), b"", "/bin/false")


def test_log_that_a_parser_chokes_on_is_unread(rows: Callable[..., Path]) -> None:
    """An exception of the package while it reads is about the log, so it is an answer and no fault of the world."""
    answer = ask(check_of(rows, eval_type="pass_and_fail"), b"no markers at all\n")
    assert answer["unread"].startswith("the package swebench could not read the log: IndexError")


def test_parent_does_not_import_the_package() -> None:
    """Reading rows and loading the grader import nothing of swebench."""
    code = "import sys, json, task_repos.swebench, task_repos.swebench_grader; print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'swebench']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout) == []


def test_version_is_the_one_whose_promises_are_kept_here() -> None:
    """What is installed is within the bounds that the project names, which are those of this contract."""
    named = next(line for line in (ROOT / "pyproject.toml").read_text().splitlines() if '"swebench' in line)
    major, *rest = (int(part) for part in version("swebench").split(".")[:3])
    assert '"swebench>=5.0.2,<6"' in named
    assert (major, rest >= [0, 2]) == (5, True)


def test_reader_of_task_folders_has_the_parts_that_we_use() -> None:
    """The package's own names for files and settings, and what its reader returns for a task."""
    code = "from swebench.task import repo; print(repo.CONFIG_FILE, repo.TASKS_SUBDIR, repo.TASK_FILE, *sorted(repo.AS_FILE.values()), repo.TESTS_FILE, *map(callable, (repo.load_config, repo.load_task, repo.tasks_root)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["sweb.yaml", "tasks", "task.yaml", "eval.sh", "gold.patch", "problem_statement.md", "test.patch", "tests.json", "True", "True", "True"]
