"""What a worker says of its trial: a line on stdout for what the person in front of the terminal wants to see, the rest into the log."""

from __future__ import annotations

import os
from contextlib import suppress

import msgspec

from harness.core.events import (
    AgentStopped,
    Entry,
    ModelAsked,
    ModelFailed,
    ModelReplied,
    ToolCalled,
    ToolReturned,
    TrialStarted,
)
from harness.core.ports import Observer
from harness.core.trial import TrialKey
from harness.engine.workers import Line
from harness.report.standing import Gauge, gauge

SAID = (TrialStarted, ModelAsked, ModelFailed, ModelReplied, ToolCalled, ToolReturned, AgentStopped)
STDOUT = 1


class Teller:
    """An Observer of one trial; it keeps a gauge and the money, and nothing that grows with the trace."""

    def __init__(self, short: str, log: Observer) -> None:
        self._short, self._log = short, log
        self._now = Gauge()
        self._before = 0.0

    @property
    def paid(self) -> float:
        """USD that this trial cost in this worker, its broken tries included."""
        return self._before + (self._now.spent.cost_usd or 0.0)

    def see(self, key: TrialKey, entry: Entry) -> None:
        self._log.see(key, entry)
        if isinstance(entry.event, TrialStarted):
            self._before = self.paid
        self._now = gauge(self._now, entry)
        if isinstance(entry.event, SAID):
            say(_line(self._short, entry, self._now))


def _line(short: str, entry: Entry, now: Gauge) -> Line:
    spent, event = now.spent, entry.event
    tool = event.name if isinstance(event, ToolCalled) else ""
    return Line(short, type(event).__name__, spent.turns, tool, spent.tokens, spent.cost_usd, fill=now.fill, doing=now.doing)


def say(line: Line) -> None:
    """One line, at once; a parent that is gone does not matter any more."""
    data = msgspec.json.encode(line) + b"\n"
    with suppress(BrokenPipeError):
        while data:
            data = data[os.write(STDOUT, data) :]
