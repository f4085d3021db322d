"""A trace cut into its tries, and the latest of them."""

from __future__ import annotations

from typing import TypeVar

from harness.core.events import Event, Trace, TrialStarted

Kind = TypeVar("Kind", bound=Event)


def latest(trace: Trace) -> Trace:
    """From the last TrialStarted on; () for an empty trace."""
    starts = [index for index, entry in enumerate(trace) if isinstance(entry.event, TrialStarted)]
    return trace[starts[-1] :] if starts else ()


def of(trace: Trace, kind: type[Kind]) -> tuple[Kind, ...]:
    """All events of one kind, in order."""
    return tuple(entry.event for entry in trace if isinstance(entry.event, kind))


def last(trace: Trace, kind: type[Kind]) -> Kind | None:
    found = of(trace, kind)
    return found[-1] if found else None
