"""The official verdict on a row: a fresh container, the work laid in, the eval script in phases, its log judged by the package in a child."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, TypeAlias

import msgspec

from harness.core.errors import SandboxError, TaskError
from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import Official, TaskSpec
from harness.core.trial import TestResult
from task_repos import swebench_script as script
from task_repos.swebench_apply import lay
from task_repos.swebench_upgrade import END, START

Status: TypeAlias = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
STATUSES: Final[dict[str, Status]] = {
    "PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed", "XPASS": "xpassed",
}  # fmt: skip
MODE: Final = "fresh"
PREPARE_S: Final = 600.0
CHILD_S: Final = 300.0
READY: Final = b"ready\n"
ROOT: Final = Path(__file__).resolve().parents[1]


def create() -> Grader:
    """The grader of checks that name this module."""
    return Grader()


def refusal(task: TaskSpec) -> TaskError | None:
    """Why a task that could be listed can't be run, or None; for asking before anything starts. Pure."""
    check = task.check
    if not isinstance(check, Official):
        return TaskError(task.provenance.source, task.id, type(check).__name__, "a check by the package swebench")
    row = msgspec.json.decode(check.row)
    if not row.get("eval_script"):
        expected = "a test command: the row's own test_cmd, commands.toml beside the rows, or the option test_command"
        return TaskError(task.provenance.source, f"{task.id} eval_script", "no test command", expected)
    if not row.get("log_parser"):
        expected = "a parser's name: the row's own log_parser, commands.toml beside the rows, or the option parser"
        return TaskError(task.provenance.source, f"{task.id} log_parser", "nothing", expected)
    if script.split(row["eval_script"]) is None:
        expected = f"one line with '{START}' and a later one with '{END}'"
        return TaskError(task.provenance.source, f"{task.id} eval_script", "other markers", expected)
    return None


class Grader(msgspec.Struct, frozen=True):
    """The Grader port for `Official` checks over SWE-bench rows."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """Phases apply, prepare, test, official go on record; the last one's `reward` is 1.0 when the package says resolved.

        Its `log` is the package's report as JSON, the log that was judged is the test phase's. Raises SandboxError, TaskError.
        """
        refused = refusal(order.task)
        if refused is not None:
            raise refused
        check = order.task.check
        assert isinstance(check, Official)
        with sandboxes.open(Order(order.image, order.task.place, (*order.labels, ("purpose", "grading")))) as sandbox:
            record(SandboxOpened("grading", sandbox.facts))
            log = Run(sandbox, blobs, record).perform(check, order.patch)
            record(ResourcesSeen(sandbox.resources()))
        if log is not None:
            official(check, order, log, blobs, record)


class Run(msgspec.Struct, frozen=True):
    """The phases in one grading container."""

    sandbox: Sandbox
    blobs: Blobs
    record: Record

    def perform(self, check: Official, patch: Patch) -> bytes | None:
        """The log for the package, or None when the work could not be laid in. Raises SandboxError."""
        trouble = lay(patch, self.sandbox)
        self.record(GradeRan("apply", MODE, not trouble, None, None, 0.0, detail=trouble))
        if trouble:
            return None
        phases = script.split(msgspec.json.decode(check.row)["eval_script"])
        assert phases is not None
        room = f"/tmp/longhaul-{secrets.token_hex(8)}"  # noqa: S108 - in the container; its name is not known beforehand
        before = self.bash(script.saving(phases.prepare, f"{room}.state"), f"{room}.prepare", PREPARE_S)
        self.said("prepare", before, before.stdout)
        if before.ended is Ended.DEADLINE:
            return script.compose(before.stdout, b"", before.exit_code, timed_out=True)
        test = self.bash(script.restoring(phases.test, f"{room}.state"), f"{room}.test", check.deadline)
        log = script.compose(before.stdout, test.stdout, test.exit_code, timed_out=test.ended is Ended.DEADLINE)
        self.said("test", test, log)
        return log

    def bash(self, text: str, file: str, deadline: float) -> Exec:
        """One script, both streams in one as written. Raises SandboxError."""
        try:
            self.sandbox.write(PurePosixPath(file), text.encode())
        except OSError as fault:
            raise SandboxError(f"the grading container takes no file in /tmp: {fault}") from fault
        # The status comes from the engine's side, so that no output can pass for it.
        return self.sandbox.exec(("bash", "-c", f"exec bash {file} 2>&1 </dev/null"), deadline=deadline)

    def said(self, phase: Literal["prepare", "test"], done: Exec, log: bytes) -> None:
        """A preparing script may end with any status: only the tests judge."""
        cut = done.stdout_total - len(done.stdout)
        detail = f"{cut} bytes of output were not kept" if cut > 0 else ""
        ended = done.ended is Ended.EXITED
        blob = self.blobs.put(log)
        self.record(GradeRan(phase, MODE, ended, done.exit_code, done.ended, done.seconds, detail=detail, log=blob))


def official(check: Official, order: GradeOrder, log: bytes, blobs: Blobs, record: Record) -> None:
    """Ask the package, and put its verdict on record. Raises TaskError for a parser that it does not know."""
    answer = ask(check, log)
    if "problem" in answer:
        problem = answer["problem"]
        where = f"{order.task.id} {problem['field']}"
        raise TaskError(order.task.provenance.source, where, repr(problem["found"]), problem["expected"])
    if "unread" in answer:
        record(GradeRan("official", "official", False, None, None, 0.0, reward=0.0, detail=answer["unread"]))
        return
    report = answer["report"]
    event = GradeRan(
        "official", "official", bool(report["patch_successfully_applied"]), None, None, 0.0,
        results=results(check, answer["statuses"], report), reward=float(bool(report["resolved"])),
        detail=sentence(report, answer["version"]), log=blobs.put(msgspec.json.encode(report)),
    )  # fmt: skip
    record(event)


def ask(check: Official, log: bytes, python: str = sys.executable) -> dict[str, Any]:
    """The package's answer, from a process with a folder of its own and nothing of our environment.

    A log that it chokes on is answered as unread: the graded work wrote that log, so it is no fault of the world.
    Raises SandboxError when the child itself can't work.
    """
    with tempfile.TemporaryDirectory(prefix="longhaul-swebench-") as folder:
        file = Path(folder) / "test_output.txt"
        file.write_bytes(log)
        asked = {"row": msgspec.json.decode(check.row), "log": str(file)}
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": folder, "HF_HOME": folder, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
            "PYTHON_DOTENV_DISABLED": "1", "HF_HUB_OFFLINE": "1",
        }  # fmt: skip
        try:
            done = subprocess.run(
                (python, "-P", "-m", "task_repos.swebench_child"), input=msgspec.json.encode(asked),
                capture_output=True, check=False, cwd=folder, env=environment, timeout=CHILD_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"unread": f"the package swebench could not read the log in {CHILD_S:g} s"}
    if done.returncode and done.stdout.startswith(READY):
        return {"unread": f"the package swebench could not read the log: {said(done.stderr)}"}
    if done.returncode:
        raise SandboxError(f"the package swebench gave no verdict: {said(done.stderr)}")
    answer: dict[str, Any] = msgspec.json.decode(done.stdout.removeprefix(READY))
    return answer


def said(stderr: bytes) -> str:
    """The last line of a child's complaint. Pure."""
    return stderr.decode(errors="replace").strip().rpartition("\n")[2] or "no word"


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
