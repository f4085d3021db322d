"""A group's headline in sentences: what was lost, of how many, how the trials ended, and what stands apart."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.context import sessions
from harness.report.context.loss import Apart, Group
from harness.report.context.words import interval, per_hundred, share_of
from harness.report.summary import counted


def said(group: Group) -> tuple[str, ...]:
    """In the order in which they should be read."""
    return tuple(_said(group))


def _said(group: Group) -> Iterator[str]:
    yield f"{counted(group.trials, 'trial')} of {counted(group.tasks, 'task')}, {counted(group.turns, 'turn')}; ended: {ended(group)}"
    yield cut(group)
    yield _losses(group)
    if group.violated.opportunities:
        yield f"violated and not put right in time: {share_of(group.violated)}"
    if group.probed:
        yield _probed(group)
    if words := sessions.said(group.sessions):
        yield words
    points = group.points
    if points.met or points.unmet or points.open:
        yield f"points of the requests at the end: {points.met} met, {points.unmet} not met" + (f", {points.open} not known" if points.open else "")
    yield from (_apart(words, each) for words, each in (("items that nobody validated", group.unvalidated), ("across interludes", group.interludes)) if _any(each))


def _losses(group: Group) -> str:
    line = group.losses
    what = f"{line.roots} {'loss' if line.roots == 1 else 'losses'}"
    rate = f"{per_hundred(line.rate)} per 100 opportunities" if line.rate.rate else f"no rate: {line.rate.lacking}"
    return (
        f"context lost: {what} ({line.total} with what followed) in {line.trials} of {group.trials} trials, {line.rate.opportunities:,} opportunities of"
        f" {counted(line.rate.tasks, 'task')}, {rate}; {line.candidate} candidate, {line.confirmed} confirmed, {line.rejected} rejected, {line.undecided} undecided"
    )


def ended(group: Group) -> str:
    """Trials by how their conversation ended."""
    return ", ".join(f"{count} {(stop or 'broken off').replace('_', ' ')}" for stop, count in group.ended.items())


def cut(group: Group) -> str:
    """The share of A in a sentence."""
    told = group.cut
    if not told.trials:
        return f"A: the server took nothing from the view, at {told.of_turns:,} turns of {counted(told.of_trials, 'trial')}"
    declared = f", {told.declared} of these declared it beforehand" if told.declared else ""
    return (
        f"A: the server took something at {told.turns:,} of {told.of_turns:,} turns ({100 * told.share:.1f} %), in {told.trials} of {told.of_trials} trials{declared};"
        f" {told.tokens:,} tokens as far as told"
    )


def _probed(group: Group) -> str:
    told = group.probed
    if told is None:
        return ""
    why, number = told.void or told.why, counted(told.points, "point")
    beside = "" if why.startswith(number) else f"{number}, "
    if told.fraction is None or told.per_hundred is None or why:
        return f"attributable to the context: nothing can be said, {why or 'the whole view never failed'} ({beside}probe {told.run})"
    return (
        f"attributable to the context: {interval(told.fraction, 100, 0)} % of failures, {interval(told.per_hundred)} per 100 opportunities"
        f" ({counted(told.points, 'point')} of {counted(told.tasks, 'task')} replayed, probe {told.run})"
    )


def _any(told: Apart) -> bool:
    return bool(told.opportunities or told.findings)


def _apart(words: str, told: Apart) -> str:
    return f"apart, in no rate: {words}: {told.violated} of {told.opportunities:,} opportunities violated, {counted(told.findings, 'finding')}"
