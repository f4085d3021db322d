"""Signs between two turns that a server reloaded, forgot its cache or cut the prompt; pure."""

from __future__ import annotations

import msgspec

from harness.core.chat import ModelRequest, Timing, Usage, View

RELOAD_S = 1.0
WORTH_S = 0.5
"""A prefill shorter than this many seconds is too short to say anything."""
ENOUGH, MOSTLY_OLD, CLOSE = 64, 4, 0.7
"""New tokens that give a pace; how many times more tokens than new ones; the share of a full prefill that counts as one."""


class Turn(msgspec.Struct, frozen=True):
    """What one answered request showed."""

    view: View
    usage: Usage
    timing: Timing
    pace: float | None = None
    """Seconds of prefill per new token, as the last turns showed it."""


def find(before: Turn | None, now: Turn) -> tuple[str, ...]:
    """Warnings for the record, each a sentence; none for the first turn."""
    if before is None:
        return ()
    return tuple(word for word in (_reload(now), _fall(before, now), _collapse(before, now)) if word)


def grew(before: Turn, now: Turn | ModelRequest) -> bool:
    """Whether messages were only appended since."""
    return now.view[: len(before.view)] == before.view and len(now.view) > len(before.view)


def _reload(now: Turn) -> str:
    load = now.timing.load
    return f"the server spent {load:.1f} s loading the model between turns" if load is not None and load > RELOAD_S else ""


def _fall(before: Turn, now: Turn) -> str:
    was, tokens = before.usage.input_total, now.usage.input_total
    if was is None or tokens is None or tokens >= was or not grew(before, now):
        return ""
    return f"prompt tokens fell from {was} to {tokens} though messages were only appended"


def _collapse(before: Turn, now: Turn) -> str:
    """The cached prefix was computed again: told by the cached count where there is one, else by the prefill's duration."""
    was, tokens, prefill = before.usage.input_total, now.usage.input_total, now.timing.prefill
    if was is None or tokens is None or prefill is None or prefill < WORTH_S or not grew(before, now):
        return ""
    cached = now.usage.cache_read
    if cached is not None:
        return f"only {cached} of {was} earlier prompt tokens were cached" if cached < was / 2 else ""
    if before.pace is None or MOSTLY_OLD * (tokens - was) > tokens or prefill < CLOSE * before.pace * tokens:
        return ""
    return f"prefill took {prefill:.1f} s for {tokens} prompt tokens, {tokens - was} of them new: the prefix was computed again"


def paced(before: Turn | None, now: Turn) -> Turn:
    """The turn with its pace: from its own new tokens where they are enough and nothing collapsed, else as before.

    Never from a first turn: an earlier trial may have left part of its prompt in the server's cache.
    """
    if before is None:
        return now
    was, tokens, prefill = before.usage.input_total, now.usage.input_total, now.timing.prefill
    measured = was is not None and tokens is not None and prefill and tokens - was >= ENOUGH and grew(before, now)
    if not measured or _collapse(before, now):
        return msgspec.structs.replace(now, pace=before.pace)
    return msgspec.structs.replace(now, pace=(prefill or 0.0) / ((tokens or 0) - (was or 0)))
