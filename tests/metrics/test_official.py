"""Two official verdicts on one grading become one: both yes, a dispute, a sign of forging, or the first alone in an older record."""

from __future__ import annotations

import pytest

from harness.core.events import GradeRan
from harness.core.trial import Outcome, Reason
from harness.metrics.official import agreed


def verdict(mode: str, reward: float, **more: object) -> GradeRan:
    return GradeRan("official", mode, True, None, None, 0.0, reward=reward, detail=f"{mode} says {reward:g}", **more)  # type: ignore[arg-type]


YES, NO = verdict("official", 1.0), verdict("official", 0.0)

UNLAID = GradeRan("apply", "strict", False, None, None, 0.0, detail="conftest.py/x: could not be applied")
CLEAN = GradeRan("scan", "strict", True, None, None, 0.0)
SEEN = GradeRan("scan", "strict", False, None, None, 0.0, evidence=("a.py:1: a frame",))


@pytest.mark.parametrize(
    ("runs", "outcome", "reason", "words"),
    [
        ((YES, verdict("strict", 1.0)), Outcome.PASSED, Reason.SOLVED, ""),
        ((YES, verdict("strict", 1.0), SEEN), Outcome.FAILED, Reason.SUSPICIOUS, "a.py:1: a frame"),
        ((YES, verdict("strict", 0.0), SEEN), Outcome.FAILED, Reason.DISPUTED, "strict says 0"),
        ((YES,), Outcome.PASSED, Reason.SOLVED, ""),
        ((NO,), Outcome.FAILED, None, "official says 0"),
        ((YES, verdict("strict", 0.0, restored=("conftest.py",))), Outcome.FAILED, Reason.DISPUTED, "without its changes to conftest.py"),
        ((YES, verdict("strict", 1.0, evidence=("a sign",))), Outcome.FAILED, Reason.TAMPERED, "a sign"),
        ((verdict("official", 0.0, evidence=("a marker",)),), Outcome.FAILED, Reason.TAMPERED, "a marker"),
        ((), Outcome.FAILED, None, ""),
        ((YES, UNLAID, CLEAN), Outcome.FAILED, Reason.DISPUTED, "conftest.py/x: could not be applied"),
    ],
    ids=["both", "code that knows", "code that knows, disputed", "an older record", "no", "disputed", "sign in the strict run", "sign in the fresh run", "none", "strict not laid in"],
)
def test_two_verdicts_are_one(runs: tuple[GradeRan, ...], outcome: Outcome, reason: Reason | None, words: str) -> None:
    """Passed only where both say so and nothing was forged."""
    found = agreed(runs)
    assert found[:2] == (outcome, reason)
    assert words in "; ".join(found[2])
