"""A bundled task's repository in a temporary folder: at base, solved, mutated, and judged by its hidden tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).resolve().parents[3]
BUNDLED: Final = ROOT / "task_repos" / "bundled"
HERE: Final = Path(__file__).resolve().parent
TASKS: Final = ("weather-spread", "scheduler-split")
DEADLINE_S: Final = 300


def base_copy(task: str, place: Path) -> Path:
    """The repository as the agent finds it, below `place`."""
    return shutil.copytree(
        BUNDLED / task / "environment" / "repo",
        place / "work",
        ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"),
    )


def solve(task: str, work: Path) -> None:
    """Run the task's own solve.sh on the copy."""
    script = BUNDLED / task / "solution" / "solve.sh"
    run(["bash", str(script)], work, WORKSPACE=str(work))


def apply(patch: Path, work: Path) -> None:
    """Apply a patch to the copy; git passes over the lines before the first header."""
    run(["git", "apply", "--whitespace=nowarn", str(patch)], work, GIT_CEILING_DIRECTORIES=str(work.parent))


def judge(task: str, work: Path, *, kept: bool = True) -> dict[str, bool]:
    """Every hidden test by node id and whether it passed; `kept` adds the graded copies of the visible suite."""
    hidden = work / "tests" / "hidden"
    shutil.rmtree(hidden, ignore_errors=True)
    shutil.copytree(BUNDLED / task / "tests" / "hidden", hidden, ignore=shutil.ignore_patterns("__pycache__"))
    return outcomes(work, "tests/hidden", *(() if kept else ("--ignore=tests/hidden/kept",)))


def outcomes(work: Path, *arguments: str) -> dict[str, bool]:
    """Run pytest in a process of its own and read what became of each test, by node id."""
    report = work.parent / "report.xml"
    report.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
    subprocess.run(argv, cwd=work, env=clean_environment(), capture_output=True, check=False, timeout=DEADLINE_S)
    cases = ET.parse(report).iter("testcase")
    return {node_id(case): not {"failure", "error", "skipped"} & {child.tag for child in case} for case in cases}


def node_id(case: ET.Element) -> str:
    """The node id of a report's test case; graded tests are functions, so that the class name is the file."""
    return f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name']}"


def graded(task: str) -> dict[str, list[str]]:
    """The task's ids: fail_to_pass and pass_to_pass."""
    ids: dict[str, list[str]] = json.loads((BUNDLED / task / "tests" / "ids.json").read_text(encoding="utf-8"))
    return ids


def run(argv: list[str], work: Path, **environment: str) -> str:
    """Run a command in the copy and return its output; a failure shows what the command said."""
    done = subprocess.run(
        argv,
        cwd=work,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def clean_environment() -> dict[str, str]:
    """The environment without what would steer pytest or Python, and without byte code left behind."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON", "GIT_", "COV_"))
    }
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}
