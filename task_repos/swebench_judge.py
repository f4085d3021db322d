"""The package's verdict on a log, asked of a process of its own, and what of it goes on record."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

from harness.core.errors import SandboxError
from harness.core.task import Official
from harness.core.trial import TestResult
from task_repos.swebench_process import said, surroundings

Status: TypeAlias = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
STATUSES: Final[dict[str, Status]] = {
    "PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed", "XPASS": "xpassed",
}  # fmt: skip
CHILD_S: Final = 300.0
READY: Final = b"ready\n"


def ask(check: Official, log: bytes, python: str = sys.executable) -> dict[str, Any]:
    """The package's answer, from a process with a folder of its own and nothing of our environment.

    A log that it chokes on is answered as unread: the graded work wrote that log, so it is no fault of the world.
    Raises SandboxError when the child itself can't work.
    """
    with tempfile.TemporaryDirectory(prefix="longhaul-swebench-") as folder:
        file = Path(folder) / "test_output.txt"
        file.write_bytes(log)
        asked = {"row": msgspec.json.decode(check.row), "log": str(file)}
        try:
            done = subprocess.run(
                (python, "-P", "-m", "task_repos.swebench_child"), input=msgspec.json.encode(asked),
                capture_output=True, check=False, cwd=folder, env=surroundings(folder), timeout=CHILD_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"unread": f"the package swebench could not read the log in {CHILD_S:g} s"}
    if done.returncode and done.stdout.startswith(READY):
        return {"unread": f"the package swebench could not read the log: {said(done.stderr)}"}
    if done.returncode:
        raise SandboxError(f"the package swebench gave no verdict: {said(done.stderr)}")
    answer: dict[str, Any] = msgspec.json.decode(done.stdout.removeprefix(READY))
    return answer


def results(check: Official, statuses: dict[str, str], report: dict[str, Any]) -> tuple[TestResult, ...]:
    """Each listed test that the log shows, or that the package counts by rules of its own (ids cut short, absence as success). Pure."""
    counted = report.get("tests_status", {})
    good = {name for kind in ("FAIL_TO_PASS", "PASS_TO_PASS") for name in counted.get(kind, {}).get("success", ())}
    listed = dict.fromkeys((*check.fail_to_pass, *check.pass_to_pass))
    found = ((name, STATUSES.get(statuses.get(name, ""), "passed" if name in good else None)) for name in listed)
    return tuple(TestResult(name, status) for name, status in found if status is not None)


def sentence(report: dict[str, Any], version: str) -> str:
    """What the report says, in a line. Pure."""
    by = f"swebench {version}"
    if report["resolved"]:
        return f"{by}: resolved"
    if not report["patch_successfully_applied"]:
        # The package's name for it misleads: the work was laid in; the log could not be used.
        why = f" ({report['infra_failure_reason']})" if report.get("infra_failure_reason") else ""
        return f"{by}: unresolved, no usable test output{why}"
    status = report["tests_status"]
    failed = [len(status[kind]["failure"]) for kind in ("FAIL_TO_PASS", "PASS_TO_PASS")]
    return f"{by}: unresolved, {failed[0]} FAIL_TO_PASS and {failed[1]} PASS_TO_PASS tests fail"
