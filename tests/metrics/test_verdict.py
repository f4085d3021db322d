"""judge() over hand-made traces: each outcome and reason from the record alone."""

from __future__ import annotations

import pytest

from harness.core.agent import Stop
from harness.core.blob import Blob
from harness.core.chat import Origin, ReplyStop, Role, Sampling, Text, Thinking, Timing, Usage
from harness.core.errors import Blame, Fault
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    GradeRan,
    ModelAsked,
    ModelFailed,
    ModelReplied,
    PartAdded,
    PatchTaken,
    RequestGiven,
    ResourcesSeen,
    SandboxOpened,
    Splice,
    ToolReturned,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
)
from harness.core.machine import Confinement, Ended, Resources, SandboxFacts
from harness.core.task import GradedStep, Item, Official, RewardScript, Steps, TestIds
from harness.core.trial import ALLOWED, TestResult, TrialKey, Verdict
from harness.metrics.verdict import counted, judge

CHECK = TestIds("run", "junit", ("t::new",), ("t::old",), items=(Item("one", 0.5, ("t::new",)), Item("two", 0.5, ("t::old",))))
NO_PROOF = Confinement("full", 1000, "0", True, 2, 0, (), "none", False, (), ())
STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")
BLOB = Blob("0" * 64, 0)
TAKEN = PatchTaken("", (), ("a.py",), (), (), (), BLOB)
EMPTY = PatchTaken("", (), (), (), (), (), BLOB)
APPLIED = GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0)


def read(*results: TestResult, **more: object) -> GradeRan:
    return GradeRan("read", "fresh", ok=bool(results), exit_code=None, ended=None, seconds=0, results=results, **more)  # type: ignore[arg-type]


def result(name: str, status: str) -> TestResult:
    return TestResult(name, status)  # type: ignore[arg-type]


BOTH = read(result("t::new", "passed"), result("t::old", "passed"))
NEITHER = read(result("t::new", "failed"), result("t::old", "passed"))


def judged(*events: Event, check: TestIds | RewardScript | Steps | Official = CHECK) -> Verdict:
    verdict = judge(check, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1)))
    assert verdict.reason in ALLOWED[verdict.outcome]
    return verdict


def word(*events: Event, check: TestIds | RewardScript | Steps | Official = CHECK) -> str:
    verdict = judged(*events, check=check)
    return f"{verdict.outcome} {verdict.reason}"


def stopped(stop: Stop) -> AgentStopped:
    return AgentStopped(stop)


ROWS: list[tuple[str, tuple[Event, ...], str]] = [
    ("nothing happened", (), "pending none"),
    ("under way", (STARTED,), "pending none"),
    ("interrupted", (STARTED, TrialInterrupted("Ctrl-C")), "pending none"),
    ("model gone", (STARTED, TrialBroke("model", "gone", will_retry=False)), "broken model"),
    ("sandbox gone", (STARTED, TrialBroke("sandbox", "gone", will_retry=False)), "broken sandbox"),
    ("our own fault", (STARTED, TrialBroke("harness", "bug", will_retry=False)), "broken harness"),
    ("will be tried again", (STARTED, TrialBroke("model", "gone", will_retry=True)), "pending none"),
    ("task can't run", (STARTED, TrialBroke("task", "no such image", will_retry=False)), "invalid cannot_run"),
    ("solved", (STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, BOTH), "passed solved"),
    ("solved at the limit", (STARTED, stopped(Stop.TURNS), TAKEN, APPLIED, BOTH), "passed solved"),
    ("wrong", (STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, NEITHER), "failed wrong"),
    ("empty", (STARTED, stopped(Stop.ANSWERED), EMPTY, APPLIED, NEITHER), "failed empty"),
    ("limit", (STARTED, stopped(Stop.TURNS), TAKEN, APPLIED, NEITHER), "failed limit"),
    ("gave up", (STARTED, stopped(Stop.GAVE_UP), EMPTY, APPLIED, NEITHER), "failed gave_up"),
    ("no report", (STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, read(detail="no report")), "failed untested"),
    (
        "does not apply",
        (STARTED, stopped(Stop.ANSWERED), TAKEN, GradeRan("apply", "fresh", ok=False, exit_code=None, ended=None, seconds=0, detail="no")),
        "failed unapplied",
    ),
    ("grading retried", (STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, NEITHER, APPLIED, BOTH), "passed solved"),
]


