"""A task's proof from its oracle and idle trials: what is healthy, what flips, which mutants are fit to be demanded."""

from __future__ import annotations

import msgspec
import pytest

from harness.core.agent import Stop
from harness.core.blob import Blob
from harness.core.events import AgentStopped, Digests, Entry, GradeRan, PatchTaken, Trace, TrialStarted
from harness.core.task import Brief, GoldPatch, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.core.validation import Validation
from harness.metrics.row import row
from harness.metrics.validation import Tried, joined, validation, without

NEW, OLD, OTHER = "t.py::test_new", "t.py::test_old", "t.py::test_other"
CHECK = TestIds("run", "junit", (NEW,), (OLD, OTHER))
TASK = TaskSpec("t", "sha256:t", Brief(()), Place(ImageTag("i")), CHECK, Provenance("x"), solution=GoldPatch(b""))
BLOB = Blob("0" * 64, 0)
FAILING = {NEW: "failed", OLD: "passed", OTHER: "passed"}
PASSING = dict.fromkeys((NEW, OLD, OTHER), "passed")


def read(statuses: dict[str, str], mode: str = "fresh") -> GradeRan:
    results = tuple(TestResult(name, status) for name, status in statuses.items())  # type: ignore[arg-type]
    return GradeRan("read", mode, ok=bool(results), exit_code=None, ended=None, seconds=0, results=results)


def tried(agent: str, number: int, statuses: dict[str, str], twin: dict[str, str] | None = None) -> Tried:
    """A trial whose tests came out so; `twin`: those of a run with changed expectations."""
    key = TrialKey("r", "t", agent, "none", "", number)
    events = (
        TrialStarted(key, 1, None, 7, Digests("sha256:t", "", "", ""), "{}", "host"), AgentStopped(Stop.ANSWERED),
        PatchTaken("", (), ("a.py",), (), (), (), BLOB), GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0), read(statuses),
        *((read(twin, "twin"),) if twin else ()),
    )  # fmt: skip
    trace: Trace = tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))
    return Tried(row(f"t{number:04d}", key, TASK, trace), trace)


def proved(*oracle: dict[str, str], idle: dict[str, str] = FAILING, leaks: tuple[str, ...] = ()) -> Validation:
    runs = [tried("oracle", number, statuses) for number, statuses in enumerate(oracle, 1)]
    return validation(TASK, (*runs, tried("idle", 9, idle)), "r", leaks)


def test_a_healthy_task_passes_with_the_oracle_and_fails_with_idle() -> None:
    """Every oracle run counts, and nothing is left out."""
    proof = proved(PASSING, PASSING)
    assert (proof.healthy, proof.reason, proof.oracle, proof.idle, proof.flaky) == (True, "", (2, 2), "failed", ())


@pytest.mark.parametrize(
    ("oracle", "idle", "leaks", "reason"),
    [
        (FAILING, FAILING, (), "oracle_fails"), (PASSING, PASSING, (), "idle_passes"), (PASSING, FAILING, ("/x: solution a.py",), "leak"),
        ({}, {}, (), "cannot_run"),
    ],
)  # fmt: skip
def test_an_unhealthy_task_says_why(oracle: dict[str, str], idle: dict[str, str], leaks: tuple[str, ...], reason: str) -> None:
    """The reason is one of those of invalid, with its evidence."""
    proof = proved(oracle, oracle, idle=idle, leaks=leaks)
    assert (proof.healthy, proof.reason) == (False, reason)
    assert proof.evidence


def test_a_regression_test_that_flips_is_left_out_and_named() -> None:
    """The task stays healthy without it; judged so, every oracle run passes."""
    proof = proved(PASSING, PASSING | {OTHER: "failed"}, PASSING)
    assert (proof.healthy, proof.flaky, proof.oracle) == (True, (OTHER,), (3, 3))
    assert any(OTHER in sentence for sentence in proof.evidence)
    left = without(TASK, proof.flaky)
    assert left.check == msgspec.structs.replace(CHECK, pass_to_pass=(OLD,), quarantined=(OTHER,))


def test_a_task_whose_only_failing_test_flips_is_flaky() -> None:
    """Nothing would be left to solve: it is not quietly made easier."""
    proof = proved(PASSING, FAILING)
    assert (proof.healthy, proof.reason, proof.oracle) == (False, "flaky", (1, 2))
    assert without(TASK, (NEW,)) == TASK


def test_only_mutants_that_every_oracle_run_failed_are_demanded() -> None:
    """A mutant that passes with the right solution convicts nobody; without a twin run nothing is known."""
    runs = (
        tried("oracle", 1, PASSING, {NEW: "failed", OLD: "error", OTHER: "passed"}),
        tried("oracle", 2, PASSING, {NEW: "failed", OLD: "failed", OTHER: "failed"}),
    )
    assert validation(TASK, (*runs, tried("idle", 9, FAILING))).twin == (NEW, OLD)
    assert proved(PASSING).twin is None


def test_a_regression_test_that_fails_at_base_is_told() -> None:
    """It can't tell what an agent broke, but makes no task invalid by itself."""
    proof = proved(PASSING, idle=FAILING | {OLD: "failed"})
    assert proof.healthy
    assert "1 of 2 PASS_TO_PASS tests fail before anything is done" in proof.evidence


def test_a_later_look_forgets_nothing_of_an_earlier_one() -> None:
    """One run more must not bring a flaky test back, nor demand a mutant that an oracle once passed."""
    first, second = proved(PASSING, PASSING | {OTHER: "failed"}), proved(PASSING)
    both = joined(msgspec.structs.replace(first, twin=(NEW, OLD)), msgspec.structs.replace(second, twin=(NEW,)))
    assert (both.flaky, both.twin, both.oracle) == ((OTHER,), (NEW,), (3, 3))
    bad = proved(FAILING)
    assert joined(first, bad) == bad
    assert joined(bad, second) == second
    assert joined(None, second) == second
