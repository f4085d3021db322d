"""SWE-bench Pro's verdict: the row's script runs the tests where the work lies, its parser reads their output in a machine of its own."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final, TypeAlias

import msgspec

from harness.core.errors import SandboxError, TaskError
from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import Official, TaskSpec
from harness.core.trial import TestResult
from task_repos.swebench_diff import inside
from task_repos.swebench_judge import STATUSES
from task_repos.swebench_pro import Graded

Apply: TypeAlias = Callable[[Patch, Sandbox], str]
Undo: TypeAlias = Callable[[Patch, Sandbox, tuple[str, ...], str], tuple[Patch, tuple[str, ...]]]
PREPARE_S: Final = 600.0
PARSE_S: Final = 300.0


def create(*, apply: Apply, undo: Undo) -> Grader:
    """The grader of checks that name this module; wiring gives it what all graders share."""
    return Grader(apply, undo)


def refusal(task: TaskSpec) -> TaskError | None:
    """Every row that could be read can be run."""
    return None if isinstance(task.check, Official) else TaskError(task.provenance.source, task.id, type(task.check).__name__, "a check of this kind")


class Output(msgspec.Struct, frozen=True):
    """What the row's script printed; `late`: it was cut off at its deadline."""

    stdout: bytes
    stderr: bytes
    late: bool


class Grader(msgspec.Struct, frozen=True):
    """The Grader port for `Official` checks over SWE-bench Pro rows."""

    apply: Apply
    undo: Undo

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """A fresh run and upstream's verdict on it (phase official, mode official); where it is resolved a strict run, with what steers a runner restored.

        The strict one is tried again where it was late: that may have been the machine's doing. A second time it is no pass. Raises SandboxError.
        """
        bench = Bench(order, sandboxes, blobs, record)
        output = bench.run("fresh", self.apply, None)
        if output is not None and bench.judged("official", output, ()).reward == 1.0:
            back: list[str] = []
            strict = bench.run("strict", self.apply, self.undo, back)
            if strict is not None and strict.late:
                strict = bench.run("strict", self.apply, self.undo)
            if strict is not None:
                bench.judged("strict", strict, tuple(back))


class Bench(msgspec.Struct, frozen=True):
    """One grading."""

    order: GradeOrder
    sandboxes: Sandboxes
    blobs: Blobs
    record: Record

    @property
    def check(self) -> Official:
        assert isinstance(self.order.task.check, Official)
        return self.order.task.check

    def run(self, mode: str, apply: Apply, undo: Undo | None, back: list[str] | None = None) -> Output | None:
        """Apply, fetch the tests, run them; None when the work can't be laid in. `back` is given the paths that were restored."""
        row = msgspec.json.decode(self.check.row, type=Graded)
        with self.sandboxes.open(self._order("grading")) as sandbox:
            self.record(SandboxOpened("grading", sandbox.facts))
            work, restored = (self.order.patch, ()) if undo is None else undo(self.order.patch, sandbox, row.selected, row.script)
            if back is not None:
                back.extend(restored)
            trouble = _outside(work) or apply(work, sandbox)
            self.record(GradeRan("apply", mode, not trouble, None, None, 0.0, detail=trouble, restored=restored))
            output = None if trouble else self._tested(mode, row, sandbox)
            self.record(ResourcesSeen(sandbox.resources()))
        return output

    def _order(self, purpose: str) -> Order:
        return Order(self.order.image, self.order.task.place, (*self.order.labels, ("purpose", purpose)))

    def _tested(self, mode: str, row: Graded, sandbox: Sandbox) -> Output:
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in row.exports)
        self._said(mode, "prepare", sandbox.exec(("bash", "-c", f"{exports}{row.fetch}"), deadline=PREPARE_S))
        room = f"/tmp/longhaul-{secrets.token_hex(8)}"  # noqa: S108 - in the container; its name is not known beforehand
        _written(sandbox, {f"{room}.sh": row.script.encode()})
        words = f"{exports}exec bash {room}.sh {shlex.quote(','.join(row.selected))}"
        done = sandbox.exec(("bash", "-c", words), deadline=self.check.deadline)
        self._said(mode, "test", done)
        return Output(done.stdout, done.stderr, done.ended is not Ended.EXITED)

    def _said(self, mode: str, phase: str, done: Exec) -> None:
        log = self.blobs.put(done.stdout + done.stderr)
        event = GradeRan(phase, mode, done.ended is Ended.EXITED, done.exit_code, done.ended, done.seconds, log=log)  # type: ignore[arg-type]
        self.record(event)

    def judged(self, mode: str, output: Output, back: tuple[str, ...]) -> GradeRan:
        """Resolved when every listed test is among those that the parser found passed; a test said both to pass and to fail has failed."""
        found, trouble = ((), "the tests were cut off at their deadline") if output.late else self._parsed(output)
        passed = {each.id for each in found if each.status == "passed"} - {each.id for each in found if each.status != "passed"}
        wanted = (*self.check.fail_to_pass, *self.check.pass_to_pass)
        missing = [name for name in wanted if name not in passed]
        told = trouble or (f"unresolved, {len(missing)} of {len(wanted)} tests did not pass" if missing else "resolved")
        listed = tuple(each for each in found if each.id in set(wanted))
        event = GradeRan("official", mode, not trouble, None, None, 0.0, listed, reward=float(not missing and not trouble), detail=told, restored=back)
        self.record(event)
        return event

    def _parsed(self, output: Output) -> tuple[tuple[TestResult, ...], str]:
        """The row's parser over copies of the logs, where nothing that was graded has ever run. What it can't read is no pass."""
        row = msgspec.json.decode(self.check.row, type=Graded)
        room = "/tmp/longhaul-parser"  # noqa: S108 - in a container of its own
        with self.sandboxes.open(self._order("parsing")) as sandbox:
            files = {f"{room}/parser.py": row.parser.encode(), f"{room}/stdout.log": output.stdout, f"{room}/stderr.log": output.stderr}
            _written(sandbox, files)
            argv = ("python3", "-I", f"{room}/parser.py", f"{room}/stdout.log", f"{room}/stderr.log", f"{room}/out.json")
            done = sandbox.exec(argv, deadline=PARSE_S)
            try:
                data = sandbox.read(PurePosixPath(f"{room}/out.json"))
            except OSError:
                said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
                return (), f"the row's parser wrote nothing (exit {done.exit_code}): {said or 'no word'}"
        return _results(data)


def _written(sandbox: Sandbox, files: dict[str, bytes]) -> None:
    """Raises SandboxError where the container takes no file in /tmp."""
    try:
        for name, data in files.items():
            sandbox.write(PurePosixPath(name), data)
    except OSError as fault:
        raise SandboxError(f"the grading container takes no file in /tmp: {fault}") from fault


def _outside(work: Patch) -> str:
    paths = (*work.removed, *(file.path for file in work.files))
    found = next((path for path in paths if not inside(path)), None)
    return "" if found is None else f"{found!r} is not a path of the work tree"


def _results(data: bytes) -> tuple[tuple[TestResult, ...], str]:
    """Pure."""
    try:
        tests = json.loads(data)["tests"]
        found = tuple(TestResult(str(test["name"]), STATUSES.get(str(test["status"]), "error")) for test in tests)
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        return (), f"what the row's parser wrote can't be read: {type(fault).__name__}"
    return found, "" if found else "the row's parser found no test"
