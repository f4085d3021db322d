"""Two verdicts on a row: the package's own over a fresh run, and ours over a strict one, in which whatever steers the runner is as it was."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final, Literal, TypeAlias

import msgspec

from harness.core.errors import SandboxError, TaskError
from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import Official, TaskSpec
from task_repos import swebench_canary as canaries
from task_repos import swebench_script as script
from task_repos import swebench_strict as strict
from task_repos.swebench_canary import Canary
from task_repos.swebench_diff import inside
from task_repos.swebench_judge import ask, results, sentence
from task_repos.swebench_paths import touched_paths
from task_repos.swebench_upgrade import END, NOT_TESTS, START

PREPARE_S: Final = 600.0
QUICK_S: Final = 60.0

Apply: TypeAlias = Callable[[Patch, Sandbox], str]
"""Lays the work into a sandbox: "" or the sentence why it can't be. Raises SandboxError."""
Undo: TypeAlias = Callable[[Patch, Sandbox, tuple[str, ...], str], tuple[Patch, tuple[str, ...]]]
"""The work without what steers a runner, and the paths that are as at base; given a sandbox of the pristine image, the paths of graded
tests and the command that runs them. Raises SandboxError."""

Scan: TypeAlias = Callable[[TaskSpec, Patch, Sandbox, tuple[str, ...]], tuple[str, ...]]
"""Sentences of evidence that the work knows it is tested; given as above. Raises SandboxError."""


def create(*, apply: Apply, undo: Undo, scan: Scan) -> Grader:
    """The grader of checks that name this module; wiring gives it what all graders share."""
    return Grader(apply, undo, scan)


def refusal(task: TaskSpec) -> TaskError | None:
    """Why a task that could be listed can't be run, or None; for asking before anything starts. Pure."""
    check = task.check
    if not isinstance(check, Official):
        return TaskError(task.provenance.source, task.id, type(check).__name__, "a check by the package swebench")
    row = msgspec.json.decode(check.row)
    if not check.fail_to_pass and not check.pass_to_pass:
        return TaskError(task.provenance.source, f"{task.id} FAIL_TO_PASS", "no test here and none in PASS_TO_PASS", "a test that decides")
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

    apply: Apply
    undo: Undo
    scan: Scan

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """A fresh run of apply, prepare, test, and the package's verdict: phase official, mode official, `reward` 1.0 when resolved.

        Where it is resolved, a strict run in another container, with the package's verdict and ours on it: mode strict, `evidence` the signs
        of forging; then a scan of the work, whose `evidence` makes a pass suspicious. The `log` of a verdict is the package's report as JSON, that of the test phase what was judged. Raises SandboxError, TaskError.
        """
        refused = refusal(order.task)
        if refused is not None:
            raise refused
        check = order.task.check
        assert isinstance(check, Official)
        desk = Desk(check, order, blobs, record)
        log = self._fresh(desk, sandboxes)
        if log is not None and desk.official(log).reward == 1.0:
            self._strict(desk, sandboxes)

    def _fresh(self, desk: Desk, sandboxes: Sandboxes) -> Log | None:
        """The run as the package would do it, or None when the work could not be laid in."""
        with desk.opened(sandboxes) as sandbox:
            run = Run(sandbox, desk, "fresh")
            return run.tested() if run.applied(desk.order.patch, self.apply) else None

    def _strict(self, desk: Desk, sandboxes: Sandboxes) -> None:
        """Once more where it was late although the fresh run was not: that may have been the machine's doing. A second time it is no pass."""
        found, back, log = self._alone(desk, sandboxes)
        if log is not None and log.late:
            found, back, log = self._alone(desk, sandboxes)
        if log is not None:
            desk.strict(log, back)
        desk.record(GradeRan("scan", "strict", not found, None, None, 0.0, evidence=found))

    def _alone(self, desk: Desk, sandboxes: Sandboxes) -> tuple[tuple[str, ...], tuple[str, ...], Log | None]:
        """What the scan found, the paths that are as at base, and the log; None where the work can't be laid in without them."""
        with desk.opened(sandboxes) as sandbox:
            run, phases = Run(sandbox, desk, "strict"), parted(desk.check)
            order, graded = desk.order, graded_files(desk.check)
            work, back = self.undo(order.patch, sandbox, graded, phases.test)
            found = self.scan(order.task, work, sandbox, graded)
            return found, back, run.tested(secrets.token_hex(16)) if run.applied(work, self.apply, back) else None


class Log(msgspec.Struct, frozen=True):
    """Of one run: outputs of both phases, status and end of the second, and the pair of ours that stood among its tests."""

    before: bytes
    test: bytes
    exit_code: int
    late: bool
    canary: Canary | None = None


