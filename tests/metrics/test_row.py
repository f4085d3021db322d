"""The row of a trial: every figure and flag that a table shows of it."""

from __future__ import annotations

import pytest

from harness.core.agent import Stop
from harness.core.chat import ReplyStop, Sampling, Timing, Usage
from harness.core.errors import Blame
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    GradeRan,
    ModelAsked,
    ModelOpened,
    ModelReplied,
    SandboxOpened,
    ToolCalled,
    ToolReturned,
    TrialBroke,
    TrialStarted,
)
from harness.core.facts import ModelFacts, Price, Window
from harness.core.machine import Confinement, Ended, SandboxFacts
from harness.core.task import Brief, GoldPatch, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.metrics.row import Row, row

KEY = TrialKey("r", "t", "coder", "kind/m", "", 2)
CHECK = TestIds("run", "junit", ("t::new",), ("t::old",))
TASK = TaskSpec("t", "sha256:task", Brief(()), Place(ImageTag("i")), CHECK, Provenance("bundled", "2026-01-02", languages=("python",)), solution=GoldPatch(b""))
FACTS = ModelFacts("kind", "m", digest="sha256:m", window=Window(100, 90), thinking="on", price=Price("2026-01-01", 1.0, 2.0, 0.1, 1.25))


def started(number: int = 1) -> TrialStarted:
    return TrialStarted(KEY, number, None, 7, Digests("sha256:task", "sha256:p", "sha256:tools", "h"), "{}", "host")


def machine(mode: str = "full", purpose: str = "agent") -> SandboxOpened:
    proof = Confinement(mode, 1000, "0", True, 2, 0, (), "none", False, (), ())  # type: ignore[arg-type]
    return SandboxOpened(purpose, SandboxFacts("c", "sha256:image", "s", "20", "/bin/sh", proof, 2.0, 4096, 512))  # type: ignore[arg-type]


def replied(stop: ReplyStop = ReplyStop.TOOL, remote: str = "", **counts: int) -> ModelReplied:
    usage = Usage(1000, 600, 0, 50, 20)
    malformed = (("half a call", Blame.SERVER),) * counts.get("malformed", 0)
    return ModelReplied(
        "m2", (), stop, "", usage, Timing(1.0, prefill=0.25, decode=0.5), None, counts.get("leaked", 0), counts.get("repaired", 0),
        malformed, (), remote, None, None,
    )  # fmt: skip


def returned(problem: str = "", *, ok: bool = False) -> ToolReturned:
    return ToolReturned("c1", ok, 0, Ended.EXITED, 1.0, 1, 1, None, problem, Blame.MODEL if problem else None)


def told(*events: Event) -> Row:
    return row("t0003", KEY, TASK, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1)))


ASKED = ModelAsked(1, (), Sampling(), 90, 10, "on", "")
CALLED = ToolCalled("c1", "shell", "{}")
READ = GradeRan("read", "fresh", ok=True, exit_code=None, ended=None, seconds=0.0, results=(TestResult("t::new", "passed"), TestResult("t::old", "passed")))
APPLIED = GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0.0)


def test_a_row_says_who_did_what_to_which_end() -> None:
    """Identity, outcome, counts, money, seconds, window and digests of one solved trial, each from its own event."""
    found = told(started(), ModelOpened(FACTS), machine(), ASKED, replied(), CALLED, returned(ok=True), AgentStopped(Stop.ANSWERED), APPLIED, READ)
    assert (found.trial, found.task, found.agent, found.model, found.attempt, found.tries) == ("t0003", "t", "coder", "kind/m", 2, 1)
    assert (found.outcome, found.reason, found.stop, found.f2p, found.p2p) == ("passed", "solved", "answered", (1, 1), (1, 1))
    assert (found.tokens.input, found.tokens.cached, found.tokens.out, found.tokens.thinking) == (1000, 600, 50, 20)
    assert found.cost_usd == pytest.approx((400 * 1.0 + 600 * 0.1 + 50 * 2.0) / 1e6)
    assert (found.seconds.model, found.seconds.prefill, found.seconds.decode, found.seconds.tool) == (1.0, 0.25, 0.5, 1.0)
    assert (found.window.asked, found.window.granted, found.thinking) == (100, 90, "on")
    assert (found.digests.task, found.digests.image, found.digests.prompt, found.digests.tools, found.digests.model) == (
        "sha256:task", "sha256:image", "sha256:p", "sha256:tools", "sha256:m",
    )  # fmt: skip
    assert (found.task_created, found.languages, found.oracle, found.flags, found.host) == ("2026-01-02", ("python",), True, (), "host")


def test_calls_are_counted_by_what_became_of_them_and_whose_fault_it_was() -> None:
    """A call that failed at its work is no malformed one; what a server's parser broke is not the model's."""
    events = (returned(ok=True), returned(), returned("malformed"), returned("arguments"), returned("unknown_tool"))
    calls = told(started(), *events, replied(malformed=1, leaked=2, repaired=1), replied(ReplyStop.MAX_OUTPUT)).calls
    assert (calls.ok, calls.failed, calls.unknown_tool) == (1, 1, 1)
    assert (calls.malformed_model, calls.malformed_server, calls.malformed_harness) == (2, 1, 0)
    assert (calls.leaked, calls.repaired, calls.cut) == (2, 1, 1)


@pytest.mark.parametrize(
    ("events", "flag"),
    [
        ((ModelOpened(ModelFacts("k", "m", remote=True)),), "code left the machine"),
        ((ModelOpened(ModelFacts("k", "m")), replied(remote="elsewhere.example")), "code left the machine"),
        ((ModelOpened(ModelFacts("k", "m", truncation_excluded=False)),), "truncation not excluded"),
        ((machine("zero-capability"), machine(purpose="grading")), "weaker sandbox"),
    ],
)
def test_what_changes_how_to_read_a_trial_is_a_flag(events: tuple[Event, ...], flag: str) -> None:
    """A reply that names another server counts although the model called itself local; one weak sandbox of two counts."""
    assert told(started(), *events).flags == (flag,)


def test_only_the_latest_try_is_told_but_all_are_counted() -> None:
    """A try that the world broke leaves its number and nothing of its tokens."""
    broke = (started(), ModelOpened(FACTS), ASKED, replied(), TrialBroke("model", "gone", will_retry=True))
    found = told(*broke, started(2), ModelOpened(FACTS), machine(), AgentStopped(Stop.GAVE_UP), APPLIED, READ)
    assert (found.tries, found.turns, found.tokens.input, found.outcome) == (2, 0, 0, "passed")
    assert told().outcome == "pending"
