"""One opened model of an OpenAI-compatible server: ask with a stream, count and render where the server can."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2
import msgspec
import openai

from agents.models import bounds, drift, leaks, openai_wire
from agents.models.fault_rules import Said, fault_of, waiting
from agents.models.openai_errors import RULES
from agents.models.openai_server import Desk
from agents.models.tee import Tee
from harness.core.chat import ModelRequest, Reply, ReplyStop, Role, Thinking
from harness.core.errors import ContextOverflow, Fault, ModelError
from harness.core.facts import ModelFacts
from harness.core.ports import Progress

CONNECT_S = 10.0


class Manner(msgspec.Struct, frozen=True):
    """`kind` of server; `bounded`: prompt and answer must be kept to the window by us; `repair` leaked calls."""

    kind: str
    bounded: bool
    repair: bool

    @property
    def dialect(self) -> openai_wire.Dialect:
        return openai_wire.DIALECTS[self.kind]


class OpenAIModel:
    """Not for two threads at once: it remembers the last turn, to know how full the window is."""

    def __init__(self, client: openai.OpenAI, tee: Tee, desk: Desk, facts: ModelFacts, manner: Manner) -> None:
        self._client, self._tee, self._desk, self._facts, self._manner = client, tee, desk, facts, manner
        self._before: drift.Turn | None = None

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """As the port says. A stream that ends without `finish_reason` is CUT_STREAM."""
        asked = self._filled(request)
        limit = self._limit(asked)
        sent = openai_wire.arguments(self._facts.name, asked, limit, self._manner.dialect)
        stem = f"call_{sum(message.role is Role.ASSISTANT for message in asked.view) + 1}"
        heard, began, first, count = openai_wire.Heard(), time.monotonic(), None, 0
        timeout = httpx2.Timeout(None, connect=CONNECT_S, read=deadline)
        with named(self._tee), self._client.chat.completions.create(**sent, timeout=timeout) as chunks:
            for chunk in chunks:
                first = time.monotonic() - began if first is None else first
                heard, count = openai_wire.hear(heard, chunk.to_dict(), stem), count + 1
                progress(count)
        if not heard.reason:
            raise ModelError(Fault.CUT_STREAM, "the stream ended without finish_reason", wire=self._tee.wire())
        timing = openai_wire.timing(heard, time.monotonic() - began, first)
        return self._told(asked, heard, drift.Turn(asked.view, openai_wire.usage(heard), timing), limit)

    def _told(self, asked: ModelRequest, heard: openai_wire.Heard, turn: drift.Turn, limit: int) -> Reply:
        names = [tool.name for tool in asked.tools]
        contents, stop = openai_wire.contents(heard), openai_wire.stop(heard, asked, limit)
        leaked, broken, repaired = leaks.count(contents, names), leaks.broken(contents, names), 0
        if self._manner.repair and leaked:
            contents, repaired = leaks.repair(contents, names, f"call_{len(asked.view)}_leaked")
            stop = ReplyStop.TOOL if stop is ReplyStop.END else stop
        warnings = drift.find(self._before, turn)
        self._before = drift.paced(self._before, turn)
        return Reply(
            contents, stop, heard.reason, turn.usage, turn.timing, self._tee.wire(), thinking_kept=self._thinking_kept(asked),
            leaked=leaked, repaired=repaired, malformed=broken, warnings=warnings,
        )  # fmt: skip

    def count(self, request: ModelRequest) -> int | None:
        return self._desk.count(self._manner.kind, self._facts.name, self._asked(request))

    def render(self, request: ModelRequest) -> str | None:
        return self._desk.render(self._manner.kind, self._asked(request))

    def _asked(self, request: ModelRequest) -> dict[str, object]:
        return openai_wire.arguments(self._facts.name, self._filled(request), request.max_output, self._manner.dialect)

    def _filled(self, request: ModelRequest) -> ModelRequest:
        window = request.window if request.window is not None else self._facts.window.granted
        return msgspec.structs.replace(request, window=window, thinking=request.thinking or self._facts.thinking)

    def _limit(self, asked: ModelRequest) -> int:
        """The output limit to send; raises ContextOverflow before sending what does not fit a window that we must keep."""
        window = asked.window
        if window is None or not self._manner.bounded:
            return max(1, asked.max_output)
        tokens = bounds.estimate(self._before, asked)
        if bounds.near(tokens + asked.max_output, window):
            tokens = self.count(asked) or tokens
        if tokens >= window:
            raise ContextOverflow(f"the prompt has {tokens} tokens, the window {window}", prompt_tokens=tokens, window=window)
        return max(1, min(asked.max_output, window - tokens))

    def _thinking_kept(self, asked: ModelRequest) -> bool | None:
        """Whether all earlier thinking is in the prompt; known only where the server renders."""
        thoughts = [
            part.content.text.strip()[:200]
            for message in asked.view
            for part in message.parts
            if isinstance(part.content, Thinking) and part.content.text.strip()
        ]
        rendered = self.render(asked) if thoughts else None
        return None if rendered is None else all(thought in rendered for thought in thoughts)


@contextmanager
def named(tee: Tee) -> Iterator[None]:
    """Give the package's and its HTTP client's failures their names."""
    try:
        yield
    except openai.APIStatusError as refused:
        wait = waiting(refused.response.headers, time.time())
        raise fault_of(RULES, _said(refused, refused.status_code, wait), tee.wire()) from refused
    except (openai.APITimeoutError, httpx2.TimeoutException) as slow:
        fault = Fault.CONNECTION if isinstance(slow.__cause__ or slow, httpx2.ConnectTimeout) else Fault.TIMEOUT
        raise ModelError(fault, f"the server was silent ({type(slow.__cause__ or slow).__name__})", wire=tee.wire()) from slow
    except (openai.APIConnectionError, httpx2.TransportError) as gone:
        fault = Fault.CUT_STREAM if tee.wire().status is not None else Fault.CONNECTION
        raise ModelError(fault, f"{type(gone.__cause__ or gone).__name__}: {gone.__cause__ or gone}", wire=tee.wire()) from gone
    except openai.APIError as inside:
        raise fault_of(RULES, _said(inside, 200, None), tee.wire()) from inside
    except json.JSONDecodeError as half:
        raise ModelError(Fault.CUT_STREAM, "the stream ended in half a JSON", wire=tee.wire()) from half


def _said(error: openai.APIError, status: int, wait: float | None) -> Said:
    """The package's message may leave out numbers that the body has, so both are read."""
    words = error.message if not isinstance(error.body, Mapping) else f"{error.message} {json.dumps(error.body)}"
    kind = " ".join(str(word) for word in (error.type, error.code) if word)
    return Said(status, kind, words, wait)