class Desk(msgspec.Struct, frozen=True):
    """One grading: the check, the order, and where its phases go on record."""

    check: Official
    order: GradeOrder
    blobs: Blobs
    record: Record

    def opened(self, sandboxes: Sandboxes) -> Machine:
        """A fresh container of the pristine image, seen in and out."""
        return Machine(self, sandboxes)

    def official(self, log: Log) -> GradeRan:
        """The package's verdict. Raises TaskError for a parser that it does not know."""
        whole = script.compose(log.before, log.test, log.exit_code, timed_out=log.late)
        return self._told("official", whole, strict.forged(log.before, log.test))

    def strict(self, log: Log, back: tuple[str, ...]) -> None:
        """The package's verdict on a strict run, turned to no where a graded test is said both to pass and to fail."""
        read = strict.read(log.test, log.exit_code, (*self.check.fail_to_pass, *self.check.pass_to_pass), log.canary)
        whole = script.compose(log.before, read.output, read.exit_code, timed_out=log.late)
        signs = dict.fromkeys((*strict.forged(log.before), *read.signs))
        self._told("strict", whole, tuple(signs), back, log.canary, read.torn)

    def _told(
        self, mode: str, log: bytes, signs: tuple[str, ...], back: tuple[str, ...] = (), canary: Canary | None = None, torn: tuple[str, ...] = ()
    ) -> GradeRan:
        answer, check = ask(self.check, log), self.check
        if "problem" in answer:
            problem, task = answer["problem"], self.order.task
            raise TaskError(task.provenance.source, f"{task.id} {problem['field']}", repr(problem["found"]), problem["expected"])
        event = GradeRan("official", mode, False, None, None, 0.0, reward=0.0, restored=back, canary=canary.ids if canary else None, evidence=signs)
        if "unread" in answer:
            event = msgspec.structs.replace(event, detail=answer["unread"])
        else:
            report = answer["report"]
            words = (sentence(report, answer["version"]), *(f"{name} is said to pass and to fail" for name in torn))
            event = msgspec.structs.replace(
                event, ok=bool(report["patch_successfully_applied"]), results=results(check, answer["statuses"], report),
                reward=float(bool(report["resolved"]) and not torn), detail="; ".join(words), log=self.blobs.put(msgspec.json.encode(report)),
            )  # fmt: skip
        self.record(event)
        return event


class Machine:
    """A grading container for as long as the block lasts, with what was seen of it on record."""

    def __init__(self, desk: Desk, sandboxes: Sandboxes) -> None:
        order = desk.order
        self._desk = desk
        self._held = sandboxes.open(Order(order.image, order.task.place, (*order.labels, ("purpose", "grading"))))

    def __enter__(self) -> Sandbox:
        self._sandbox = self._held.__enter__()
        self._desk.record(SandboxOpened("grading", self._sandbox.facts))
        return self._sandbox

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._desk.record(ResourcesSeen(self._sandbox.resources()))
        finally:
            self._held.__exit__(kind, fault, trace)  # type: ignore[arg-type]


class Run(msgspec.Struct, frozen=True):
    """The phases in one grading container."""

    sandbox: Sandbox
    desk: Desk
    mode: str

    def applied(self, work: Patch, apply: Apply, back: tuple[str, ...] = ()) -> bool:
        """Lay the work in and say so on record. `back`: paths that stay as they were."""
        outside = next((path for path in (*work.removed, *(file.path for file in work.files)) if not inside(path)), None)
        trouble = apply(work, self.sandbox) if outside is None else f"{outside!r} is not a path of the work tree"
        self.desk.record(GradeRan("apply", self.mode, not trouble, None, None, 0.0, detail=trouble, restored=back))
        return not trouble

    def tested(self, nonce: str = "") -> Log:
        """The script in its two parts; with a `nonce` a pair of ours stands among the tests where they are pytest's. Raises SandboxError."""
        row, phases = msgspec.json.decode(self.desk.check.row), parted(self.desk.check)
        room = f"/tmp/longhaul-{secrets.token_hex(8)}"  # noqa: S108 - in the container; its name is not known beforehand
        before = self.bash(script.saving(phases.prepare, f"{room}.state"), f"{room}.prepare", PREPARE_S)
        self.said("prepare", before, before.stdout)
        if before.ended is Ended.DEADLINE:
            return Log(before.stdout, b"", before.exit_code, late=True)
        canary = self.placed(phases.test, room, nonce) if nonce and row["log_parser"] in canaries.PARSERS else None
        text = canary.command if canary else phases.test
        test = self.bash(script.restoring(text, f"{room}.state"), f"{room}.test", self.desk.check.deadline)
        late = test.ended is Ended.DEADLINE
        self.said("test", test, script.compose(before.stdout, test.stdout, test.exit_code, timed_out=late))
        return Log(before.stdout, test.stdout, test.exit_code, late, canary)

    def placed(self, test: str, room: str, nonce: str) -> Canary | None:
        """The pair, written where the tests will be run from; None where it can't stand there."""
        canary = canaries.choose(test, graded_files(self.desk.check), nonce)
        if canary is None:
            return None
        words = f'. {room}.state && test -d "$1" && cat > "$2"'
        argv = ("bash", "-c", words, "bash", str(PurePosixPath(canary.path).parent), canary.path)
        done = self.sandbox.exec(argv, deadline=QUICK_S, stdin=canaries.text(canary))
        return canary if done.exit_code == 0 else None

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
        blob = self.desk.blobs.put(log)
        self.desk.record(GradeRan(phase, self.mode, ended, done.exit_code, done.ended, done.seconds, detail=detail, log=blob))


def graded_files(check: Official) -> tuple[str, ...]:
    """Paths of graded test files, as far as the row tells: those that ids name, and those that the script's own patch touches. Pure."""
    named = (name.partition("::")[0] for name in (*check.fail_to_pass, *check.pass_to_pass) if "::" in name)
    touched = touched_paths(msgspec.json.decode(check.row)["eval_script"])
    return tuple(dict.fromkeys((*named, *(path for path in (*touched.new, *touched.old) if not path.endswith(NOT_TESTS)))))


def parted(check: Official) -> script.Phases:
    """The script's parts, which are there, because a row whose script has no two parts is refused. Pure."""
    phases = script.split(msgspec.json.decode(check.row)["eval_script"])
    assert phases is not None
    return phases
