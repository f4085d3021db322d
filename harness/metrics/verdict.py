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
)
from harness.core.machine import Ended
from harness.core.task import Check, Official, RewardScript, TestIds
from harness.core.trial import Outcome, Reason, TestResult, Verdict
from harness.metrics.tries import last, lived, of
from harness.metrics.window import falls

_BROKEN = {"model": Reason.MODEL, "sandbox": Reason.SANDBOX, "store": Reason.STORE, "harness": Reason.HARNESS}
_LIMITS = frozenset({Stop.TURNS, Stop.TOOL_CALLS, Stop.TOKENS, Stop.COST, Stop.TIME, Stop.WINDOW})


def judge(check: Check, trace: Trace) -> Verdict:
    """The verdict of the latest try."""
    now = lived(trace)
    if not now or isinstance(now[-1].event, TrialInterrupted):
        return Verdict(Outcome.PENDING, Reason.NONE)
    if isinstance(now[-1].event, TrialBroke):
        return _broken(now[-1].event)
    cuts = falls(now)
    if cuts:
        words = tuple(f"turn {cut.turn}: {cut.before} prompt tokens became {cut.after} though the view only grew" for cut in cuts)
        return Verdict(Outcome.BROKEN, Reason.WINDOW, words)
    hungry = starved(now)
    return Verdict(Outcome.BROKEN, Reason.SANDBOX, (hungry,)) if hungry else _graded(check, now)


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
    runs = _latest_grading(now)
    if not _ended(runs):
        return Verdict(Outcome.PENDING, Reason.NONE)
    if not runs[-1].ok and runs[-1].phase == "apply":
        return Verdict(Outcome.FAILED, Reason.UNAPPLIED, (runs[-1].detail,))
    match check:
        case TestIds():
            return _by_tests(check, now, runs)
        case RewardScript():
            return _by_reward(now, runs[-1], ("reward by script",))
        case Official():
            return _by_official(check, now, runs[-1])


def _latest_grading(now: Trace) -> tuple[GradeRan, ...]:
    """The phases after the last start of a grading: a grading retried for a fault of the world is read anew."""
    runs = of(now, GradeRan)
    starts = [index for index, run in enumerate(runs) if run.phase == "apply"]
    return runs[starts[-1] :] if starts else ()


def _ended(runs: tuple[GradeRan, ...]) -> bool:
    """Work that can't be applied ends a grading, else only a reading of the result does: one cut off before has decided nothing."""
    return bool(runs) and (runs[-1].phase in ("read", "official") or (runs[-1].phase == "apply" and not runs[-1].ok))


def _by_tests(check: TestIds, now: Trace, runs: tuple[GradeRan, ...]) -> Verdict:
    read = runs[-1]
    f2p, p2p = counted(check.fail_to_pass, read.results), counted(check.pass_to_pass, read.results)
    passed = {result.id for result in read.results if result.status == "passed"}
    items = tuple((item.id, float(all(name in passed for name in item.select))) for item in check.items)
    score = sum(item.weight * got for item, (_, got) in zip(check.items, items, strict=True)) if items else None
    evidence = _missing(check, read.results)
    done = read.phase == "read" and read.ok and f2p[0] == f2p[1] and p2p[0] == p2p[1]
    if check.regression_only or not check.fail_to_pass:
        outcome, reason = Outcome.INVALID, Reason.REGRESSION_ONLY
    elif done:
        outcome, reason = Outcome.PASSED, Reason.SOLVED
    else:
        outcome, reason = Outcome.FAILED, why_failed(now, tested=read.phase == "read" and bool(read.results))
        evidence = (*((read.detail,) if read.detail else ()), *evidence)
    return Verdict(outcome, reason, evidence, f2p, p2p, score, items)


def counted(names: tuple[str, ...], results: tuple[TestResult, ...]) -> tuple[int, int]:
    """(passed, wanted). Each name must be reported exactly once and as passed: xfail, skip and repeats never count."""
    seen: dict[str, list[str]] = {}
    for result in results:
        seen.setdefault(result.id, []).append(result.status)
    return sum(seen.get(name) == ["passed"] for name in names), len(names)


def _missing(check: TestIds, results: tuple[TestResult, ...]) -> tuple[str, ...]:
    seen = {result.id: result.status for result in results}
    wanted = (*check.fail_to_pass, *check.pass_to_pass)
    return tuple(f"{name}: {seen.get(name, 'not reported')}" for name in wanted if seen.get(name) != "passed")


def _by_reward(now: Trace, read: GradeRan, flags: tuple[str, ...]) -> Verdict:
    if read.reward is None:
        return Verdict(Outcome.FAILED, why_failed(now, tested=False), (read.detail,), flags=flags)
    if read.reward >= 1.0:
        return Verdict(Outcome.PASSED, Reason.SOLVED, score=read.reward, flags=flags)
    return Verdict(Outcome.FAILED, why_failed(now, tested=True), (f"reward {read.reward:g}",), score=read.reward, flags=flags)


def _by_official(check: Official, now: Trace, read: GradeRan) -> Verdict:
    f2p, p2p = counted(check.fail_to_pass, read.results), counted(check.pass_to_pass, read.results)
    if read.phase == "official" and read.reward == 1.0:
        return Verdict(Outcome.PASSED, Reason.SOLVED, (), f2p, p2p)
    reason = why_failed(now, tested=bool(read.results))
    return Verdict(Outcome.FAILED, reason, (read.detail,) if read.detail else (), f2p, p2p)


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
