"""Which limit cut a reply: the output limit asked for, or the window; pure."""

from __future__ import annotations

from harness.core.chat import ReplyStop, Usage


def cut_by(usage: Usage, max_output: int, window: int | None) -> ReplyStop:
    """MAX_OUTPUT when all allowed tokens were written, WINDOW_FULL when prompt and answer fill the window, all counts in tokens.

    The output count is asked first: an answer may end at both limits at once, and then the limit is what was asked for.
    """
    if usage.output_total is not None and usage.output_total >= max_output:
        return ReplyStop.MAX_OUTPUT
    if None not in (window, usage.input_total, usage.output_total) and _all(usage) >= (window or 0) - 1:
        return ReplyStop.WINDOW_FULL
    return ReplyStop.MAX_OUTPUT


def _all(usage: Usage) -> int:
    return (usage.input_total or 0) + (usage.output_total or 0)
