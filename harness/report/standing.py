"""Where a run stands now: one picture, whether it comes from what workers say or from the record that another process writes; pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harness.core.events import (
    AgentStopped,
    Entry,
    GradeRan,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    RequestGiven,
    ToolCalled,
    ToolReturned,
    TrialStarted,
)
from harness.core.facts import Window
from harness.core.trial import TrialKey
from harness.metrics.spend import Spend, spend

OUTCOMES = ("passed", "failed", "broken", "invalid")


class Gauge(msgspec.Struct, frozen=True):
    """What a trial is at, as a fold over its entries.

    `doing`: starting, waiting (for a place at the model, or to ask once more), thinking, working (a tool), grading.
    `tool`: the last one called. `fill`: share of the window that the last prompt and its reply took, None where either is not told.
    """

    spent: Spend = Spend()
    doing: str = "starting"
    tool: str = ""
    window: int | None = None
    fill: float | None = None
    began: float = 0.0


def gauge(before: Gauge, entry: Entry) -> Gauge:
    """The gauge after one more entry; a new try begins anew."""
    event, spent = entry.event, spend(before.spent, entry)
    now = msgspec.structs.replace(before, spent=spent)
    match event:
        case TrialStarted():
            return Gauge(spent, began=entry.at)
        case ModelOpened():
            return msgspec.structs.replace(now, window=_window(event.facts.window))
        case ModelReplied():
            told = event.usage.input_total
            full = None if told is None or not now.window else (told + (event.usage.output_total or 0)) / now.window
            return msgspec.structs.replace(now, doing="waiting", fill=full)
        case ToolCalled():
            return msgspec.structs.replace(now, doing="working", tool=event.name)
        case _:
            return msgspec.structs.replace(now, doing=_doing(event) or now.doing)


def _doing(event: object) -> str:
    match event:
        case RequestGiven() | ToolReturned():
            return "waiting"
        case ModelFailed(will_retry=True):
            return "waiting"
        case ModelAsked():
            return "thinking"
        case AgentStopped() | GradeRan():
            return "grading"
        case _:
            return ""


def _window(window: Window) -> int | None:
    known = [tokens for tokens in (window.asked, window.granted) if tokens]
    return min(known) if known else None


class Standing(msgspec.Struct, frozen=True):
    """One trial under way, as `Gauge` has it. `seconds` since its try began, as far as is known."""

    trial: str
    task: str
    agent: str
    model: str
    variant: str = ""
    doing: str = "starting"
    turn: int = 0
    tool: str = ""
    tokens: int = 0
    fill: float | None = None
    cost_usd: float | None = None
    seconds: float = 0.0


def standing(short: str, key: TrialKey, now: Gauge, quiet_s: float) -> Standing:
    """`quiet_s`: seconds since the gauge's last entry."""
    spent = now.spent
    seconds = spent.last_at - now.began + quiet_s
    return Standing(short, key.task, key.agent, key.model, key.variant, now.doing, spent.turns, now.tool, spent.tokens, now.fill, spent.cost_usd, seconds)


class Pace(msgspec.Struct, frozen=True):
    """`settled` trials since the run was begun or resumed, `seconds` ago."""

    settled: int
    seconds: float

    @property
    def per_hour(self) -> float | None:
        return 3600 * self.settled / self.seconds if self.settled and self.seconds > 0 else None

    def left_s(self, waiting: int) -> float | None:
        """Seconds until the rest is settled, should it go on like this."""
        return self.seconds / self.settled * waiting if self.settled else None


class Picture(msgspec.Struct, frozen=True):
    """A run as it stands.

    `state`: running, finished, interrupted, stopped (nobody drives it, and it did not say why), or unborn (a fork or probe whose past is not
    copied whole). `outcomes`: settled trials by outcome.
    `cost_usd`: all that was paid so far, None where nothing was. `note`: why no new trials begin, or "". `held`: trials that never will; `why`.
    """

    run: str
    state: str
    planned: int
    outcomes: Mapping[str, int]
    running: tuple[Standing, ...]
    pace: Pace
    cost_usd: float | None = None
    note: str = ""
    held: int = 0
    why: str = ""

    @property
    def settled(self) -> int:
        return sum(self.outcomes.values())

    @property
    def waiting(self) -> int:
        """Neither settled nor under way, and still to come."""
        return max(0, self.planned - self.settled - len(self.running) - self.held)


class RunningDocument(msgspec.Struct, frozen=True):
    """Schema longhaul.status/1: a picture with its figures spelled out. `per_hour`: trials settled per hour; `left_s`: seconds to go at that pace."""

    schema: str
    run: str
    state: str
    counts: dict[str, int]
    running: tuple[Standing, ...]
    seconds: float
    per_hour: float | None
    left_s: float | None
    cost_usd: float | None
    note: str


def document(now: Picture) -> RunningDocument:
    """The picture for machines; counts hold planned, every outcome, running and waiting, and what is held, where anything is."""
    counts = {"planned": now.planned, **{word: now.outcomes.get(word, 0) for word in OUTCOMES}}
    counts |= {"running": len(now.running), "waiting": now.waiting, **({"held": now.held} if now.held else {})}
    pace = now.pace
    left = pace.left_s(now.planned - now.settled - now.held) if now.state == "running" else None
    return RunningDocument(
        "longhaul.status/1", now.run, now.state, counts, now.running, pace.seconds, pace.per_hour, left, now.cost_usd, "; ".join(filter(None, (now.note, now.why)))
    )
