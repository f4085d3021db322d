"""The operator's log: a view of events through structlog, with run, trial and turn bound; the only module that imports it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from harness.core.events import Entry, ModelFailed, ModelReplied, ToolReturned, TrialBroke, TrialStarted
from harness.core.trial import TrialKey

_QUIET = frozenset({"PartAdded", "PromptCounted", "TreeSeen"})
_LOUD = (ModelFailed, TrialBroke)


class EventLog:
    """An Observer that writes a JSON line per event worth an operator's eye into the run's own log file.

    A line that the disk does not take is lost: the record has what happened, and a log must not end a run.
    """

    def __init__(self, path: Path, run: str) -> None:
        self._log = structlog.wrap_logger(
            structlog.BytesLogger(path.open("ab", buffering=0)),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(_line),
            ],
        ).bind(run=run)

    def see(self, key: TrialKey, entry: Entry) -> None:
        event = entry.event
        name = type(event).__name__
        if name in _QUIET:
            return
        log = self._log.bind(task=key.task, agent=key.agent, model=key.model, attempt=key.attempt, seq=entry.seq)
        say = log.warning if isinstance(event, _LOUD) else log.info
        with suppress(OSError):
            say(name, **_words(event))

    def note(self, what: str, **words: object) -> None:
        with suppress(OSError):
            self._log.info(what, **words)


def _line(words: object, **options: Any) -> bytes:
    return json.dumps(words, **options).encode()


def _words(event: msgspec.Struct) -> dict[str, object]:
    match event:
        case TrialStarted():
            return {"number": event.number, "seed": event.seed}
        case ModelFailed():
            return {"fault": event.fault, "blame": event.blame, "text": event.text[:300], "will_retry": event.will_retry}
        case ModelReplied():
            return {"stop": event.stop, "tokens_in": event.usage.input_total, "tokens_out": event.usage.output_total}
        case ToolReturned():
            return {"ok": event.ok, "exit_code": event.exit_code, "seconds": event.seconds, "problem": event.problem}
        case TrialBroke():
            return {"where": event.where, "text": event.text[:300], "will_retry": event.will_retry}
        case _:
            return {}
