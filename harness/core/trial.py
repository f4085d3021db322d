"""A trial's identity, its outcome with one closed list of reasons, and what each outcome counts as."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

AS_USERS_RUN_IT = "as-users-run-it"
"""The variant whose server may cut as it does by default: what that costs, beside the same trials with cutting refused."""
COUNTED = "counted"
"""The variant of further trials in which one turn in twenty is counted independently; outside every rate, because counting costs time."""

WIDE = "wide"
"""The arm of a probe whose model has a window twice as large as it had then, and the same view and words in it."""

ASKING = frozenset({"recall", "absent"})
"""Arms of a probe that end with a question: its answer is all there is."""


class TrialKey(msgspec.Struct, frozen=True, order=True):
    """Known before the trial runs. `attempt` is the k-th sample, from 1; `variant` is "" or a digest-named setting."""

    run: str
    task: str
    agent: str
    model: str
    variant: str
    attempt: int


class Parent(msgspec.Struct, frozen=True):
    """Where a fork began."""

    run: str
    trial: str
    number: int
    turn: int
    view: str


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    INVALID = "invalid"
    PENDING = "pending"


class Reason(StrEnum):
    SOLVED = "solved"
    WRONG = "wrong"
    EMPTY = "empty"
    UNAPPLIED = "unapplied"
    UNTESTED = "untested"
    TAMPERED = "tampered"
    DISPUTED = "disputed"
    SUSPICIOUS = "suspicious"
    TOOL_SYNTAX = "tool_syntax"
    REFUSED = "refused"
    GAVE_UP = "gave_up"
    LIMIT = "limit"
    WINDOW = "window"
    MODEL = "model"
    SANDBOX = "sandbox"
    STORE = "store"
    HARNESS = "harness"
    ORACLE_FAILS = "oracle_fails"
    IDLE_PASSES = "idle_passes"
    LEAK = "leak"
    FLAKY = "flaky"
    CANNOT_RUN = "cannot_run"
    REGRESSION_ONLY = "regression_only"
    NONE = "none"


ALLOWED: dict[Outcome, frozenset[Reason]] = {
    Outcome.PASSED: frozenset({Reason.SOLVED}),
    Outcome.FAILED: frozenset(
        {
            Reason.WRONG, Reason.EMPTY, Reason.UNAPPLIED, Reason.UNTESTED, Reason.TAMPERED, Reason.DISPUTED,
            Reason.SUSPICIOUS, Reason.TOOL_SYNTAX, Reason.REFUSED, Reason.GAVE_UP, Reason.LIMIT,
        }
    ),
    Outcome.BROKEN: frozenset({Reason.WINDOW, Reason.MODEL, Reason.SANDBOX, Reason.STORE, Reason.HARNESS}),
    Outcome.INVALID: frozenset(
        {Reason.ORACLE_FAILS, Reason.IDLE_PASSES, Reason.LEAK, Reason.FLAKY, Reason.CANNOT_RUN, Reason.REGRESSION_ONLY}
    ),
    Outcome.PENDING: frozenset({Reason.NONE}),
}
"""broken (the world failed) and invalid (the task is wrong) leave the denominator; pending has not been decided."""


class TestResult(msgspec.Struct, frozen=True):
    """One graded test as the report has it. `seconds` None where it does not say."""

    __test__ = False

    id: str
    status: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    seconds: float | None = None


class Verdict(msgspec.Struct, frozen=True):
    """Read from a trace, never stored as a fact. `evidence`: sentences; `score` in 0..1 by weighted items, None where there are none."""

    outcome: Outcome
    reason: Reason
    evidence: tuple[str, ...] = ()
    f2p: tuple[int, int] | None = None
    p2p: tuple[int, int] | None = None
    score: float | None = None
    items: tuple[tuple[str, float], ...] = ()
    flags: tuple[str, ...] = ()
