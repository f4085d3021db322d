"""Which parts of a view a cut took, as far as counts and sizes can tell: each part weighed by what it cost when it was first shown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.chat import PartId, Role
from harness.metrics.context.seen.questions import Question
from harness.metrics.window import KEPT, USUAL


class Weights:
    """Tokens of parts: a part that came with an uncut turn has its share of what that turn cost more, any other its bytes at the trial's rate."""

    def __init__(self) -> None:
        self._tokens: dict[PartId, float] = {}
        self._first: tuple[int, int] | None = None
        self._grown_tokens = self._grown_bytes = 0

    def learn(self, question: Question, told: int | None) -> None:
        """An uncut turn. `told`: tokens of the last counted view, where all of it is in this one."""
        prompt = question.prompt or 0
        if self._first is None:
            self._first = prompt, sum(question.sizes[ident].bytes for ident in question.view)
        if told is None or prompt <= told:
            return
        fresh = self._fresh(question)
        size = sum(question.sizes[ident].bytes for ident in fresh)
        self._grown_tokens, self._grown_bytes = self._grown_tokens + prompt - told, self._grown_bytes + size
        self._tokens |= {ident: (prompt - told) * question.sizes[ident].bytes / size for ident in fresh if size}

    def _fresh(self, question: Question) -> list[PartId]:
        """What was added at the end; linear over a trial."""
        count = question.asked.count
        return list(question.view[len(question.view) - count :]) if count else []

    def of(self, question: Question, unit: tuple[PartId, ...]) -> float:
        return sum(self._tokens.get(ident, self.rate * question.sizes[ident].bytes) for ident in unit)

    @property
    def rate(self) -> float:
        """Tokens per byte of this trial's words."""
        return self._grown_tokens / self._grown_bytes if self._grown_bytes else 1 / USUAL

    @property
    def base(self) -> float:
        """Tokens that stand before all parts: tools, and what a template adds."""
        return max(0.0, self._first[0] - self.rate * self._first[1]) if self._first else 0.0


def dropped(question: Question, weights: Weights) -> tuple[PartId, ...]:
    """Ollama drops the oldest messages first, never a system text and never the last: as many as leave nearest to what was evaluated.

    Each result of a message of several is a message of its own there.
    """
    units = list(_messages(question))
    oldest = [unit for unit in units[:-1] if question.sizes[unit[0]].role is not Role.SYSTEM]
    left, prompt = weights.base + sum(weights.of(question, unit) for unit in units), question.prompt or 0
    ways: list[tuple[float, int]] = []
    for count, unit in enumerate(oldest, 1):
        left -= weights.of(question, unit)
        ways.append((abs(left - prompt), count))
    count = min(ways, default=(0.0, 0))[1]
    return tuple(ident for unit in oldest[:count] for ident in unit)


def outside_tail(question: Question, weights: Weights) -> tuple[PartId, ...]:
    """A cut by tokens keeps a handful at the beginning and the newest: every part that is not surely whole among those.

    Ollama cuts so only where dropping has left nothing but system texts, tools and the last message. Templates put tools before the system
    text or behind it, so what is taken from the beginning may be either. Whoever drops no messages is taken to have cut the whole.
    """
    last = set(list(_messages(question))[-1]) if question.bounded else set(question.view)
    room, lost = float((question.prompt or 0) - KEPT[0]), list(question.view)
    while lost and lost[-1] in last and (room := room - weights.of(question, (lost[-1],))) >= 0:
        lost.pop()
    return tuple(lost)


def shifted_out(question: Question, gone: int, weights: Weights) -> tuple[PartId, ...]:
    """A shift throws away the oldest tokens behind a handful that it keeps: parts that begin there. Tools stand before all parts but system texts."""
    at, lost = weights.base, []
    for ident in question.view:
        if at >= gone + KEPT[0] and question.sizes[ident].role is not Role.SYSTEM:
            break
        lost.append(ident)
        at += weights.of(question, (ident,))
    return tuple(lost)


def alone(question: Question, weights: Weights) -> float:
    """Estimated tokens of what is never dropped: the system texts and the last message."""
    units = list(_messages(question))
    kept = [unit for unit in units[:-1] if question.sizes[unit[0]].role is Role.SYSTEM] + units[-1:]
    return sum(weights.of(question, unit) for unit in kept)


def _messages(question: Question) -> Iterator[tuple[PartId, ...]]:
    unit: tuple[PartId, ...] = ()
    for ident in question.view:
        same = bool(unit) and unit[0].rsplit(".", 1)[0] == ident.rsplit(".", 1)[0] and question.sizes[ident].role is not Role.TOOL
        if unit and not same:
            yield unit
            unit = ()
        unit = (*unit, ident)
    if unit:
        yield unit
