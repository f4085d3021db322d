"""row(task, trace) -> Row: one flat record per trial; every figure in reports, JSON and statistics comes from rows."""

from __future__ import annotations

import msgspec

from harness.core.errors import Blame
from harness.core.events import (
    AgentStopped,
    ModelOpened,
    ModelReplied,
    PromptRendered,
    SandboxOpened,
    ToolReturned,
    Trace,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
    ViewEdited,
)
from harness.core.facts import ModelFacts, Window
from harness.core.task import TaskSpec
from harness.core.trial import COUNTED, Parent, TrialKey, Verdict
from harness.metrics.clock import seconds as clock
from harness.metrics.context.cuts import cuts, turns_cut
from harness.metrics.environment import Environment, environment
from harness.metrics.money import Money, money
from harness.metrics.spend import Spend, total
from harness.metrics.tries import last, lived, of, tries
from harness.metrics.verdict import judge


class Calls(msgspec.Struct, frozen=True):
    """Tool calls by what became of them; malformed ones by blame."""

    ok: int = 0
    failed: int = 0
    malformed_model: int = 0
    malformed_server: int = 0
    malformed_harness: int = 0
    unknown_tool: int = 0
    leaked: int = 0
    cut: int = 0
    repaired: int = 0


class Tokens(msgspec.Struct, frozen=True, rename={"input": "in"}):
    input: int
    cached: int
    out: int
    thinking: int | None


class Seconds(msgspec.Struct, frozen=True):
    model: float
    prefill: float | None
    decode: float | None
    tool: float
    harness: float
    waiting: float
    grading: float


class RowDigests(msgspec.Struct, frozen=True):
    task: str
    image: str
    prompt: str
    tools: str
    model: str


class Row(msgspec.Struct, frozen=True):
    """As docs/json.md describes it. `f2p`, `p2p`: (passed, wanted) or None where nothing was read.

    `parent`: where a fork began; `origin`: "" as usual, else "restarted" or "continued" after an interruption.
    `peak_prompt`: tokens of the largest prompt, as told; `edits`: how often the agent changed what the model saw.
    """

    trial: str
    task: str
    agent: str
    model: str
    variant: str
    attempt: int
    tries: int
    outcome: str
    reason: str
    stop: str
    flags: tuple[str, ...]
    evidence: tuple[str, ...]
    f2p: tuple[int, int] | None
    p2p: tuple[int, int] | None
    score: float | None
    items: tuple[tuple[str, float], ...]
    task_created: str
    task_source: str
    languages: tuple[str, ...]
    oracle: bool
    turns: int
    calls: Calls
    tokens: Tokens
    cost_usd: float | None
    seconds: Seconds
    window: Window
    thinking: str
    digests: RowDigests
    host: str
    peak_prompt: int | None = None
    edits: int = 0
    money: Money | None = None
    environment: Environment = Environment()
    parent: Parent | None = None
    """Where the latest try goes on from: a trial of another run (a fork), or an earlier try of this one."""
    origin: str = ""
    """"" for a try that began at the beginning; "restarted" after an interruption; "continued" where it left off then."""
    clock_s: float | None = None
    """Wall clock of the agent's work, its model included; None where it did not end."""
    official_s: float | None = None
    """The wall clock that the task's own format gives; None for none."""
    draft: bool = False
    """The request is a machine's draft that nobody has accepted: the trial stands outside the rates."""
    window_cuts: int = 0
    """Turns at which the server showed the model less than was sent: of an arm that declares it, else of a broken trial."""

    @property
    def outside(self) -> bool:
        """Stands in no rate: a draft, or a trial that was there to be counted."""
        return self.draft or self.variant == COUNTED


