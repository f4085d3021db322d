"""The wire to one Ollama server: posts and streams by httpx, lists and looks by the `ollama` package; every failure named."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

import httpx
import ollama

from agents.models import ollama_errors
from agents.models.fault_rules import fault_of, waiting
from agents.models.ollama_address import is_here
from agents.models.ollama_wire import encode
from harness.core.errors import Fault, MissingError, ModelError, Wire

CONNECT_S = 10.0
Lines: TypeAlias = Generator[dict[str, object], None, None]


class Link:
    """One server. Proxies of the environment are not asked for a server on this machine."""

    def __init__(self, url: str) -> None:
        self.url = url
        trust = not is_here(url)
        # A new connection for every request: one left idle over a long tool call may be dead, and would fail a turn for nothing.
        fresh = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=url, trust_env=trust, limits=fresh, timeout=httpx.Timeout(60, connect=CONNECT_S))
        self._ollama = ollama.Client(host=url, trust_env=trust, timeout=60)

    def close(self) -> None:
        self._http.close()
        self._ollama.close()  # type: ignore[no-untyped-call]

    def version(self) -> str:
        """Raises MissingError where no server answers, ModelError for one that is slow or has too much to do."""
        try:
            answer = self._http.get("/api/version", timeout=CONNECT_S)
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise _refusal(answer, b"", answer.content)
            return str(answer.raise_for_status().json().get("version", ""))
        except httpx.ReadTimeout as slow:
            raise ModelError(Fault.TIMEOUT, f"the Ollama server at {self.url} took the question and was silent for {CONNECT_S:.0f} s") from slow
        except (httpx.HTTPError, ValueError) as gone:
            raise MissingError(f"no Ollama server answers at {self.url}", "ollama serve") from gone

    def show(self, name: str) -> dict[str, object]:
        """All of /api/show; the package's own form leaves out renderer, parser and remote_host."""
        said = self.post("/api/show", {"model": name})
        return said if isinstance(said, dict) else {}

    def held(self) -> tuple[ollama.ListResponse.Model, ...]:
        """The models that the server holds."""
        with _named():
            return tuple(self._ollama.list().models)

    def loaded(self, digest: str) -> ollama.ProcessResponse.Model | None:
        """The running model of this digest."""
        with _named():
            return next((model for model in self._ollama.ps().models if model.digest == digest), None)

    def post(self, path: str, body: Mapping[str, object], *, silence: float | None = 60.0) -> object:
        """One whole answer as JSON. Raises ModelError."""
        sent = encode(body)
        with _named(sent):
            answer = self._http.post(path, content=sent, headers=JSON, timeout=_silence(silence))
        if answer.status_code != httpx.codes.OK:
            raise _refusal(answer, sent, answer.content)
        try:
            return json.loads(answer.content)
        except RecursionError as deep:
            raise ModelError(Fault.TOOL_SYNTAX, f"an answer from {path} nested too deep to read", wire=Wire(sent, answer.content, 200)) from deep
        except ValueError as half:
            raise ModelError(Fault.CUT_STREAM, f"half a JSON answer from {path}", wire=Wire(sent, answer.content, 200)) from half

    def stream(self, path: str, body: Mapping[str, object], silence: float | None, kept: bytearray) -> Lines:
        """The lines of a streamed answer as they come, raw bytes added to `kept`. Raises ModelError, ContextOverflow."""
        sent = encode(body)
        with _named(sent, kept), self._http.stream("POST", path, content=sent, headers=JSON, timeout=_silence(silence)) as answer:
            if answer.status_code != httpx.codes.OK:
                kept += answer.read()
                raise _refusal(answer, sent, bytes(kept))
            for raw in _split(answer.iter_bytes(), kept):
                yield _line(raw, sent, kept)


JSON = {"content-type": "application/json", "accept-encoding": "identity"}


def _silence(seconds: float | None) -> httpx.Timeout:
    return httpx.Timeout(None, connect=CONNECT_S, read=seconds, write=seconds)


def _split(chunks: Iterator[bytes], kept: bytearray) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        kept += chunk
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def _line(raw: bytes, sent: bytes, kept: bytearray) -> dict[str, object]:
    try:
        line = json.loads(raw)
    except ValueError as half:
        raise ModelError(Fault.CUT_STREAM, "the stream ended in half a line", wire=Wire(sent, bytes(kept), 200)) from half
    except RecursionError as deep:
        raise ModelError(Fault.TOOL_SYNTAX, "a line nested too deep to read", wire=Wire(sent, bytes(kept), 200)) from deep
    if not isinstance(line, dict):
        raise ModelError(Fault.CUT_STREAM, "a line that is no object", wire=Wire(sent, bytes(kept), 200))
    if "error" in line:
        raise fault_of(ollama_errors.RULES, ollama_errors.read(200, raw), Wire(sent, bytes(kept), 200))
    return line


def _refusal(answer: httpx.Response, sent: bytes, body: bytes) -> ModelError:
    said = ollama_errors.read(answer.status_code, body)
    wait = waiting(answer.headers, time.time())
    return fault_of(ollama_errors.RULES, type(said)(said.status, said.type, said.words, wait), Wire(sent, body, answer.status_code))


@contextmanager
def _named(sent: bytes = b"", kept: bytearray | None = None) -> Iterator[None]:
    """Give the client libraries' failures their names."""
    try:
        yield
    except httpx.TimeoutException as slow:
        fault = Fault.CONNECTION if isinstance(slow, httpx.ConnectTimeout) else Fault.TIMEOUT
        raise ModelError(fault, f"the server was silent ({type(slow).__name__})", wire=_wire(sent, kept)) from slow
    except httpx.RemoteProtocolError as cut:
        raise ModelError(Fault.CUT_STREAM, f"the server hung up: {cut}", wire=_wire(sent, kept)) from cut
    except httpx.TransportError as gone:
        raise ModelError(_reach(gone, kept), f"{type(gone).__name__}: {gone}", wire=_wire(sent, kept)) from gone
    except ConnectionError as gone:
        raise ModelError(Fault.CONNECTION, str(gone), wire=_wire(sent, kept)) from gone
    except ollama.ResponseError as refused:
        said = ollama_errors.read(refused.status_code, refused.error.encode())
        raise fault_of(ollama_errors.RULES, said, _wire(sent, kept)) from refused


def _reach(gone: httpx.TransportError, kept: bytearray | None) -> Fault:
    return Fault.CUT_STREAM if kept and isinstance(gone, httpx.ReadError) else Fault.CONNECTION


def _wire(sent: bytes, kept: bytearray | None) -> Wire:
    return Wire(sent, bytes(kept or b""), None)
