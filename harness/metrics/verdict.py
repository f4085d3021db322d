"""judge(check, trace) -> Verdict: what a trial's record says of it, whoever runs it and whenever."""

from __future__ import annotations

from harness.core.agent import Stop
from harness.core.chat import ReplyStop
from harness.core.errors import Fault
from harness.core.events import (
    AgentStopped,
    GradeRan,
    ModelFailed,
    ModelReplied,
    PatchTaken,
    ResourcesSeen,
    SandboxOpened,
    ToolReturned,
    Trace,
    TrialBroke,
    TrialInterrupted,
    TurnYielded,
)
from harness.core.machine import Ended
from harness.core.observed import Observed
from harness.core.task import Check, Official, RewardScript, Steps, TestIds
from harness.core.trial import Outcome, Reason, TestResult, Verdict
from harness.metrics.context.cuts import undeclared
from harness.metrics.official import agreed, reading
from harness.metrics.proven import counting, ended, proven
from harness.metrics.steps import earned
from harness.metrics.tries import last, lived, of

_BROKEN = {"model": Reason.MODEL, "sandbox": Reason.SANDBOX, "store": Reason.STORE, "harness": Reason.HARNESS}
_LIMITS = frozenset({Stop.TURNS, Stop.TOOL_CALLS, Stop.TOKENS, Stop.COST, Stop.TIME, Stop.WINDOW})


def judge(check: Check, trace: Trace) -> Verdict:
    """The verdict of the latest try."""
    now = lived(trace)
    if not now or isinstance(now[-1].event, TrialInterrupted):
        return Verdict(Outcome.PENDING, Reason.NONE)
    if isinstance(now[-1].event, TrialBroke):
        return _broken(now[-1].event)
    if cuts := undeclared(now):
        return Verdict(Outcome.BROKEN, Reason.WINDOW, tuple(f"turn {cut.turn}: {cut.detail}" for cut in cuts))
    if refused := unapplied(now):
        return Verdict(Outcome.FAILED, Reason.UNAPPLIED, refused)
    hungry = starved(now)
    return Verdict(Outcome.BROKEN, Reason.SANDBOX, (hungry,)) if hungry else _graded(check, now)


UNAPPLIED = "unapplied"
"""The problem of a call that was to lay a given patch over base, and could not."""


def unapplied(now: Trace) -> tuple[str, ...]:
    """What the agent said when a patch made elsewhere did not apply: then nothing of it is judged, whatever base itself would pass."""
    if not any(event.problem == UNAPPLIED for event in of(now, ToolReturned)):
        return ()
    said = last(now, TurnYielded)
    return (said.claim.not_done if said and said.claim and said.claim.not_done else "the patch does not apply",)


SPARE = 0.9
"""Share of its limit that a container must have reached for a kill for memory to be its own."""


def starved(now: Trace) -> str:
    """A sentence when the kernel killed for memory although the container stayed below its limit: the machine's lack, not the agent's."""
    killed, limit, peak = "", 0, 0
    for entry in now:
        match entry.event:
            case SandboxOpened(facts=facts):
                killed, limit, peak = "", facts.memory, 0
            case ToolReturned(ended=Ended.MEMORY) | GradeRan(ended=Ended.MEMORY):
                killed = type(entry.event).__name__
            case ResourcesSeen(resources=seen):
                peak = seen.memory_peak or 0
                if killed and limit and 0 < peak < SPARE * limit:
                    return f"{killed}: killed for memory at a peak of {peak} of {limit} bytes: the machine's memory ran out"
            case _:
                pass
    return ""


def _broken(event: TrialBroke) -> Verdict:
    if event.will_retry:
        return Verdict(Outcome.PENDING, Reason.NONE)
    if event.where == "task":
        return Verdict(Outcome.INVALID, Reason.CANNOT_RUN, (event.text,))
    return Verdict(Outcome.BROKEN, _BROKEN[event.where], (event.text,))


def _graded(check: Check, now: Trace) -> Verdict:
    if isinstance(check, Steps):
        return _by_steps(check, now)
    if isinstance(check, Observed):
        return _by_trees(now)
    runs = _latest_grading(now)
    if not ended(runs):
        return Verdict(Outcome.PENDING, Reason.NONE)
    if not runs[-1].ok and runs[-1].phase == "apply":
        return Verdict(Outcome.FAILED, Reason.UNAPPLIED, (runs[-1].detail,))
    match check:
        case TestIds():
            return _by_tests(check, now, runs)
        case RewardScript():
            return _by_reward(now, runs, ("reward by script",))
        case Official():
            return _by_official(check, now, runs)


def _latest_grading(now: Trace) -> tuple[GradeRan, ...]:
    """The phases after the last start of a grading: a grading retried for a fault of the world is read anew."""
    runs = of(now, GradeRan)
    starts = [index for index, run in enumerate(runs) if run.phase == "apply" and run.mode not in ("strict", "twin")]
    return runs[starts[-1] :] if starts else ()


