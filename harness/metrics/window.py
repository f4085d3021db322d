"""The arithmetic of a window: what a prompt must cost at least, what it may cost at most, and which counts a cut leaves behind; pure."""

from __future__ import annotations

import msgspec

from harness.core.chat import Usage

DENSE = 8
"""Bytes of words that a token may stand for: prose and code have 3 to 5; runs of blanks have more, so this alone never convicts."""
USUAL = 4
"""Bytes per token of prose and code, for figures that are told as estimates."""
SLACK = 1
"""One answer may end a token beyond the window: the last one is sampled and never evaluated (seen on Ollama 0.24)."""
KEPT = (4, 5)
"""Tokens that Ollama keeps at a prompt's beginning (`num_keep`), without and with a beginning-of-sequence token."""


class Asked(msgspec.Struct, frozen=True):
    """A view put before a model, in bytes of its words without reasoning. `grown`: all of the last counted view is in it, in order.

    `added`: what is new since then, `written` of it by the model itself; `whole`: all of it. `count`: parts that are new.
    """

    grown: bool
    added: int
    written: int
    whole: int
    count: int = 0


class Before(msgspec.Struct, frozen=True):
    """The last counted view. `full`: tokens that it has at least, cut or not; `told`: what was evaluated of it; `output` of the reply to it."""

    full: int
    told: int
    output: int


def least(before: Before | None, asked: Asked) -> int:
    """Tokens that the view has at least."""
    grown = before.full + asked.added // DENSE if before is not None and asked.grown else 0
    return max(grown, asked.whole // DENSE)


def most(before: Before | None, asked: Asked) -> int:
    """Tokens that the view has at most: a byte has one at most, and a reply no more than were counted as it was written."""
    if before is None or not asked.grown:
        return asked.whole
    return before.full + max(before.output, asked.written // USUAL) + max(0, asked.added - asked.written)


def signatures(window: int) -> frozenset[int]:
    """Counts that a prompt cut by tokens is told to have, all in tokens.

    The window whole (Ollama to 0.24), less one (0.30.0 to 0.30.8), and what is left when half of all but the kept tokens goes:
    `num_ctx - max((num_ctx - num_keep) / 2, 1)` (from 0.30.11; ollama/ollama#17427), which is 2050 or 2051 of 4096.
    """
    return frozenset({window, window - 1, *(window - max((window - kept) // 2, 1) for kept in KEPT)})


def tolerance(tokens: int, reasoning: int = 0) -> int:
    """Tokens that a template may save by itself: 16 or 2 % of the prompt for its own re-rendering, and all `reasoning` (characters) so far."""
    return max(16, tokens // 50) + reasoning // 2


def shifted(window: int, prompt: int, output: int) -> int:
    """Tokens thrown away while an answer was written: half of the window each time that it was full (llama.cpp's context shift); 0 for none."""
    over = prompt + output - window
    if prompt > window or over <= SLACK:
        return 0
    half = max((window - KEPT[0]) // 2, 1)
    return -(-over // half) * half


def doubt(before: Before | None, asked: Asked, usage: Usage, window: int | None, *, declared: bool) -> str:
    """Why a prompt's count is worth an independent one; "" where it is not. `declared`: the server may cut, so nearness to the window is enough."""
    prompt = usage.input_total
    if prompt is None:
        return ""
    if before is not None and asked.grown and prompt < before.told:
        return "the count fell though the view only grew"
    if prompt < least(before, asked):
        return "the count grew by less than the words that were added"
    if window is None or prompt > window:
        return ""
    if shifted(window, prompt, usage.output_total or 0):
        return "prompt and answer are more than the window"
    beyond = most(before, asked) > window
    if beyond and (declared or prompt in signatures(window)):
        return "it may have more tokens than the window"
    return ""


def settled(usage: Usage, counted: int | None, *, more: bool = False) -> Before | None:
    """What the next view is held against: the larger of what was evaluated and what was counted; None where nothing was told."""
    if usage.input_total is None:
        return None
    full = max(usage.input_total, (counted or 0) + more)
    return Before(full, usage.input_total, usage.output_total or 0)
