"""The few words that every output of a gate says alike."""

from __future__ import annotations

from collections.abc import Iterator

from harness.answer.night.gate import Accepted, Gate
from harness.answer.night.gating import GRAVEST
from harness.answer.night.judging import Judged, Rate, TaskThen
from harness.answer.night.sheets import Ends
from harness.answer.side import Who
from harness.metrics.statistics.stratified import Change
from harness.report.summary import counted, counts_line, percent, span, who


def name(of: Who) -> str:
    return line(who(of.agent, of.model, of.variant))


def line(text: str) -> str:
    """Names that others chose, on one line: a line that one of them begins could pass for ours, or for a command to whoever reads a job's log."""
    return " ".join(text.split())


def word(side: Judged) -> str:
    return f"control: {side.word}" if side.control else side.word


def share(ends: Ends) -> str:
    """Passed of decided, with what did not count."""
    broken = f", {ends.broken} broken" if ends.broken else ""
    return f"{ends.passed}/{ends.decided}{broken}"


def spelled(ends: Ends) -> str:
    return counts_line(ends.outcomes)


def rate(told: Rate) -> str:
    return percent(told.rate, 1)


def within(told: Rate) -> str:
    return span(told.interval.low, told.interval.high) if told.interval else "-"


def fell(change: Change | None) -> str:
    """Tonight minus baseline, in points."""
    return "-" if change is None else f"{100 * change.estimate + 0.0:+.1f}"


def bounds(change: Change | None) -> str:
    return "-" if change is None else f"{100 * change.low:+.1f} to {100 * change.high:+.1f}"


def p(figure: float | None) -> str:
    return "-" if figure is None else "< 0.001" if figure < 0.001 else f"{figure:.3f}"


def trials(each: TaskThen) -> str:
    """Tonight's that failed, with why."""
    return ", ".join(f"{trial.trial} {trial.reason}" for trial in each.trials) or "-"


def accepted(each: Accepted) -> str:
    which = f" of {counted(len(each.tasks), 'task')}" if each.tasks else ""
    return f"accepted: {each.name}{which}, then {each.then}, now {each.now} ({name(each.who)})"


def label(told: Gate, side: Judged) -> str:
    """Whose a sentence is: where there is one side with its control, their seeds tell them apart."""
    if len({(each.who.model, each.who.agent) for each in told.sides}) > 1:
        return f"{name(side.who)}: "
    return "" if len(told.sides) == 1 else f"{side.who.variant or 'fixed seeds'}: "


def notes(told: Gate) -> Iterator[str]:
    """What belongs under the word: reasons of each side, the gravest word first, controls last; then what was accepted and what to know."""
    for side in sorted(told.sides, key=lambda each: (each.control, GRAVEST.index(each.word))):
        yield from (f"{label(told, side)}{reason}" for reason in side.reasons)
        if side.left_out:
            yield f"{label(told, side)}{counted(len(side.left_out), 'task')} changed since the baseline and {'is' if len(side.left_out) == 1 else 'are'} left out"
    yield from map(accepted, told.accepted)
    yield from told.told