@pytest.mark.parametrize(("events", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_outcome_and_reason(events: tuple[Event, ...], expected: str) -> None:
    """Each ending has its outcome and its reason from the closed list."""
    assert word(*events) == expected


def test_tool_syntax_is_the_models_failure() -> None:
    """Content that the server's parser refused three times is failed, not broken."""
    refused = ModelFailed(Fault.TOOL_SYNTAX, Blame.MODEL, "XML syntax error", 500, will_retry=False, wait_s=0, number=3)
    assert word(STARTED, refused, stopped(Stop.FAULT), EMPTY, APPLIED, NEITHER) == "failed tool_syntax"


def test_a_refusal_is_named() -> None:
    """A reply that ended as a refusal gives the reason, whatever the agent made of it."""
    refusal = ModelReplied("m2", (), ReplyStop.REFUSAL, "refusal", Usage(), Timing(1.0), None, 0, 0, (), (), "", None, None)
    assert word(STARTED, refusal, stopped(Stop.GAVE_UP), EMPTY, APPLIED, NEITHER) == "failed refused"


@pytest.mark.parametrize("statuses", [["skipped"], ["xfailed"], ["passed", "failed"], ["passed", "passed"], []])
def test_only_exactly_one_pass_counts(statuses: list[str]) -> None:
    """Skips, expected failures, repeats and silence never count as passed."""
    assert counted(("t::new",), tuple(result("t::new", status) for status in statuses)) == (0, 1)


def test_partial_credit_is_shown_beside_the_verdict() -> None:
    """Items are weighed; a failed verdict keeps its score."""
    verdict = judged(STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, NEITHER)
    assert (verdict.score, verdict.items, verdict.f2p, verdict.p2p) == (0.5, (("one", 0.0), ("two", 1.0)), (0, 1), (1, 1))


@pytest.mark.parametrize("graded", [BOTH, NEITHER])
def test_a_task_without_a_failing_check_is_never_solved(graded: GradeRan) -> None:
    """Regression only: whatever the tests say, the trial leaves the denominator and says so."""
    check = TestIds("run", "junit", (), ("t::old",), regression_only=True)
    assert word(STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, graded, check=check) == "invalid regression_only"


@pytest.mark.parametrize(("reward", "expected"), [(1.0, "passed solved"), (0.5, "failed wrong"), (0.0, "failed wrong"), (None, "failed untested")])
def test_a_scripts_reward_is_believed_and_flagged(reward: float | None, expected: str) -> None:
    """One passes, less fails, none is untested; the row says that a script decided."""
    graded = GradeRan("read", "fresh", ok=reward is not None, exit_code=None, ended=None, seconds=0, reward=reward)
    verdict = judged(STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, graded, check=RewardScript(()))
    assert f"{verdict.outcome} {verdict.reason}" == expected
    assert verdict.flags == ("reward by script",)


def test_the_official_verdict_is_the_packages() -> None:
    """Resolved is what the package's own report says."""
    check = Official("task_repos.swebench_grader", "{}", ("t::new",), ("t::old",))
    told = GradeRan("official", "official", ok=True, exit_code=0, ended=None, seconds=1, reward=1.0, results=BOTH.results)
    assert word(STARTED, stopped(Stop.ANSWERED), TAKEN, APPLIED, told, check=check) == "passed solved"


def grown(*, dropped: int, tokens: tuple[int, int], role: Role = Role.TOOL) -> tuple[Event, ...]:
    """Two turns; the second view appends a part, or drops some."""
    def part(name: str, who: Role) -> PartAdded:
        return PartAdded(name, who, Origin.TOOL, Text("x"))

    def asked(turn: int, *changes: Splice) -> ModelAsked:
        return ModelAsked(turn, changes, Sampling(), 8192, 100, "", "")

    def reply(count: int) -> ModelReplied:
        return ModelReplied("m", (), ReplyStop.END, "stop", Usage(count), Timing(1.0), None, 0, 0, (), (), "", None, None)

    return (
        part("m1.1", Role.USER), asked(1, Splice(0, 0, ("m1.1",))), reply(tokens[0]),
        part("m3.1", role), asked(2, Splice(1 - dropped, dropped, ("m3.1",))), reply(tokens[1]),
    )


def test_a_silent_cut_breaks_the_trial() -> None:
    """A view that only grew and cost fewer tokens was cut behind our back: broken, never the model's failure."""
    events = grown(dropped=0, tokens=(2000, 1026))
    assert word(STARTED, *events, stopped(Stop.ANSWERED), TAKEN, APPLIED, NEITHER) == "broken window"


@pytest.mark.parametrize(("dropped", "tokens"), [(0, (2000, 2100)), (0, (2000, 1990)), (1, (2000, 900))], ids=["grew", "re-rendered", "we dropped"])
def test_an_honest_count_is_no_cut(dropped: int, tokens: tuple[int, int]) -> None:
    """Growth, a template's few tokens, and a fall after our own edit are no findings."""
    events = grown(dropped=dropped, tokens=tokens)
    assert word(STARTED, *events, stopped(Stop.ANSWERED), TAKEN, APPLIED, BOTH) == "passed solved"


def test_an_edit_before_a_failed_attempt_is_remembered() -> None:
    """A retry repeats no splices; the fall after our own edit is still no finding."""
    events = grown(dropped=1, tokens=(2000, 900))
    failed = ModelFailed(Fault.CRASH, Blame.SERVER, "gone", 500, will_retry=True, wait_s=0, number=1)
    again = ModelAsked(2, (), Sampling(), 8192, 100, "", "")
    events = (*events[:-1], failed, again, events[-1])
    assert word(STARTED, *events, stopped(Stop.ANSWERED), TAKEN, APPLIED, BOTH) == "passed solved"


def test_reasoning_that_a_template_drops_is_no_cut() -> None:
    """A fall no larger than all reasoning so far may be the template's; a larger one is a cut."""
    thought = PartAdded("m2.1", Role.ASSISTANT, Origin.THINKING, Thinking("t" * 1000))
    for after, expected in ((1500, "passed solved"), (900, "broken window")):
        events = grown(dropped=0, tokens=(2000, after))
        assert word(STARTED, thought, *events, stopped(Stop.ANSWERED), TAKEN, APPLIED, BOTH) == expected


@pytest.mark.parametrize(("peak", "expected"), [(100, "broken sandbox"), (995, "failed wrong"), (None, "failed wrong")])
def test_a_kill_for_memory_below_the_limit_is_the_machines(peak: int | None, expected: str) -> None:
    """At the container's limit it is the agent's; below it the machine ran out, and the trial is broken."""
    opened = SandboxOpened("agent", SandboxFacts("c", "", "", "", "sh", NO_PROOF, 1.0, 1000, 10))
    killed = ToolReturned("c", ok=False, exit_code=137, ended=Ended.MEMORY, seconds=1, shown=0, total=0, blob=None)
    seen = ResourcesSeen(Resources(memory_peak=peak))
    assert word(STARTED, opened, killed, stopped(Stop.ANSWERED), seen, TAKEN, APPLIED, NEITHER) == expected


def test_steps_that_know_that_they_are_tested_are_suspicious() -> None:
    """All steps earned their reward; what a scan found in the work of one of them counts as it does beside a single reward."""
    script = RewardScript(())
    check = Steps((GradedStep("one", script), GradedStep("two", script)))
    asked = [RequestGiven(name, f"m{index}", index) for index, name in enumerate(("one", "two"), 1)]
    reads = [GradeRan("read", "fresh", ok=True, exit_code=None, ended=None, seconds=0, reward=1.0, rewards=(("reward", 1.0),), step=name) for name in ("one", "two")]
    scan = GradeRan("scan", "fresh", ok=False, exit_code=None, ended=None, seconds=0, evidence=("a.py:1: names the runner",), step="one")
    events = (STARTED, asked[0], reads[0], asked[1], stopped(Stop.ANSWERED), TAKEN, APPLIED, reads[1])
    assert word(*events, check=check) == "passed solved"
    assert word(*events, scan, check=check) == "failed suspicious"
