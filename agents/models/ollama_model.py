"""One opened model of an Ollama server: ask, count, render."""

from __future__ import annotations

import time
from contextlib import closing

import msgspec

from agents.models import drift, leaks, ollama_probe, ollama_wire
from agents.models.ollama_link import Link
from harness.core.chat import ModelRequest, Reply, ReplyStop, Role, Thinking, Timing, Usage, View
from harness.core.errors import Blame, Fault, ModelError, Wire
from harness.core.facts import ModelFacts
from harness.core.ports import Progress

RENDERED_CHARACTERS = 200
"""So much of a thought must be found in the rendered prompt; templates trim and wrap its ends."""


class OllamaModel:
    """Not for two threads at once: it remembers the last turn, to see a reload or a lost cache at the next."""

    def __init__(self, link: Link, facts: ModelFacts, keep_alive: str, *, repair: bool) -> None:
        self._link, self._facts, self._keep_alive, self._repair = link, facts, keep_alive, repair
        self._before: drift.Turn | None = None

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """As the port says. A stream that ends without `done` is CUT_STREAM, whatever it said before."""
        asked = self._filled(request)
        body = ollama_wire.body(self._facts.name, asked, self._keep_alive)
        body = ollama_wire.left_to_the_server(body) if self._facts.cuts_declared else body
        kept, stem = bytearray(), f"call_{_answers(request.view) + 1}"
        heard, began, first, count = ollama_wire.Heard(), time.monotonic(), None, 0
        with closing(self._link.stream("/api/chat", body, deadline, kept)) as lines:
            for line in lines:
                first = time.monotonic() - began if first is None else first
                heard, count = ollama_wire.hear(heard, line, stem), count + 1
                progress(count)
        wire = Wire(ollama_wire.encode(body), bytes(kept), 200)
        if not heard.done:
            raise ModelError(Fault.CUT_STREAM, "the stream ended without done", wire=wire)
        wall = time.monotonic() - began
        return self._told(asked, heard, wire, drift.Turn(asked.view, *_measured(heard, wall, first)))

    def _told(self, asked: ModelRequest, heard: ollama_wire.Heard, wire: Wire, turn: drift.Turn) -> Reply:
        contents = ollama_wire.contents(heard)
        names = [tool.name for tool in asked.tools]
        leaked, repaired, swallowed = leaks.count(contents, names), 0, _swallowed(heard)
        # A server that throws away what its parser can't read hides a broken call; with tools given it is told as one.
        broken = tuple((words, Blame.MODEL) for words in swallowed if names) + leaks.broken(contents, names)
        stop = ollama_wire.stop(heard, asked)
        if self._repair and leaked:
            contents, repaired = leaks.repair(contents, names, f"call_{_answers(asked.view) + 1}_leaked")
            stop = ReplyStop.TOOL if stop is ReplyStop.END else stop
        warnings = (*drift.find(self._before, turn), *swallowed, *self._elsewhere(heard.remote))
        self._before = drift.paced(self._before, turn)
        return Reply(
            contents, stop, str(heard.last.get("done_reason") or ""), turn.usage, turn.timing, wire,
            thinking_kept=self._thinking_kept(asked), leaked=leaked, repaired=repaired, malformed=broken, warnings=warnings, remote=heard.remote,
        )  # fmt: skip

    def count(self, request: ModelRequest) -> int | None:
        """By a reply of one token, cutting refused: the server has no tokenizer to ask, and the prefill is cached for the real question."""
        return ollama_probe.count(self._link, self._facts, self._filled(request), self._keep_alive)

    def render(self, request: ModelRequest) -> str | None:
        return ollama_probe.render(self._link, self._facts.name, self._filled(request), self._keep_alive)

    def _elsewhere(self, remote: str) -> tuple[str, ...]:
        return (f"answered by {remote}: code left the machine",) if remote and not self._facts.remote else ()

    def _filled(self, request: ModelRequest) -> ModelRequest:
        """The request with the window and thinking that the model was opened with, where it names none."""
        window = request.window if request.window is not None else self._facts.window.granted
        return msgspec.structs.replace(request, window=window, thinking=request.thinking or self._facts.thinking)

    def _thinking_kept(self, asked: ModelRequest) -> bool | None:
        """Whether all earlier thinking was in the prompt; rendered again only where a later user message may have erased it."""
        thoughts = _thoughts(asked.view)
        if not thoughts:
            return None
        if self._facts.thinking_path != "kept":
            return False if self._facts.thinking_path == "dropped" else None
        if not _asked_after_thinking(asked.view):
            return True
        try:
            rendered = self.render(asked)
        except ModelError:
            return None
        return None if rendered is None else all(thought in rendered for thought in thoughts)


def _measured(heard: ollama_wire.Heard, wall: float, first: float | None) -> tuple[Usage, Timing]:
    return ollama_wire.usage(heard.last), ollama_wire.timing(heard.last, wall, first)


def _swallowed(heard: ollama_wire.Heard) -> tuple[str, ...]:
    """Tokens were written and nothing came out: a parser of the server kept them."""
    written = ollama_wire.number(heard.last, "eval_count") or 0
    if written <= 8 or ollama_wire.contents(heard):
        return ()
    return (f"the server counted {written} tokens of output and gave none of them",)


def _answers(view: View) -> int:
    return sum(message.role is Role.ASSISTANT for message in view)


def _thoughts(view: View) -> list[str]:
    texts = (part.content.text.strip() for message in view for part in message.parts if isinstance(part.content, Thinking))
    return [text[:RENDERED_CHARACTERS] for text in texts if text]


def _asked_after_thinking(view: View) -> bool:
    thought = False
    for message in view:
        if thought and message.role is Role.USER:
            return True
        thought = thought or any(isinstance(part.content, Thinking) and part.content.text for part in message.parts)
    return False
