"""What a probe will take, arm by arm, told from the parent's own counts before anything is spent; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from harness.core.chat import Usage
from harness.core.events import ModelAsked, ModelOpened, ModelReplied, Trace
from harness.core.facts import Price
from harness.core.probe import Point
from harness.core.trial import ASKING
from harness.metrics.spend import cost
from harness.metrics.tries import last, lived

LIKELY_TURNS = 3
"""An opportunity comes at the first turn where it came before, and its outcome stands two turns later."""
QUESTIONS = 2
"""An arm that only asks does so once more at most."""
SHORT = frozenset({"fresh", "no-rule", "short"})
"""Arms without the history."""


class Counts(msgspec.Struct, frozen=True):
    """Of one trial of the parent, in tokens as its provider told them; 0 where it did not. `prompts`: by turn."""

    prompts: dict[int, int]
    outputs: float
    price: Price | None = None
    remote: bool = False

    @property
    def first(self) -> int:
        return self.prompts[min(self.prompts)] if self.prompts else 0

    @property
    def growth(self) -> float:
        """Tokens by which a prompt grows in a turn, on the average; never fewer than a reply has."""
        turns = sorted(self.prompts)
        span = (self.prompts[turns[-1]] - self.prompts[turns[0]]) / max(1, turns[-1] - turns[0]) if turns else 0.0
        return max(span, self.outputs)

    def prompt(self, turn: int) -> int:
        """Of the nearest counted turn that is no later, else of the first one."""
        before = [each for each in self.prompts if each <= turn]
        return self.prompts[max(before)] if before else self.first


class Arm(msgspec.Struct, frozen=True):
    """At most: every replay takes its whole window and no prompt is read from a cache. `likely_*`: with about three turns each."""

    arm: str
    trials: int
    turns: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    likely_in: int
    likely_out: int
    likely_usd: float | None


class Outlay(msgspec.Struct, frozen=True):
    """`usd`: at most, None where no model has a price."""

    arms: tuple[Arm, ...]
    trials: int
    usd: float | None
    likely_usd: float | None


def counts(trace: Trace) -> Counts:
    """Of the latest try."""
    now, turn, prompts, outputs = lived(trace), 0, dict[int, int](), list[int]()
    for event in (entry.event for entry in now):
        if isinstance(event, ModelAsked):
            turn = event.turn
        if isinstance(event, ModelReplied):
            if event.usage.input_total is not None:
                prompts[turn] = event.usage.input_total
            outputs.append(event.usage.output_total or 0)
    opened = last(now, ModelOpened)
    price, remote = (opened.facts.price, opened.facts.remote) if opened else (None, False)
    return Counts(prompts, sum(outputs) / len(outputs) if outputs else 0.0, price, remote)


def outlay(points: Iterable[tuple[Point, Counts]], arms: Sequence[str], rolls: int, window: int) -> Outlay:
    """`points` with the counts of the trial that each is of."""
    pairs = tuple(points)
    made = tuple(_arm(arm, pairs, rolls, window) for arm in arms)
    return Outlay(made, sum(arm.trials for arm in made), _sum(arm.usd for arm in made), _sum(arm.likely_usd for arm in made))


def _arm(arm: str, pairs: Sequence[tuple[Point, Counts]], rolls: int, most_turns: int) -> Arm:
    window = min(most_turns, QUESTIONS) if arm in ASKING else most_turns
    most = [_spent(arm, point, known, window) for point, known in pairs]
    likely = [_spent(arm, point, known, min(window, LIKELY_TURNS)) for point, known in pairs]
    trials = rolls * len(pairs)
    sums = [(rolls * sum(each[0] for each in some), rolls * sum(each[1] for each in some), _times(rolls, _sum(each[2] for each in some))) for some in (most, likely)]
    return Arm(arm, trials, trials * window, *sums[0], *sums[1])


def _spent(arm: str, point: Point, known: Counts, turns: int) -> tuple[int, int, float | None]:
    """Tokens in and out and USD of one replay."""
    begin = known.first if arm in SHORT else known.prompt(point.place.turn)
    read = round(sum(begin + turn * known.growth for turn in range(turns)))
    wrote = round(turns * known.outputs)
    usd = None if known.price is None else cost(Usage(input_total=read, output_total=wrote), known.price)
    return read, wrote, usd


def _sum(figures: Iterable[float | None]) -> float | None:
    known = [each for each in figures if each is not None]
    return sum(known) if known else None


def _times(factor: int, figure: float | None) -> float | None:
    return None if figure is None else factor * figure
