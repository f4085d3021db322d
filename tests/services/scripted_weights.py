"""Hand-set weights that make a transformer of one layer follow a script, greedy or sampled.

Embeddings are one-hot. Queries and keys are zero, so attention is a plain mean over the past, and the values carry
three signs through it: tool results, the rule, and the anchor that opens every prompt exactly once. Results divided by
anchors is a count free of the prompt's length. The feed-forward part turns "count of at least so many" into flags of
0 or 1; the output matrix maps (last token, flags) to the next token. Nothing depends on a position.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tests.services.scripted_script import Script
from tests.services.scripted_vocabulary import END_OF_TEXT, NEWLINE, RESPONSE_START, Vocabulary

HEAD = 64
HIDDEN = 128
STEEP = 3e4  # flags are right up to some 100,000 tokens of prompt, and their rounding errors stay under 3 %
GAIN = 100.0
Matrix = NDArray[np.float32]
SIGNS = ("results", "rule", "anchor")


@dataclass(frozen=True)
class Slots:
    """Where in the residual stream things stand: one-hot tokens first, then a constant, the signs, the flags."""

    words: int
    flags: int

    @property
    def constant(self) -> int:
        return self.words

    def sign(self, name: str) -> int:
        return self.words + 1 + SIGNS.index(name)

    def flag(self, number: int) -> int:
        return self.words + 1 + len(SIGNS) + number

    @property
    def width(self) -> int:
        """The embedding length, rounded up to whole heads."""
        return -(-(self.words + 1 + len(SIGNS) + self.flags) // HEAD) * HEAD


def thresholds(script: Script) -> tuple[int, ...]:
    """The numbers of tool results at which the script goes on, in order."""
    later = (*script.turns[1:], *((script.lost,) if script.lost else ()))
    return tuple(turn.results for turn in later)


def make_weights(script: Script, words: Vocabulary, rule: str, *, norms: bool) -> dict[str, Matrix]:
    """All tensors by name; `norms` adds those that normalise queries and keys."""
    slots = Slots(len(words.texts), len(thresholds(script)) + 1)
    width = slots.width
    square = {f"blk.0.attn_{name}.weight": zeros(width, width) for name in ("q", "k", "v", "output")}
    ones = ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"]
    weights = square | {f"{name}.weight": np.ones(width, np.float32) for name in ones}
    if norms:
        weights |= {f"blk.0.attn_{name}_norm.weight": np.ones(HEAD, np.float32) for name in ("q", "k")}
    weights["token_embd.weight"] = embed(slots)
    carry_signs(weights, slots, words, rule)
    weights |= raise_flags(slots, thresholds(script))
    weights["output.weight"] = answer(script, words, slots)
    return weights


def zeros(rows: int, columns: int) -> Matrix:
    return np.zeros((rows, columns), np.float32)


def embed(slots: Slots) -> Matrix:
    """Each token is itself and the constant."""
    table = zeros(slots.words, slots.width)
    np.fill_diagonal(table, 1)
    table[:, slots.constant] = 1
    return table


def carry_signs(weights: dict[str, Matrix], slots: Slots, words: Vocabulary, rule: str) -> None:
    """Let attention bring the share of each sign's token in the past to the sign's slot."""
    for channel, (sign, token) in enumerate(zip(SIGNS, (RESPONSE_START, rule, END_OF_TEXT), strict=True)):
        weights["blk.0.attn_v.weight"][channel, words.number(token)] = 1
        weights["blk.0.attn_output.weight"][slots.sign(sign), channel] = 1


def raise_flags(slots: Slots, counts: tuple[int, ...]) -> dict[str, Matrix]:
    """The feed-forward part: silu(m) - silu(m - c) is c for a large m and 0 for one below zero."""
    gate, up, down = zeros(HIDDEN, slots.width), zeros(HIDDEN, slots.width), zeros(slots.width, HIDDEN)
    # One result is told from none without the anchor, which a server that cuts the prompt may drop.
    needs = [("results", count - 0.5 if count > 1 else 0.0) for count in counts] + [("rule", 0.0)]
    for number, (sign, anchors) in enumerate(needs):
        rows = slice(2 * number, 2 * number + 2)
        gate[rows, slots.sign(sign)] = STEEP
        gate[rows, slots.sign("anchor")] = -STEEP * anchors
        gate[2 * number + 1, slots.constant] = -1
        up[rows, slots.constant] = 1
        down[slots.flag(number), rows] = (2 / slots.width, -2 / slots.width)
    return {"blk.0.ffn_gate.weight": gate, "blk.0.ffn_up.weight": up, "blk.0.ffn_down.weight": down}


def answer(script: Script, words: Vocabulary, slots: Slots) -> Matrix:
    """The next token by the last one, and at a reply's opening the turn whose flag is up and whose successor's is not.

    Rivals are a third apart or more, so that a server's repeat penalty (1.1 on words of the history) changes nothing.
    """
    table = zeros(slots.words, slots.width)
    endings = [turn for turn in (script.kept, script.lost) if turn]
    for turn in (*script.turns, *endings):
        for here, there in pairwise(turn.pieces):
            table[words.number(there), words.number(here)] = 3 * GAIN
    table[words.number(script.turns[0].pieces[0]), words.number(NEWLINE)] = GAIN
    for number, turn in enumerate((*script.turns[1:], *((script.lost,) if script.lost else ()))):
        table[words.number(turn.pieces[0]), slots.flag(number)] = GAIN
        table[words.number(script.turns[number].pieces[0]), slots.flag(number)] = -GAIN
    if script.kept:
        last = len(script.turns) - 1
        table[words.number(script.kept.pieces[0]), (slots.flag(last), slots.flag(last + 1))] = 0.7 * GAIN
    return table
