"""The operator's log: a view of events through structlog, with run, trial and turn bound; the only module that imports it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import msgspec
import structlog

from harness.core.errors import PlanError
from harness.core.events import Entry, ModelAsked, ModelFailed, ModelReplied, ToolReturned, TrialBroke, TrialStarted
from harness.core.trial import TrialKey

_QUIET = frozenset({"PartAdded", "PromptCounted", "TreeSeen"})
_LOUD = (ModelFailed, TrialBroke)
STYLES = ("", "json", "text")


class EventLog:
    """An Observer that writes a JSON line per event worth an operator's eye into the run's own log file.

    `aloud`: where there is an operator to hear it, on stderr too, as "json" or "text". `turn` is that of the last question, 0 before it.
    A line that the disk does not take is lost: the record has what happened, and a log must not end a run.
    """

    def __init__(self, path: Path, run: str, *, aloud: str = "") -> None:
        """Raises PlanError for another style."""
        checked(aloud)
        self._file = path.open("ab", buffering=0)
        self._log = _logger(structlog.BytesLogger(self._file), structlog.processors.JSONRenderer(_line)).bind(run=run)
        self._aloud = _spoken(aloud).bind(run=run) if aloud else None
        self._turn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Of the log itself, not of what `of` made of it."""
        self._file.close()

    def of(self, trial: str) -> EventLog:
        """The same log for one trial, by its short id."""
        bound = object.__new__(EventLog)
        bound._file, bound._turn = self._file, 0
        bound._log = self._log.bind(trial=trial)
        bound._aloud = self._aloud.bind(trial=trial) if self._aloud else None
        return bound

    def see(self, key: TrialKey, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, (TrialStarted, ModelAsked)):
            self._turn = event.turn if isinstance(event, ModelAsked) else 0
        name = type(event).__name__
        if name not in _QUIET:
            named = {"task": key.task, "agent": key.agent, "model": key.model, "attempt": key.attempt, "turn": self._turn, "seq": entry.seq}
            self._write("warning" if isinstance(event, _LOUD) else "info", name, **named, **_words(event))

    def note(self, what: str, **words: object) -> None:
        """A line about the run as a whole."""
        self._write("info", what, **words)

    def repeat(self, what: str, *, turn: int, **words: object) -> None:
        """Aloud only: what a worker said, which has it in the file already."""
        if self._aloud:
            self._aloud.info(what, turn=turn, **words)

    def _write(self, level: str, what: str, **words: object) -> None:
        for log in filter(None, (self._log, self._aloud)):
            with suppress(OSError, ValueError):  # ValueError: closed
                getattr(log, level)(what, **words)


def checked(aloud: str) -> None:
    """Raises PlanError for a style that there is not."""
    if aloud not in STYLES:
        raise PlanError("", "LONGHAUL_LOG", repr(aloud), "json or text")


def _logger(sink: Any, renderer: Any) -> Any:
    level, time = structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)
    return structlog.wrap_logger(sink, processors=[level, time, renderer])


def _spoken(style: str) -> Any:
    """On stderr as it is at that moment: a moving picture takes its place and prints such lines above itself."""
    as_json = structlog.processors.JSONRenderer(json.dumps)
    return _logger(_Stderr(), as_json if style == "json" else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))


class _Stderr:
    """What structlog writes a line to."""

    def msg(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    info = warning = msg


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
