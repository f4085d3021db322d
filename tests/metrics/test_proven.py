"""What several runs of one grading make of it: passed only where all agree, and each way of not agreeing has its own word."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harness.core.blob import Blob
from harness.core.events import Digests, Entry, Event, GradeRan, PatchTaken, TrialStarted
from harness.core.task import Call, TestIds
from harness.core.trial import TestResult, TrialKey, Verdict
from harness.metrics.verdict import judge

CHECK = TestIds("pytest", "junit", ("t::new",), ("t::old",))
STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")
TAKEN = PatchTaken("", ("a",), (), (), (), (), Blob("0" * 64, 0))
GOOD = (TestResult("t::new", "passed"), TestResult("t::old", "passed"))
HALF = (TestResult("t::new", "failed"), TestResult("t::old", "passed"))
BAD = (TestResult("t::new", "failed"), TestResult("t::old", "error"))
SCAN = GradeRan("scan", "fresh", ok=True, exit_code=None, ended=None, seconds=0)
WARNED = GradeRan("scan", "fresh", ok=False, exit_code=None, ended=None, seconds=0, evidence=("a.py:1: sys.argv",))
UNREADABLE = GradeRan("read", "twin", ok=False, exit_code=None, ended=None, seconds=0, detail="a graded file could not be laid")
UNREAD: dict[str, Any] = {"ok": False, "detail": "the tests ended by deadline"}


def ran(mode: str, results: tuple[TestResult, ...], laid: str = "", **more: Any) -> tuple[GradeRan, ...]:
    """One whole run."""
    apply, prepare = (GradeRan(phase, mode, ok=True, exit_code=None, ended=None, seconds=0, detail=detail) for phase, detail in (("apply", ""), ("prepare", laid)))  # type: ignore[arg-type]
    given: dict[str, Any] = {"ok": True, "exit_code": None, "ended": None, "seconds": 0, "results": results} | more
    return apply, prepare, GradeRan("read", mode, **given)


def twin(results: tuple[TestResult, ...], *demanded: str) -> tuple[GradeRan, ...]:
    return ran("twin", results, demanded=demanded or ("t::new", "t::old"))


def called(status: str) -> GradeRan:
    result = TestResult("calls::f", status)  # type: ignore[arg-type]
    return GradeRan("calls", "fresh", ok=True, exit_code=0, ended=None, seconds=0, results=(result,))


def judged(*events: Event, check: TestIds = CHECK) -> Verdict:
    return judge(check, tuple(Entry(seq, float(seq), event) for seq, event in enumerate((STARTED, TAKEN, *events), 1)))


UNLAID = GradeRan("apply", "strict", ok=False, exit_code=None, ended=None, seconds=0, detail="a.py/b: could not be applied")
FRESH, STRICT, TWIN = ran("fresh", GOOD), ran("strict", GOOD), twin(BAD)
CASES = {
    "all agree": ((*FRESH, *TWIN, SCAN), "passed", "solved"),
    "with a strict run": ((*FRESH, *STRICT, *TWIN, SCAN), "passed", "solved"),
    "nothing to change in a twin": ((*FRESH, *ran("twin", ())[:1], SCAN), "passed", "solved"),
    "wrong": ((*ran("fresh", HALF), SCAN), "failed", "wrong"),
    "strict fails": ((*FRESH, *ran("strict", HALF), SCAN), "failed", "disputed"),
    "strict unread": ((*FRESH, *ran("strict", GOOD, **UNREAD), SCAN), "failed", "disputed"),
    "strict not laid in": ((*FRESH, UNLAID, SCAN), "failed", "disputed"),
    "twin not laid in": ((*FRESH, msgspec.structs.replace(UNLAID, mode="twin"), SCAN), "failed", "suspicious"),
    "a twin that was never read": ((*FRESH, *TWIN[:1], msgspec.structs.replace(TWIN[1], demanded=("t::new",)), UNREADABLE, SCAN), "failed", "suspicious"),
    "a twin tried again": ((*FRESH, *twin(BAD[:1]), *TWIN, SCAN), "passed", "solved"),
    "a twin that passed before it was tried again": ((*FRESH, *twin((GOOD[0], BAD[1])), *TWIN, SCAN), "failed", "tampered"),
    "a sign": ((*ran("fresh", GOOD, evidence=("forged",)), SCAN), "failed", "tampered"),
    "a sign beside a failure": ((*ran("fresh", HALF, evidence=("forged",)), SCAN), "failed", "tampered"),
    "a sign in the strict run": ((*FRESH, *ran("strict", HALF, evidence=("forged",)), SCAN), "failed", "tampered"),
    "a twin passes": ((*FRESH, *twin((GOOD[0], BAD[1])), SCAN), "failed", "tampered"),
    "a twin that nobody demands passes": ((*FRESH, *twin((GOOD[0], BAD[1]), "t::old"), SCAN), "passed", "solved"),
    "a twin is silent": ((*FRESH, *twin(BAD[:1]), SCAN), "failed", "suspicious"),
    "a twin is skipped": ((*FRESH, *twin((BAD[0], TestResult("t::old", "skipped"))), SCAN), "failed", "suspicious"),
    "the scan warns": ((*FRESH, *TWIN, WARNED), "failed", "suspicious"),
    "the scan warns of wrong work": ((*ran("fresh", HALF), WARNED), "failed", "wrong"),
    "unread": ((*ran("fresh", GOOD, **UNREAD), SCAN), "failed", "untested"),
    "cut off before the scan": ((*FRESH, *TWIN), "pending", "none"),
    "cut off after the first reading": (FRESH, "pending", "none"),
    "graded anew": ((*FRESH, *ran("strict", HALF), *FRESH, *STRICT, *TWIN, SCAN), "passed", "solved"),
    "a record of before": ((FRESH[0], FRESH[2]), "passed", "solved"),
}


@pytest.mark.parametrize(("events", "outcome", "reason"), CASES.values(), ids=CASES)
def test_the_runs_of_one_grading_are_one_verdict(events: tuple[Event, ...], outcome: str, reason: str) -> None:
    """Fresh, strict, twin and scan; an examination that is not over decides nothing."""
    verdict = judged(*events)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert bool(verdict.evidence) == (outcome == "failed")


def test_fractions_are_those_of_the_work_as_it_was_left() -> None:
    """Also where another run disputes it."""
    verdict = judged(*FRESH, *ran("strict", BAD), SCAN)
    assert (verdict.f2p, verdict.p2p) == ((1, 1), (1, 1))


def test_calls_count_beside_tests() -> None:
    """An id of a call is answered by the call alone, whatever a test says."""
    check = TestIds("pytest", "junit", ("t::new", "calls::f"), ("t::old",), calls=(Call("calls::f", "m:f"),))
    forged = (*GOOD, TestResult("calls::f", "passed"))
    assert judged(*ran("fresh", forged), called("passed"), *TWIN, SCAN, check=check).outcome == "passed"
    assert judged(*FRESH, called("error"), called("passed"), *TWIN, SCAN, check=check).outcome == "passed", "made once more: the last counts"
    lost = judged(*ran("fresh", forged), called("failed"), SCAN, check=check)
    assert (lost.outcome, lost.reason, lost.f2p) == ("failed", "wrong", (1, 2))


def test_flaky_ids_are_left_out() -> None:
    """Neither counted nor missed."""
    check = TestIds("pytest", "junit", ("t::new",), ("t::old", "t::flaky"), quarantined=("t::flaky",))
    verdict = judged(*FRESH, *TWIN, SCAN, check=check)
    assert (verdict.outcome, verdict.p2p) == ("passed", (1, 1))


def test_what_is_not_excluded_is_flagged() -> None:
    """A runner that was not watched, changed runner files, and nothing that a twin could demand."""
    fresh = ran("fresh", GOOD, laid="steering files: conftest.py", detail="the runner was not watched: its own report is believed")
    verdict = judged(*fresh, *STRICT, *ran("twin", ())[:2], SCAN)
    assert (verdict.outcome, verdict.flags) == ("passed", ("runner not watched", "runner files changed", "no twin run"))