def row(short: str, key: TrialKey, task: TaskSpec, trace: Trace) -> Row:
    """The row of a trial, whatever became of it; an empty trace gives a pending one."""
    now = lived(trace)
    started, stopped = last(now, TrialStarted), last(now, AgentStopped)
    facts = _facts(now)
    verdict, spent = judge(task.check, trace), total(now)
    return Row(
        short, key.task, key.agent, key.model, key.variant, key.attempt, len(of(trace, TrialStarted)),
        verdict.outcome, verdict.reason, stopped.stop if stopped else "", _flags(verdict, now, task), verdict.evidence,
        verdict.f2p, verdict.p2p, verdict.score, verdict.items, task.provenance.created, task.provenance.source,
        task.provenance.languages, task.solution is not None, spent.turns, calls(now),
        Tokens(spent.tokens_in, spent.tokens_cached, spent.tokens_out, spent.tokens_thinking), spent.cost_usd,
        _seconds(spent), facts.window, facts.thinking, _digests(task, now, started, facts), started.host if started else "",
        peak_prompt=max((event.usage.input_total for event in of(now, ModelReplied) if event.usage.input_total is not None), default=None),
        edits=len(of(now, ViewEdited)), money=money(now, trace), environment=environment(now), parent=_parent(trace), origin=origin(trace),
        clock_s=clock(now), official_s=task.limits.official_seconds, draft=task.provenance.draft,
        window_cuts=turns_cut(cuts(now)),
    )


def _parent(trace: Trace) -> Parent | None:
    started = last(trace, TrialStarted)
    return started.parent if started else None


def origin(trace: Trace) -> str:
    """How the latest try began: "" at the beginning, "restarted" so after an interruption, "continued" where it left off then."""
    *before, now = tries(trace) or ((),)
    started = last(now, TrialStarted)
    if started and started.parent and started.parent.run == started.key.run:
        return "continued"
    return "restarted" if any(_cut_short(each) for each in before) else ""


def _cut_short(each: Trace) -> bool:
    """By the user's wish, or with its process."""
    end = each[-1].event
    return isinstance(end, TrialInterrupted) or (isinstance(end, TrialBroke) and end.where == "harness" and end.will_retry)


def _facts(now: Trace) -> ModelFacts:
    opened = last(now, ModelOpened)
    return opened.facts if opened else ModelFacts("", "")


def _seconds(spent: Spend) -> Seconds:
    def told(figure: float | None) -> float | None:
        return None if figure is None else round(figure, 4)

    return Seconds(
        round(spent.model_s, 4), told(spent.prefill_s), told(spent.decode_s), round(spent.tool_s, 4),
        round(spent.harness_s, 4), round(spent.waiting_s, 4), round(spent.grading_s, 4),
    )


def calls(now: Trace) -> Calls:
    """Tool-call health of one try."""
    returned, replied = of(now, ToolReturned), of(now, ModelReplied)
    bad = [event.blame for event in returned if event.problem in ("malformed", "arguments")]
    bad += [blame for event in replied for _, blame in event.malformed]
    return Calls(
        ok=sum(event.ok for event in returned),
        failed=sum(not event.ok and not event.problem for event in returned),
        malformed_model=bad.count(Blame.MODEL),
        malformed_server=bad.count(Blame.SERVER),
        malformed_harness=bad.count(Blame.HARNESS),
        unknown_tool=sum(event.problem == "unknown_tool" for event in returned),
        leaked=sum(event.leaked for event in replied),
        cut=sum(event.stop in ("max_output", "window_full") for event in replied),
        repaired=sum(event.repaired for event in replied),
    )


def _flags(verdict: Verdict, now: Trace, task: TaskSpec) -> tuple[str, ...]:
    opened = last(now, ModelOpened)
    # A local server may pass a question on without having said so: its replies then name where they come from.
    left = (opened is not None and opened.facts.remote) or any(event.remote for event in of(now, ModelReplied))
    dropped = any(event.thinking_kept is False for event in of(now, ModelReplied)) or any(event.thinking_lost for event in of(now, PromptRendered))
    rows = (
        (opened is not None and not (opened.facts.truncation_excluded or opened.facts.cuts_declared), "truncation not excluded"),
        (dropped, "thinking dropped by the server"),
        (left, "code left the machine"),
        (any(event.facts.confinement.mode != "full" for event in of(now, SandboxOpened)), "weaker sandbox"),
        (task.solution is None, "no oracle"),
    )
    return (*verdict.flags, *task.doubts, *(words for holds, words in rows if holds))


def _digests(task: TaskSpec, now: Trace, started: TrialStarted | None, facts: ModelFacts) -> RowDigests:
    machine = last(now, SandboxOpened)
    prompts, tools = (started.digests.prompts, started.digests.tools) if started else ("", "")
    return RowDigests(task.digest, machine.facts.image if machine else "", prompts, tools, facts.digest)
