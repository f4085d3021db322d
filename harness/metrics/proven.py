"""What a grading by named tests has shown, over all its runs: results that count, whether it is over, and what speaks against a pass. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.core.events import GradeRan
from harness.core.task import TestIds
from harness.core.trial import Reason, TestResult

UNWATCHED = "runner not watched"
NO_TWIN = "no twin run"
STEERED = "runner files changed"


class Proven(msgspec.Struct, frozen=True):
    """`results`: of the work as it was left, and of calls. `believed`: the reading is whole, and nobody doubts it; `tested`: it says something.

    `against`: reason and sentences that outweigh passed tests; a sign of forging does so whatever the tests say.
    """

    results: tuple[TestResult, ...]
    believed: bool
    tested: bool
    words: tuple[str, ...]
    against: tuple[Reason, tuple[str, ...]] | None
    flags: tuple[str, ...]


def ended(runs: tuple[GradeRan, ...]) -> bool:
    """The scan closes an examination; records made before there was one end with their only reading. Unlaid work ends it, too."""
    if not runs or (runs[-1].phase == "apply" and not runs[-1].ok):
        return bool(runs)
    return runs[-1].phase == "scan" if _modern(runs) and runs[-1].phase != "official" else runs[-1].phase in ("read", "official")


def proven(check: TestIds, runs: tuple[GradeRan, ...]) -> Proven:
    """`runs`: the phases of one whole grading."""
    fresh = _read(runs, "fresh")
    calls = [run for run in runs if run.phase == "calls"][-1:]  # made once more where their time was too short
    called = tuple(result for run in calls for result in run.results)
    names = {call.id for call in check.calls}
    results = (*(result for result in fresh.results if result.id not in names), *called) if fresh else called
    words = tuple(run.detail for run in (fresh, *calls) if run and run.detail and run.detail not in _FLAGGED)
    believed = bool(fresh and fresh.ok)
    tested = believed if _modern(runs) else bool(fresh and fresh.results)
    return Proven(results, believed, tested, words, _against(check, runs), tuple(_flags(runs)))


_FLAGGED = {"the runner was not watched: its own report is believed": UNWATCHED}


def counting(check: TestIds) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(FAIL_TO_PASS, PASS_TO_PASS) without the ids known to be flaky."""
    flaky = frozenset(check.quarantined)
    first, second = (tuple(name for name in names if name not in flaky) for names in (check.fail_to_pass, check.pass_to_pass))
    return first, second


def _modern(runs: tuple[GradeRan, ...]) -> bool:
    """Since work and hidden files are laid in by phases of their own, the second is on record."""
    return any(run.phase == "prepare" and run.ok for run in runs)


def _read(runs: Iterable[GradeRan], mode: str) -> GradeRan | None:
    """The last reading in this mode."""
    found = [run for run in runs if run.phase == "read" and run.mode == mode]
    return found[-1] if found else None


def _against(check: TestIds, runs: tuple[GradeRan, ...]) -> tuple[Reason, tuple[str, ...]] | None:
    """Forging first, then a runner that only the work's own files made pass, then what looks like it.

    A run that was begun and has no reading speaks against the work: what can't be laid in a second time would else be spared the second look.
    """
    read, demanded, seen = _read(runs, "strict"), _demanded(runs), _seen(runs)
    forged = tuple(dict.fromkeys(sign for run in runs if run.phase == "read" for sign in run.evidence))
    forged += tuple(f"{name}: passed although it expects something else" for name in demanded if seen.get(name, set()) & {"passed", "xpassed"})
    disputed = (*_unlaid(runs, "strict"), *(_lost(check, read) if read else ()))
    unseen = tuple(f"{name}: expects something else, and was not seen failing" for name in demanded if not seen.get(name, set()) & {"failed", "error"})
    known = tuple(sentence for run in runs if run.phase == "scan" for sentence in run.evidence)
    suspicious = (*_unlaid(runs, "twin"), *unseen, *known)
    for reason, sentences in ((Reason.TAMPERED, forged), (Reason.DISPUTED, disputed), (Reason.SUSPICIOUS, suspicious)):
        if sentences:
            return reason, sentences
    return None


def _demanded(runs: tuple[GradeRan, ...]) -> tuple[str, ...]:
    """Said before a twin run, so that one which is never read demands them, too."""
    return tuple(dict.fromkeys(name for run in runs if run.mode == "twin" for name in run.demanded))


def _seen(runs: tuple[GradeRan, ...]) -> dict[str, set[str]]:
    """All that twin runs, tried again or not, said of each test."""
    found: dict[str, set[str]] = {}
    for result in (result for run in runs if run.mode == "twin" and run.phase == "read" for result in run.results):
        found.setdefault(result.id, set()).add(result.status)
    return found


def _unlaid(runs: tuple[GradeRan, ...], mode: str) -> tuple[str, ...]:
    return tuple(f"not even laid in for the {mode} run: {run.detail}" for run in runs if run.phase == "apply" and run.mode == mode and not run.ok)


def _lost(check: TestIds, read: GradeRan) -> Iterator[str]:
    """What does not pass once only base steers the runner."""
    called = {call.id for call in check.calls}
    told: dict[str, list[str]] = {}
    for result in read.results:
        told.setdefault(result.id, []).append(result.status)
    if not read.ok:
        yield read.detail or "the tests could not be read with the runner's files as at base"
    for name in (name for names in counting(check) for name in names if name not in called):
        if told.get(name) != ["passed"]:
            yield f"{name}: {', '.join(told.get(name, ['not reported']))} with the runner's files as at base"


def _flags(runs: tuple[GradeRan, ...]) -> Iterator[str]:
    if any(run.phase == "read" and run.detail in _FLAGGED for run in runs):
        yield UNWATCHED
    if any(run.phase == "prepare" and run.mode == "fresh" and run.detail for run in runs):
        yield STEERED
    twins = [run for run in runs if run.mode == "twin" and run.phase == "prepare"]
    if twins and not twins[-1].demanded:
        yield NO_TWIN
