"""Grading by named tests: the work as it was left, then only what would pass: steered by base alone, with other expectations, called from outside."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

import msgspec

from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.ports import Blobs, GradeOrder, Order, Record, Sandboxes
from harness.core.task import Call, TestIds
from harness.grading.apply import apply
from harness.grading.aside import Aside, OneAtATime
from harness.grading.calls import make_calls
from harness.grading.desk import Desk
from harness.grading.ground import base_files, survey
from harness.grading.mutants import mutate, safe
from harness.grading.run import Job, Ran, graded_paths, run, wanted
from harness.grading.scan import Sought, scanned
from harness.grading.steering import Restored, Terms, asked, graded_back, strict, touched
from harness.grading.watch.line import Line, open_line, runs_pytest, upload


class Case(msgspec.Struct, frozen=True):
    """What is graded, and where."""

    order: GradeOrder
    check: TestIds
    sandboxes: Sandboxes
    blobs: Blobs

    @property
    def terms(self) -> Terms:
        return Terms(graded_paths(self.check), self.check.command, self.check.allow)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Those that count."""
        return tuple(call for call in self.check.calls if call.id not in self.check.quarantined)

    @property
    def sought(self) -> Sought:
        return Sought(wanted(self.check), self.check.files, graded_paths(self.check), self.order.task.brief.requests)

    def line(self) -> Line:
        """A channel under names that stand nowhere yet."""
        paths = (*(file.path for file in self.check.files), *(file.path for file in self.order.patch.files))
        return open_line(secrets.token_hex(16), frozenset(PurePosixPath(path).name for path in paths))

    @contextmanager
    def opened(self, mode: str, record: Record, laid: bytes = b"") -> Iterator[Desk]:
        """A fresh container of the pristine image. Raises SandboxError."""
        order = Order(self.order.image, self.order.task.place, (*self.order.labels, ("purpose", "grading")), laid)
        with self.sandboxes.open(order) as sandbox:
            record(SandboxOpened("grading", sandbox.facts))
            yield Desk(sandbox, self.blobs, record, mode, self.order.step)
            record(ResourcesSeen(sandbox.resources()))


class Found(msgspec.Struct, frozen=True):
    """Of the fresh run: how it ended, evidence in the patch, what a run that only base steers is given, and the runner files that ask for one."""

    ran: Ran
    evidence: tuple[str, ...]
    work: Restored
    strict: Restored
    paths: tuple[str, ...]


def grade(order: GradeOrder, check: TestIds, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
    """Every phase goes on record; the scan is the last, and closes it. Raises SandboxError when the machine fails us.

    A run that a busy machine may have spoilt is tried once more, with nothing of this grading beside it: what must be shown is the same.
    """
    case = Case(order, check, sandboxes, OneAtATime(blobs))
    with Aside[Restored, Ran](lambda given, events: _twin(case, given, events)) as beside:
        found = _fresh(case, record, beside.give)
        if not found.ran.late:
            _others(case, found, beside, record)
            return
    found = msgspec.structs.replace(found, ran=_plain(case, "fresh", found.work, record, found.paths))
    _others(case, found, None, record)


def _others(case: Case, found: Found, beside: Aside[Restored, Ran] | None, record: Record) -> None:
    """What is asked beyond the fresh run, of work that would pass. `beside`: where the twin runs at the same time; None: after all else."""
    if not found.ran.laid:
        return
    good, alone = found.ran.passes, beside.wait if beside else _nothing
    if good and beside:
        beside.give(found.strict)
    if good and found.paths:
        good = _tried(lambda: _plain(case, "strict", found.strict, record), alone)
    if case.calls:
        good = _tried(lambda: _called(case, found.strict, record), alone) and good
    if good:
        ran = beside.ended(record) if beside else _twin(case, lambda: found.strict, record)
        if ran.laid and (ran.late or ran.open):
            _twin(case, lambda: found.strict, record)
    _note_scan(case, found, record)


def _tried(run_: Callable[[], Ran], alone: Callable[[], object]) -> bool:
    """Whether it passes, at once or when it is run alone."""
    ran = run_()
    if ran.late:
        alone()
        ran = run_()
    return ran.passes


def _nothing() -> None:
    """Nothing runs beside."""


def _fresh(case: Case, record: Record, give: Callable[[Restored], None]) -> Found:
    """The work as it was left. Where no runner file is touched, the twin may begin at once."""
    line, work = case.line(), graded_back(case.order.patch, case.terms)
    with case.opened("fresh", record, upload(line)) as desk:
        ground = survey(desk.sandbox, asked(work.patch, case.terms))
        paths = touched(work.patch, case.terms, ground)
        only_base = strict(work.patch, paths, ground)
        evidence = scanned(case.sought, work.patch, desk.sandbox)
        if not paths and (work.patch.files or work.patch.removed):
            give(work)
        ran = run(Job(case.check, work, case.check.files, line, detail=_told(paths)), desk)
    both = Restored(only_base.patch, tuple(sorted({*work.back, *only_base.back})))
    return Found(ran, evidence, work, both, paths)


def _told(paths: tuple[str, ...]) -> str:
    return f"steering files: {', '.join(paths)}" if paths else ""


def _plain(case: Case, mode: str, work: Restored, record: Record, paths: tuple[str, ...] = ()) -> Ran:
    """The task's own tests, on the work as it was left or as base alone steers it."""
    line = case.line()
    with case.opened(mode, record, upload(line)) as desk:
        return run(Job(case.check, work, case.check.files, line, detail=_told(paths)), desk)


def _twin(case: Case, given: Callable[[], Restored | None], record: Record) -> Ran:
    """The same tests with other expectations. What must be seen failing: what an oracle failed, or whose kind needs none to have shown it."""
    line = case.line()
    with case.opened("twin", record, upload(line)) as desk:
        own = base_files(desk.sandbox, set(graded_paths(case.check)) - {file.path for file in case.check.files})
        made = mutate((*case.check.files, *own), wanted(case.check), line.seed)
        work = given()
        if work is None:
            return Ran()
        told = [name for name, kind in made.kinds if _must_fail(case.check, name, kind)]
        if not made.kinds:
            desk.note("prepare", ok=True, detail="no graded test can be given another expectation")
            return Ran()
        return run(Job(case.check, work, made.files, line, demanded=tuple(told)), desk)


def _must_fail(check: TestIds, name: str, kind: str) -> bool:
    """What an oracle was seen to fail; where none was tried, what needs none to have shown it. Whether a runner that is not pytest reads the
    changed files at all, only an oracle can show.
    """
    return name in check.twin if check.twin is not None else safe(kind) and runs_pytest(check.command)


def _called(case: Case, work: Restored, record: Record) -> Ran:
    """In a container that holds no test, as the work alone answers."""
    with case.opened("fresh", record) as desk:
        trouble = apply(work.patch, desk.sandbox)
        if trouble:
            desk.note("calls", ok=False, detail=trouble)
            return Ran(laid=False)
        return make_calls(case.calls, case.check.deadline, desk)


def _note_scan(case: Case, found: Found, record: Record) -> None:
    step = case.order.step
    record(GradeRan("scan", "fresh", not found.evidence, None, None, 0.0, evidence=found.evidence, step=step))
