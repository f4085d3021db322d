"""Grading by named tests: the work as it was left, then only what would pass: steered by base alone, with other expectations, called from outside."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

import msgspec

from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.ports import Blobs, GradeOrder, Order, Record, Sandboxes
from harness.core.task import TestIds
from harness.grading.apply import apply
from harness.grading.aside import Aside, OneAtATime
from harness.grading.calls import make_calls
from harness.grading.desk import Desk
from harness.grading.ground import base_files, survey
from harness.grading.mutants import mutate, safe
from harness.grading.run import Job, graded_paths, run, wanted
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
    """Of the fresh run: whether it would pass, evidence in the patch, what a run that only base steers is given, and whether it must be."""

    passes: bool
    evidence: tuple[str, ...]
    strict: Restored
    steered: bool


def grade(order: GradeOrder, check: TestIds, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
    """Every phase goes on record; the scan is the last, and closes it. Raises SandboxError when the machine fails us."""
    case = Case(order, check, sandboxes, OneAtATime(blobs))
    with Aside[Restored](lambda given, events: _twin(case, given, events)) as twin:
        found = _fresh(case, record, twin.give)
        if found is None:
            return
        good = found.passes
        if good:
            twin.give(found.strict)
        if good and found.steered:
            good = _again(case, found.strict, record)
        if check.calls:
            good = _calls(case, found.strict, record) and good
        if good:
            twin.ended(record)
    _note_scan(case, found, record)


def _fresh(case: Case, record: Record, give: Callable[[Restored], None]) -> Found | None:
    """The work as it was left. None where it can't be laid in. Where no runner file is touched, the twin may begin at once."""
    line, work = case.line(), graded_back(case.order.patch, case.terms)
    with case.opened("fresh", record, upload(line)) as desk:
        ground = survey(desk.sandbox, asked(work.patch, case.terms))
        paths = touched(work.patch, case.terms, ground)
        only_base = strict(work.patch, paths, ground)
        evidence = scanned(case.sought, work.patch, desk.sandbox)
        if not paths and (work.patch.files or work.patch.removed):
            give(work)
        detail = f"steering files: {', '.join(paths)}" if paths else ""
        passes = run(Job(case.check, work, case.check.files, line, detail=detail), desk)
    both = Restored(only_base.patch, tuple(sorted({*work.back, *only_base.back})))
    return None if passes is None else Found(passes, evidence, both, bool(paths))


def _again(case: Case, work: Restored, record: Record) -> bool:
    """The work in a container in which nothing but base steers the runner."""
    line = case.line()
    with case.opened("strict", record, upload(line)) as desk:
        return bool(run(Job(case.check, work, case.check.files, line), desk))


def _twin(case: Case, given: Callable[[], Restored | None], record: Record) -> None:
    """The same tests with other expectations. What must be seen failing: what an oracle failed, or whose kind needs none to have shown it."""
    line = case.line()
    with case.opened("twin", record, upload(line)) as desk:
        own = base_files(desk.sandbox, set(graded_paths(case.check)) - {file.path for file in case.check.files})
        made = mutate((*case.check.files, *own), wanted(case.check), line.seed)
        work = given()
        if work is None:
            return
        told = [name for name, kind in made.kinds if _must_fail(case.check, name, kind)]
        if not made.kinds:
            desk.note("prepare", ok=True, detail="no graded test can be given another expectation")
            return
        run(Job(case.check, work, made.files, line, demanded=tuple(told)), desk)


def _must_fail(check: TestIds, name: str, kind: str) -> bool:
    """What an oracle was seen to fail; where none was tried, what needs none to have shown it. Whether a runner that is not pytest reads the
    changed files at all, only an oracle can show.
    """
    return name in check.twin if check.twin is not None else safe(kind) and runs_pytest(check.command)


def _calls(case: Case, work: Restored, record: Record) -> bool:
    """In a container that holds no test, as the work alone answers."""
    with case.opened("fresh", record) as desk:
        trouble = apply(work.patch, desk.sandbox)
        if trouble:
            desk.note("calls", ok=False, detail=trouble)
            return False
        return make_calls(case.check.calls, case.check.deadline, desk)


def _note_scan(case: Case, found: Found, record: Record) -> None:
    step = case.order.step
    record(GradeRan("scan", "fresh", not found.evidence, None, None, 0.0, evidence=found.evidence, step=step))
