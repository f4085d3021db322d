"""One opened Claude model: ask with a stream, count, keep to the window asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anthropic
import httpx2
import msgspec

from agents.models import bounds, claude_wire, drift, leaks
from agents.models.claude_clients import Client
from agents.models.claude_errors import RULES
from agents.models.claude_profile import Profile, switches
from agents.models.fault_rules import Said, fault_of, waiting
from agents.models.tee import Tee
from harness.core.chat import ModelRequest, Reply, Timing
from harness.core.errors import ContextOverflow, Fault, ModelError
from harness.core.facts import ModelFacts
from harness.core.ports import Progress

CONNECT_S = 10.0
COUNT_S = 60.0


class Manner(msgspec.Struct, frozen=True):
    """What every request of a model is sent with: its profile and effort; and whether its server counts tokens."""

    profile: Profile
    effort: str
    counts: bool


class ClaudeModel:
    """Not for two threads at once: it remembers the last turn, to know how full the window is."""

    def __init__(self, client: Client, tee: Tee, facts: ModelFacts, manner: Manner) -> None:
        self._client, self._tee, self._facts, self._manner = client, tee, facts, manner
        self._before: drift.Turn | None = None

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """As the port says. A stream that ends without `message_stop` is CUT_STREAM; the package itself says nothing then."""
        room = self._room(request)
        limit = max(1, min(request.max_output, self._manner.profile.max_output or request.max_output, room))
        heard, began, first, count = claude_wire.Heard(), time.monotonic(), None, 0
        with named(self._tee), self._client.messages.create(**self._sent(request, limit, deadline), stream=True) as events:
            for event in events:
                first = time.monotonic() - began if first is None else first
                heard, count = claude_wire.hear(heard, event.to_dict()), count + 1
                progress(count)
        if not heard.over:
            raise ModelError(Fault.CUT_STREAM, "the stream ended without message_stop", wire=self._tee.wire())
        turn = drift.Turn(request.view, claude_wire.usage(heard), Timing(time.monotonic() - began, first))
        return self._told(request, heard, turn, window_cut=limit == room < request.max_output)

    def _told(self, request: ModelRequest, heard: claude_wire.Heard, turn: drift.Turn, *, window_cut: bool) -> Reply:
        contents = claude_wire.contents(heard)
        detail = (f"stop details: {heard.detail}",) if heard.detail else ()
        warnings = (*drift.find(self._before, turn), *detail)
        self._before = drift.paced(self._before, turn)
        names = [tool.name for tool in request.tools]
        leaked, broken = leaks.count(contents, names), leaks.broken(contents, names)
        stop = claude_wire.stop(heard, window_cut=window_cut)
        return Reply(
            contents, stop, heard.reason, turn.usage, turn.timing, self._tee.wire(), leaked=leaked, malformed=broken, warnings=warnings
        )

    def count(self, request: ModelRequest) -> int | None:
        """By the server's counting endpoint, which Bedrock and other servers lack."""
        if not self._manner.counts:
            return None
        sent = claude_wire.arguments(self._facts.name, request)
        thinking = {key: value for key, value in self._switches(request, request.max_output).items() if key == "thinking"}
        try:
            with named(self._tee):
                return self._client.messages.count_tokens(**sent, **thinking, timeout=COUNT_S).input_tokens
        except ModelError:
            return None

    def render(self, request: ModelRequest) -> str | None:
        """None: nobody outside sees the rendered prompt."""
        return None

    def _sent(self, request: ModelRequest, limit: int, deadline: float | None) -> dict[str, Any]:
        timeout = httpx2.Timeout(None, connect=CONNECT_S, read=deadline)
        sent = claude_wire.arguments(self._facts.name, request)
        return sent | self._switches(request, limit) | {"max_tokens": limit, "timeout": timeout}

    def _switches(self, request: ModelRequest, limit: int) -> dict[str, Any]:
        return switches(request.thinking or self._facts.thinking, self._manner.effort, self._manner.profile, limit)

    def _room(self, request: ModelRequest) -> int:
        """Tokens left for the answer in the window asked for; raises ContextOverflow before anything is sent."""
        window = request.window if request.window is not None else self._facts.window.asked
        own = self._manner.profile.window
        if window is None or (own is not None and window >= own):
            return request.max_output
        tokens = bounds.estimate(self._before, request)
        if bounds.near(tokens, window):
            tokens = self.count(request) or tokens
        if tokens >= window:
            raise ContextOverflow(f"the prompt has {tokens} tokens, the window asked for {window}", prompt_tokens=tokens, window=window)
        return window - tokens


@contextmanager
def named(tee: Tee) -> Iterator[None]:
    """Give the package's and its HTTP client's failures their names."""
    try:
        yield
    except anthropic.APIStatusError as refused:
        raise fault_of(RULES, _said(refused), tee.wire()) from refused
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as slow:
        fault = Fault.CONNECTION if isinstance(slow.__cause__ or slow, httpx2.ConnectTimeout) else Fault.TIMEOUT
        raise ModelError(fault, f"the server was silent ({type(slow.__cause__ or slow).__name__})", wire=tee.wire()) from slow
    except (anthropic.APIConnectionError, httpx2.TransportError) as gone:
        fault = Fault.CUT_STREAM if tee.wire().status is not None else Fault.CONNECTION
        raise ModelError(fault, f"{type(gone.__cause__ or gone).__name__}: {gone.__cause__ or gone}", wire=tee.wire()) from gone
    except json.JSONDecodeError as half:
        raise ModelError(Fault.CUT_STREAM, "the stream ended in half a JSON", wire=tee.wire()) from half
    except anthropic.AnthropicError as other:
        raise ModelError(Fault.AUTH, str(other), wire=tee.wire()) from other


def _said(refused: anthropic.APIStatusError) -> Said:
    body = refused.body
    inner = body.get("error") if isinstance(body, Mapping) else None
    words = inner.get("message") if isinstance(inner, Mapping) else None
    kind = " ".join(str(word) for word in (refused.type, refused.error_code) if word)
    return Said(refused.status_code, kind, str(words or refused.message), waiting(refused.response.headers, time.time()))
