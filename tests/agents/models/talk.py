"""A conversation with one model over the engine's own asking, its record kept in memory: what a detector is given of a real server."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from harness.core.agent import Answered
from harness.core.blob import Blob
from harness.core.chat import Message, Origin, Part, Role, Sampling, Text, ToolOutput, View, message
from harness.core.errors import ModelError
from harness.core.events import Digests, Entry, ModelOpened, Trace, TrialStarted
from harness.core.ports import Model
from harness.core.trial import TrialKey
from harness.engine.asking import Asking
from harness.engine.known import Known
from harness.engine.recorder import Recorder
from harness.engine.world import Clock
from harness.metrics.context.cuts import cuts
from harness.metrics.context.ledger import Cut
from tests.agents.models.words import asked

KEY = TrialKey("run", "task", "agent", "model", "", 1)
STARTED = TrialStarted(KEY, 1, None, 7, Digests("", "", "", ""), "{}", "host")


class Kept:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, data: bytes) -> Blob:
        name = hashlib.sha256(data).hexdigest()
        self.held[name] = data
        return Blob(name, len(data))

    def get(self, blob: Blob) -> bytes:
        return self.held[blob.sha256]


class Nobody:
    def see(self, key: TrialKey, entry: Entry) -> None:
        """Nobody watches."""


class Talk:
    """`view` is what the next question shows; `trace` what was recorded so far."""

    def __init__(self, model: Model, *, counting: bool = False, **fields: object) -> None:
        self.entries: list[Entry] = []
        self.view: View = ()
        self._record = Recorder(KEY, self.entries.append, time.monotonic, Nobody())
        self.blobs, clock = Kept(), Clock(time.monotonic, lambda _: None, lambda: None)
        settings = asked((), **({"window": model.facts.window.granted, "sampling": Sampling(temperature=0.0, seed=7)} | fields))
        self._asking = Asking(model, settings, place, self.blobs, clock, Known(self.blobs, self._record), counting=counting)
        self._replies = self._messages = 0
        self._record(STARTED)
        self._record(ModelOpened(model.facts))

    @property
    def trace(self) -> Trace:
        return tuple(self.entries)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        return cuts(self.trace)

    def add(self, role: Role, text: str, origin: Origin = Origin.USER) -> None:
        """A message of one text."""
        self._messages += 1
        self.view = (*self.view, message(f"m{self._messages}", role, origin, Text(text)))

    def ask(self) -> Answered | None:
        """The reply, which is in the view then; None where the question failed, with the fault on record."""
        self._replies += 1
        try:
            answered = self._asking.ask(self.view, f"a{self._replies}", self._record)
        except ModelError:
            return None
        if answered is not None:
            self.view = (*self.view, answered.message)
        return answered

    def results(self, text: str) -> None:
        """A result for each call of the last reply."""
        calls = self.view[-1].calls
        self._messages += 1
        parts = (
            Part(f"m{self._messages}.{k}", Origin.TOOL, ToolOutput(call.id, call.name, text, ok=True)) for k, call in enumerate(calls, 1)
        )
        self.view = (*self.view, Message(f"m{self._messages}", Role.TOOL, tuple(parts)))


@contextmanager
def place() -> Iterator[float]:
    """A place at the model that nobody had to wait for."""
    yield 0.0


def chatter(talk: Talk, turns: int, seed: int, most: int = 24) -> int:
    """So many turns at most of a model that calls a tool each time, with results of 1 to `most` words that come to fill the window; those answered.

    The view only grows, and nothing is asked that could not fit: what is counted over it is honest.
    """
    lot, done = random.Random(seed), 0
    talk.add(Role.SYSTEM, "Keep the rule <|rule|> at all times.", Origin.HARNESS)
    talk.add(Role.USER, f"Look around, number {seed}.")
    while done < turns and talk.ask() is not None:
        done += 1
        talk.results(" ".join(lot.choice(WORDS) for _ in range(lot.randint(1, most))))
    return done


WORDS = ("readme", "a.py", "    ", "\n\n", "==========", "x", "déjà", "错误", "def f(x): return x", "0x7f", "-rw-r--r--", "\t\t")


def as_declared(trace: Trace, *, declared: bool) -> Trace:
    """The same record of a model whose cuts were, or were not, said to come."""

    def change(entry: Entry) -> Entry:
        event = entry.event
        if not isinstance(event, ModelOpened):
            return entry
        facts = msgspec.structs.replace(event.facts, cuts_declared=declared)
        return msgspec.structs.replace(entry, event=ModelOpened(facts))

    return tuple(map(change, trace))
