"""One reading of test runs and formatters: which calls run tests, and whose changes are a tool's."""

from __future__ import annotations

import pytest

from harness.metrics.context.done.runners import ran_tests, tools
from harness.metrics.context.done.runners import tests as meant
from harness.metrics.context.scene import Did

RUNS = (
    "pytest -q", "cd pkg && python -m pytest tests", "FOO=1 .venv/bin/pytest", "bash -c 'cd x && pytest'", "make -s unit-tests", "npm run test:unit",
    "go test ./...", "python -m unittest discover", "pip install -e . && pytest", "pytest 2>&1 | tail -5", "./gradlew test", "uv run pytest",
)
NONE = (
    "pip install pytest", "cat pytest.ini", "grep -rn pytest .", "git commit -m 'make tests pass'", "echo pytest", "cat > t.py <<EOF\nimport pytest\nEOF",
    "ls tests", "which pytest", "vim tests/test_a.py", "python build.py", "",
)  # fmt: skip
TOOLS = (
    "black .", "python3 -m black pkg", "cd . && ruff format pkg 2>&1 | tail -3", "ruff check --fix .; ruff format", "npx prettier -w src", ".venv/bin/isort .",
    "pytest -q", "cd pkg && python -m pytest 2>/dev/null", "make format && git add -A", "pytest && black . && git commit -am x",
    "./run_tests.sh", "sh scripts/run-all-tests.sh", "python tests/test_a.py", "python ledger_test.py", "bash check.sh && git status", "./unit_tests.sh 2>&1 | tail -3",
)
OWN = ("black . && sed -i s/a/b/ x", "black . && echo x > y", "sed -i s/a/b/ x && pytest", "pytest > out.txt", "python fix.py", "echo done", "ls",
    "python update_tests.py", "sh ./fix_tests.sh", "python scripts/check_rename.py", "cd x && python rewrite_checks.py", "./migrate_tests.sh && pytest",
    "python -m pytest tests && python migrate_tests.py", "black . && bash regenerate-tests.sh",
)  # fmt: skip


def shell(command: str, *, problem: str = "") -> Did:
    return Did("c", "shell", "", {"command": command}, ok=True, exit_code=1, problem=problem, blame=None, output="", digest="", part="", before="a",
               after="b", seq=1, returned=2)  # fmt: skip


@pytest.mark.parametrize("command", RUNS)
def test_a_part_that_runs_tests_is_a_test_run(command: str) -> None:
    """Whatever stands before and after it."""
    assert (meant(shell(command)), ran_tests(shell(command))) == (True, True)


@pytest.mark.parametrize("command", NONE)
def test_speaking_of_a_runner_is_no_test_run(command: str) -> None:
    """Installing, looking for, printing or importing it."""
    assert not meant(shell(command))


def test_a_run_that_only_lists_or_never_ran_is_none() -> None:
    """It was meant, and ran nothing."""
    assert [(meant(one), ran_tests(one)) for one in (shell("pytest --collect-only"), shell("pytest", problem="refused"))] == [(True, False)] * 2


@pytest.mark.parametrize("command", TOOLS)
def test_what_a_formatter_or_a_test_run_changes_is_a_tools(command: str) -> None:
    """Every part of the command is one, or writes nothing."""
    assert tools(shell(command))


@pytest.mark.parametrize("command", OWN)
def test_what_a_command_beside_it_may_have_changed_is_the_agents(command: str) -> None:
    """Nobody can tell the two apart: strict."""
    assert not tools(shell(command))


def test_a_long_line_is_read_in_no_time_that_matters() -> None:
    """Only its beginning is, and no part of it twice."""
    for words in ("make " * 4000, "python -m " * 4000, "/" * 40_000, ";" * 40_000, "A=1 " * 9000, "\"'" * 9000):
        assert not tools(shell(words))
        assert not meant(shell(words))
