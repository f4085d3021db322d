"""From phases to results: one word for each test of a session, as strict as its worst phase. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from harness.core.trial import TestResult
from harness.grading.logs.junit import as_case
from harness.grading.watch.heard import Phase, Session

Status = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
_WHOLE = {"setup", "call", "teardown"}


def results(sessions: Iterable[Session], wanted: Iterable[str]) -> tuple[TestResult, ...]:
    """Of every test that a session ran, in order. A test that a task names as a JUnit report would is given that name."""
    known = frozenset(wanted)
    cases = {"::".join(as_case(name)): name for name in known} | {name: name for name in known}
    return tuple(
        TestResult(_name(ident, known, cases), status(phases), _seconds(phases))
        for session in sessions
        for ident, phases in by_test(session).items()
    )


def by_test(session: Session) -> dict[str, list[Phase]]:
    """Phases of each test, in the order of their beginning."""
    found: dict[str, list[Phase]] = {}
    for phase in session.phases:
        found.setdefault(phase.id, []).append(phase)
    return found


def status(phases: Iterable[Phase]) -> Status:
    """Passed only where setup, call and teardown are told and none of them anything else; a rerun is a failure."""
    held = tuple(phases)
    said = {(phase.when, phase.outcome) for phase in held}
    told = {outcome for _, outcome in said}
    if ("call", "failed") in said or "rerun" in told:
        return "failed"
    if "failed" in told or not told <= {"passed", "skipped", "xfailed", "xpassed"}:
        return "error"
    for word in ("xfailed", "xpassed", "skipped"):
        if word in told:
            return word
    return "passed" if {phase.when for phase in held} == _WHOLE else "error"


def _name(ident: str, known: frozenset[str], cases: dict[str, str]) -> str:
    return ident if ident in known else cases.get("::".join(as_case(ident)), ident)


def _seconds(phases: Iterable[Phase]) -> float | None:
    spent = [phase.seconds for phase in phases if phase.when == "call"]
    return spent[-1] if spent else None
