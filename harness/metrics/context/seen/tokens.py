"""How many tokens each part has: its share of what the provider counted, else an estimate from what this very trial has shown so far.

Nothing later than the turn that first shows a part decides its figure, so that a trace cut short tells the same as the whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.core.chat import PartId
from harness.metrics.context.scene import Turn

CHARACTERS = 4.0
"""Characters per token before anything is known: the everyday figure for English and code."""
DENSEST, SPARSEST = 0.5, 32.0
"""Characters per token that a count may show (rare scripts, runs of spaces); beyond it the count tells of something else."""


class Shares:
    """Fed turn by turn; `tokens` of every part shown or written so far."""

    def __init__(self, lengths: Mapping[PartId, int], silent: Mapping[PartId, bool]) -> None:
        """`lengths`: characters of each part; `silent`: parts of reasoning."""
        self._lengths, self._silent = lengths, silent
        self.tokens: dict[PartId, int] = {}
        self._view: tuple[PartId, ...] = ()
        self._prompt: int | None = None
        self._characters, self._counted = 0, 0

    def turn(self, turn: Turn, *, cut: bool) -> None:
        """`cut`: the server showed less than was sent, so that its count is none of this view."""
        new = [ident for ident in turn.view if ident not in self.tokens]
        grown = turn.view[: len(self._view)] == self._view
        prompt = None if cut else turn.prompt
        if new:
            grew = prompt - self._prompt if grown and prompt is not None and self._prompt is not None else None
            self._shown(new, self._rest(turn, grew), prompt)
        self._view, self._prompt = turn.view, prompt
        self._replied(turn)

    def estimate(self, ident: PartId) -> int:
        """Of a part that nobody has counted yet."""
        return self._estimates([ident])[0]

    def _rest(self, turn: Turn, grew: int | None) -> int | None:
        """What is left of a prompt's growth for parts that have no tokens yet; None where it can't be told."""
        if grew is None or not self._view:
            return None
        fresh = turn.view[len(self._view) :]
        told = sum(self.tokens.get(ident, 0) for ident in fresh)
        length = sum(self._lengths[ident] for ident in fresh if ident not in self.tokens)
        if _plausible(length, grew - told):
            return grew - told
        whole = sum(self._lengths[ident] for ident in fresh)
        share = round(grew * length / whole) if whole else 0
        return share if _plausible(length, share) else None

    def _shown(self, new: list[PartId], rest: int | None, prompt: int | None) -> None:
        if rest is not None:
            self._give(new, rest)
            self._learn(new, rest)
            return
        guessed = self._estimates(new)
        room = prompt if prompt is not None and not self._view else None
        if room is not None and sum(guessed) > room > 0:
            self._give(new, room)
        else:
            self.tokens |= dict(zip(new, guessed, strict=True))

    def _replied(self, turn: Turn) -> None:
        """A reply's own parts share what the provider counted of it, reasoning and words apart where both are told."""
        parts = [ident for ident in turn.parts if ident not in self.tokens]
        if not parts:
            return
        thoughts = [ident for ident in parts if self._silent.get(ident)]
        spoken = [ident for ident in parts if not self._silent.get(ident)]
        total, thinking = turn.output, turn.thinking
        if total is None:
            self.tokens |= dict(zip(parts, self._estimates(parts), strict=True))
        elif thinking is None or thinking > total:
            self._give(parts, total)
            self._learn(parts, total)
        else:
            self._give(thoughts, thinking)
            self._give(spoken, total - thinking)
            self._learn(spoken, total - thinking)

    def _give(self, parts: Sequence[PartId], total: int) -> None:
        self.tokens |= dict(zip(parts, split(total, [self._lengths[ident] for ident in parts]), strict=True))

    def _learn(self, parts: Iterable[PartId], tokens: int) -> None:
        length = sum(self._lengths[ident] for ident in parts)
        if _plausible(length, tokens):
            self._characters, self._counted = self._characters + length, self._counted + tokens

    def _estimates(self, parts: Sequence[PartId]) -> list[int]:
        ratio = self._characters / self._counted if self._counted else CHARACTERS
        return [round(self._lengths[ident] / ratio) for ident in parts]


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole shares as the weights are; they sum to it. Equal shares where all weights are 0."""
    whole = sum(weights)
    each = weights if whole else [1] * len(weights)
    done, given, shares = 0, 0, []
    for weight in each:
        done += weight
        upto = total * done // (whole or len(weights))
        shares.append(upto - given)
        given = upto
    return shares


def _plausible(characters: int, tokens: int) -> bool:
    return tokens > 0 and DENSEST <= characters / tokens <= SPARSEST
