"""Measuring a local model before its first trial: how fast it reads and writes, a tool round trip, an edit, a word in a long prompt.

All of it within a budget of seconds. Each request may take no longer than its share and what is left; one that fails is named and the next is
tried, because a measurement is a courtesy and no reason to lose a night.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from harness.core.chat import ModelRequest, Reply, ToolSpec, View
from harness.core.errors import HarnessError
from harness.core.measured import Measured
from harness.core.ports import Model
from harness.engine import probes
from harness.engine.patience import HungError, within

BUDGET_S = 120.0
READ_S, WRITE_S, TOOL_S = 40.0, 20.0, 30.0
"""The most that one question of a kind may take, so that a slow model is measured in more than one respect."""
ENOUGH_S = 2.0
"""A prompt that took so long to read tells the speed; below it the fixed cost of a request would count as reading."""
STEPS = (512, 2048, 8192, 16384)
"""Tokens of the further prompts that are read, until one takes long enough."""
FIRST_CHARACTERS = 1024
WRITTEN, ANSWERED = 128, 1024
"""Tokens: of what is written to be timed, and at most of an answer that may think first."""
NEEDLE_AT = 0.9
STRAY = (HarnessError, OSError, ValueError, TypeError, LookupError, AttributeError)
"""What a model, its server or its adapter may do to a probe: the trials show it better, with a record."""
Name: TypeAlias = str
Found = TypeVar("Found")


class OutOfTimeError(HarnessError):
    """A probe's seconds are over. `count` tokens were told from `first` to `last`, in the clock's seconds."""

    def __init__(self, allowed: float, count: int, first: float, last: float) -> None:
        self.count, self.first, self.last = count, first, last
        super().__init__(f"no whole answer within {allowed:.0f} s")


class Reading(msgspec.Struct, frozen=True):
    """Tokens a second of a prompt nobody knew, characters of it per token, and the seconds that reading took."""

    speed: float
    characters: float
    seconds: float


def measure(model: Model, tools: Mapping[Name, tuple[ToolSpec, ...]], clock: Callable[[], float], budget: float = BUDGET_S) -> dict[Name, Measured]:
    """One measurement per agent of `tools` (its name -> what it offers the model); speeds and the needle are found once for all of them."""
    probing = Probing(model, clock, budget)
    reading = probing.tried("prefill", probing.read)
    probing.tried("decode", probing.write)
    handled = {name: probing.handled(offered) for name, offered in tools.items()}
    decode = probing.decode()
    needle = probing.tried("needle", lambda: probing.needle(reading, decode))
    took, speed = round(probing.spent(), 3), reading.speed if reading else None
    found, tokens = needle or (None, None)

    def told(trip: float | None, edit: tuple[bool, float] | None, missing: Missing) -> Measured:
        edited, edit_s = edit or (None, None)
        return Measured(speed, decode, trip, edited, edit_s, found, tokens, took, (*probing.missing, *missing))

    return {name: told(*each) for name, each in handled.items()}


Missing: TypeAlias = tuple[tuple[str, str], ...]
Handled: TypeAlias = tuple[float | None, tuple[bool, float] | None, Missing]


class Probing:
    """One model's two minutes. `missing`: what could not be found out, and why."""

    def __init__(self, model: Model, clock: Callable[[], float], budget: float) -> None:
        self._model, self._clock, self._began, self._budget = model, clock, clock(), budget
        self._written: list[tuple[int, float]] = []  # tokens and their seconds, of answers to short prompts
        self.missing: list[tuple[str, str]] = []
        self._hung = ""

    def decode(self) -> float | None:
        """Tokens a second over all that was written so far: a model that says little to each question says enough to all of them."""
        tokens, seconds = (sum(column) for column in zip(*self._written, strict=True)) if self._written else (0, 0.0)
        return tokens / seconds if tokens and seconds else None

    def spent(self) -> float:
        return self._clock() - self._began

    def tried(self, name: str, probe: Callable[[], Found]) -> Found | None:
        """What the probe found; a failure is put down under its name."""
        try:
            return probe()
        except STRAY as fault:
            self.missing.append((name, str(fault) or type(fault).__name__))
            return None

    def handled(self, offered: tuple[ToolSpec, ...]) -> Handled:
        """Round trip and edit with one agent's tools, and what of them is missing."""
        before, self.missing = self.missing, []
        trip = self.tried("tool round trip", lambda: self.trip(offered))
        edit = self.tried("edit", lambda: self.edit(offered))
        missing, self.missing = tuple(self.missing), before
        return trip, edit, missing

    def read(self) -> Reading:
        """Ever longer prompts until one takes long enough. Raises HarnessError."""
        window = self._model.facts.window.granted or 2 * STEPS[-1]
        found = self._read(min(FIRST_CHARACTERS, window // 2))
        for tokens in (step for step in STEPS if step <= window // 2):
            expected = tokens / found.speed
            if found.seconds > ENOUGH_S or expected > min(READ_S, self._left() / 3):
                break
            found = self._read(int(tokens * found.characters))
        return found

    def _read(self, characters: int) -> Reading:
        text = probes.haystack(secrets.token_hex(8), characters)
        reply = self._ask(probes.asked(f"{text}\n\nAnswer with the word yes."), (), 1, READ_S)
        tokens, seconds = probes.fresh(reply), probes.read_s(reply)
        if not tokens or not seconds:
            raise HarnessError("the server counts no tokens, or no time")
        return Reading(tokens / seconds, len(text) / tokens, seconds)

    def write(self) -> None:
        """Raises HarnessError where nothing can be counted."""
        try:
            self._ask(probes.asked(f"{secrets.token_hex(2)}. {probes.COUNT}"), (), WRITTEN, WRITE_S)
        except OutOfTimeError as late:  # what was written by then tells the speed all the same
            if late.count < 2 or late.last <= late.first:
                raise
            self._written.append((late.count - 1, late.last - late.first))
        if not self._written:
            raise HarnessError("the server counts no tokens, or no time")

    def trip(self, offered: tuple[ToolSpec, ...]) -> float:
        """Seconds of the model alone: a question, its call, and its answer to the result. Raises HarnessError."""
        view, began = probes.asked(f"{probes.LOOK} ({secrets.token_hex(2)})"), self._clock()
        first = self._ask(view, _some(offered), ANSWERED, TOOL_S)
        if not probes.called(first):
            raise HarnessError("it called no tool")
        self._ask(probes.with_results(view, first, f"It holds the word {secrets.token_hex(3)}."), offered, ANSWERED, TOOL_S)
        return self._clock() - began

    def edit(self, offered: tuple[ToolSpec, ...]) -> tuple[bool, float]:
        """Whether it calls a tool with valid arguments, and after how many seconds. Raises HarnessError."""
        began = self._clock()
        reply = self._ask(probes.asked(f"{probes.EDIT}\n({secrets.token_hex(2)})"), _some(offered), ANSWERED, TOOL_S)
        return probes.edits(reply, offered), self._clock() - began

    def needle(self, reading: Reading | None, decode: float | None) -> tuple[bool, int]:
        """Whether a word in the middle of 90 % of the window was found, and the prompt's tokens. Raises HarnessError."""
        window = self._model.facts.window.granted
        if window is None or reading is None:
            raise HarnessError("no window is told" if window is None else "how fast it reads is not known")
        tokens, answer = int(NEEDLE_AT * window), min(ANSWERED, window // 16)
        wanted = tokens / reading.speed + (answer / decode if decode else 0.0)
        if wanted > self._left():
            raise HarnessError(f"reading {tokens:,} tokens would take {wanted:,.0f} s at the measured speed, and {max(0.0, self._left()):.0f} s were left")
        word = f"K{secrets.token_hex(3)}"
        text = probes.haystack(secrets.token_hex(8), int(tokens * reading.characters) - 256, word)
        reply = self._ask(probes.asked(f"{text}\n\nWhich word is kept on one of these shelves? Answer with the word alone."), (), answer, self._left())
        return probes.holds(reply, word), reply.usage.input_total or tokens

    def _left(self) -> float:
        return self._budget - self.spent()

    def _ask(self, view: View, tools: tuple[ToolSpec, ...], most: int, share: float) -> Reply:
        """One bounded question. Raises OutOfTimeError, ModelError."""
        facts, allowed, began = self._model.facts, min(share, self._left()), self._clock()
        if self._hung:
            raise HarnessError(self._hung)
        if allowed <= 0:
            raise HarnessError(f"the {self._budget:.0f} s were over")
        told: list[float] = []

        def heard(_tokens: int) -> None:
            told.append(self._clock())
            if told[-1] - began > allowed:
                raise OutOfTimeError(allowed, len(told), told[0], told[-1])

        request = ModelRequest(view, tools, facts.sampling, facts.window.granted, min(most, facts.max_output), facts.thinking, 0)
        try:
            reply = within(allowed, lambda: self._model.reply(request, deadline=allowed, progress=heard))
        except HungError as hung:
            self._hung = f"its server began an answer and did not end it ({hung})"
            raise
        self._timed(reply)
        return reply

    def _timed(self, reply: Reply) -> None:
        """The first token comes with the reading, so one alone tells nothing."""
        tokens, seconds = reply.usage.output_total or 0, probes.written_s(reply)
        if tokens > 1 and seconds:
            self._written.append((tokens, seconds))


def _some(offered: tuple[ToolSpec, ...]) -> tuple[ToolSpec, ...]:
    """Raises HarnessError where the agent offers none."""
    if not offered:
        raise HarnessError("its agent offers no tools")
    return offered