def _by_tests(check: TestIds, now: Trace, runs: tuple[GradeRan, ...]) -> Verdict:
    shown = proven(check, runs)
    (failing, passing), results = counting(check), shown.results
    f2p, p2p = counted(failing, results), counted(passing, results)
    passed = {result.id for result in results if result.status == "passed"}
    items = tuple((item.id, float(all(name in passed for name in item.select))) for item in check.items)
    score = sum(item.weight * got for item, (_, got) in zip(check.items, items, strict=True)) if items else None
    evidence = _missing((*failing, *passing), results)
    whole = shown.believed and f2p[0] == f2p[1] and p2p[0] == p2p[1]
    if check.regression_only or not check.fail_to_pass:
        outcome, reason = Outcome.INVALID, Reason.REGRESSION_ONLY
    elif shown.against and (whole or shown.against[0] is Reason.TAMPERED):
        outcome, (reason, evidence) = Outcome.FAILED, shown.against
    elif whole:
        outcome, reason = Outcome.PASSED, Reason.SOLVED
    else:
        outcome, reason = Outcome.FAILED, why_failed(now, tested=shown.tested)
        evidence = (*shown.words, *evidence)
    return Verdict(outcome, reason, evidence, f2p, p2p, score, items, shown.flags)


def counted(names: tuple[str, ...], results: tuple[TestResult, ...]) -> tuple[int, int]:
    """(passed, wanted). Each name must be reported exactly once and as passed: xfail, skip and repeats never count."""
    seen: dict[str, list[str]] = {}
    for result in results:
        seen.setdefault(result.id, []).append(result.status)
    return sum(seen.get(name) == ["passed"] for name in names), len(names)


def _missing(wanted: tuple[str, ...], results: tuple[TestResult, ...]) -> tuple[str, ...]:
    seen = {result.id: result.status for result in results}
    return tuple(f"{name}: {seen.get(name, 'not reported')}" for name in wanted if seen.get(name) != "passed")


def _by_reward(now: Trace, runs: tuple[GradeRan, ...], flags: tuple[str, ...]) -> Verdict:
    read = [run for run in runs if run.phase == "read"][-1]
    knows = tuple(sentence for run in runs if run.phase == "scan" for sentence in run.evidence)
    if read.reward is None:
        return Verdict(Outcome.FAILED, why_failed(now, tested=False), (read.detail,), flags=flags)
    if read.reward >= 1.0 and knows:
        return Verdict(Outcome.FAILED, Reason.SUSPICIOUS, knows, score=read.reward, flags=flags)
    if read.reward >= 1.0:
        return Verdict(Outcome.PASSED, Reason.SOLVED, score=read.reward, flags=flags)
    return Verdict(Outcome.FAILED, why_failed(now, tested=True), (f"reward {read.reward:g}",), score=read.reward, flags=flags)


def _by_steps(check: Steps, now: Trace) -> Verdict:
    """The score of all steps; one that was not reached counts 0, and Harbor's own figure stands beside where it differs."""
    got = earned(check, now)
    if not got.ended:
        return Verdict(Outcome.PENDING, Reason.NONE)
    flags = ("reward by script", *got.flags)
    knows = tuple(sentence for run in of(now, GradeRan) if run.phase == "scan" for sentence in run.evidence)
    if got.score >= 1.0 and knows:
        return Verdict(Outcome.FAILED, Reason.SUSPICIOUS, knows, score=got.score, items=got.items, flags=flags)
    if got.score >= 1.0:
        return Verdict(Outcome.PASSED, Reason.SOLVED, score=got.score, items=got.items, flags=flags)
    tested = any(run.phase == "read" and run.ok for run in of(now, GradeRan))
    return Verdict(Outcome.FAILED, why_failed(now, tested=tested), got.evidence, score=got.score, items=got.items, flags=flags)


def _by_trees(now: Trace) -> Verdict:
    """What a replay came to: where no opportunity arose in its window, why it ended is all there is to say, and it counts on neither side."""
    seen = [run for run in of(now, GradeRan) if run.phase == "observe"]
    if not seen:
        return Verdict(Outcome.PENDING, Reason.NONE)
    if seen[-1].ok:
        return Verdict(Outcome.PASSED, Reason.SOLVED, seen[-1].evidence)
    violated = seen[-1].detail == "violated"
    return Verdict(Outcome.FAILED, Reason.WRONG if violated else why_failed(now, tested=False), seen[-1].evidence)


def _by_official(check: Official, now: Trace, runs: tuple[GradeRan, ...]) -> Verdict:
    read = reading(runs)
    f2p, p2p = counted(check.fail_to_pass, read.results), counted(check.pass_to_pass, read.results)
    outcome, reason, evidence = agreed(runs)
    return Verdict(outcome, reason or why_failed(now, tested=bool(read.results)), evidence, f2p, p2p)


def why_failed(now: Trace, *, tested: bool) -> Reason:
    """The nearest reason of a trial whose work does not pass: how the agent ended says more than the tests do."""
    stopped, patch = last(now, AgentStopped), last(now, PatchTaken)
    replied, failed = last(now, ModelReplied), last(now, ModelFailed)
    if stopped and stopped.stop is Stop.FAULT and failed and failed.fault is Fault.TOOL_SYNTAX:
        return Reason.TOOL_SYNTAX
    if replied and replied.stop is ReplyStop.REFUSAL:
        return Reason.REFUSED
    if stopped and (stopped.stop in _LIMITS or stopped.stop is Stop.FAULT):
        return Reason.LIMIT
    if stopped and stopped.stop is Stop.GAVE_UP:
        return Reason.GAVE_UP
    if patch and not (patch.added or patch.changed or patch.removed):
        return Reason.EMPTY
    return Reason.WRONG if tested else Reason.UNTESTED
