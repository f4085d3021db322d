"""Models behind any OpenAI-compatible server: llama.cpp, vLLM, LM Studio, SGLang, OpenAI; the window must be known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import msgspec
import openai

from agents.models import advice, openai_probe
from agents.models.ollama_address import is_here
from agents.models.openai_model import Manner, OpenAIModel
from agents.models.openai_server import Desk, Server, root
from agents.models.openai_wire import DIALECTS, EXTRAS
from agents.models.tee import FRESH, IDENTITY, Tee
from harness.core.chat import Sampling
from harness.core.errors import Fault, MissingError, ModelError, PlanError
from harness.core.facts import ModelFacts, ModelSettings, Window
from harness.core.ports import Models

LONGEST_OUTPUT = 32768
LOOK_S = 10.0
OWN_LIMIT = frozenset({"llama.cpp", "ollama"})
"""Servers that stop at the window by themselves; others refuse a request whose prompt and output limit exceed it together."""


def create(
    *, base_url: str, api_key: str = "", window: int = 0, repair_leaked: bool = False, accept_ollama: bool = False
) -> Models:
    """`window` in tokens where the server tells none. `accept_ollama` takes an Ollama's /v1 with the window of its model,
    on record as a server that may cut silently.
    """
    return OpenAICompatible(base_url.rstrip("/"), api_key, window, repair=repair_leaked, ollama=accept_ollama)


class OpenAICompatible:
    """The models of one server."""

    def __init__(self, base_url: str, key: str, window: int, *, repair: bool, ollama: bool) -> None:
        self._url = base_url if base_url.endswith("/v1") else f"{base_url}/v1"
        self._key, self._window, self._repair, self._ollama = key, window, repair, ollama

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[OpenAIModel]:
        """Find out who serves, demand a window, and prove that it refuses what is too long."""
        self._forbid_elsewhere(settings)
        desk, tee = Desk(self._url, self._key), Tee()
        client = self._client(tee)
        try:
            server = self._server(desk, settings.name)
            facts, manner = self._facts(settings, server), self._manner(settings, server)
            yield OpenAIModel(client, tee, desk, self._proven(client, tee, facts, server), manner)
        finally:
            client.close()
            desk.close()

    def offers(self) -> tuple[ModelFacts, ...]:
        """The models that the server lists, with what it tells of its window."""
        desk = Desk(self._url, self._key)
        try:
            self._answers()
            server = desk.look("")
            return tuple(self._described(name, server) for name in server.models)
        finally:
            desk.close()

    def _client(self, tee: Tee) -> openai.OpenAI:
        http = openai.DefaultHttpxClient(event_hooks=tee.hooks(), limits=FRESH, trust_env=not is_here(self._url))
        # A server without keys still gets one, because the package wants some and would else look for it in the environment.
        return openai.OpenAI(
            api_key=self._key or "none", base_url=self._url, max_retries=0, http_client=http, default_headers=IDENTITY,
            organization="", project="",
        )  # fmt: skip

    def _server(self, desk: Desk, name: str) -> Server:
        self._answers()
        server = desk.look(name)
        if server.kind == "ollama" and not self._ollama:
            raise PlanError("", f"models: openai/{name}", f"an Ollama at {root(self._url)}", f"ollama/{name}: its /v1 can't set the window")
        if server.models and name not in server.models and server.kind in {"vllm", "sglang"}:
            raise MissingError(f"the server at {self._url} serves {', '.join(server.models)}, not {name}", f"-m openai/{server.models[0]}")
        return server

    def _answers(self) -> None:
        try:
            httpx2.get(f"{self._url}/models", timeout=LOOK_S, trust_env=not is_here(self._url))
        except httpx2.ReadTimeout as slow:  # it is there, and may have too much to do
            raise ModelError(Fault.TIMEOUT, f"the server at {self._url} took the question and was silent for {LOOK_S:.0f} s") from slow
        except httpx2.HTTPError as gone:
            raise MissingError(f"no server answers at {self._url}", "start it, or -o model.base_url=http://HOST:PORT/v1") from gone

    def _facts(self, settings: ModelSettings, server: Server) -> ModelFacts:
        asked = settings.window or self._window or None
        field = f"models: openai/{settings.name}: window"
        if asked is None and server.window is None:
            raise PlanError("", field, "none, and the server tells none", "--window N, the tokens that the server was started with")
        if asked is not None and server.window is not None and asked > server.window:
            raise PlanError("", field, asked, f"at most {server.window}, what the server was started with")
        granted = min(size for size in (asked, server.window) if size is not None)
        thinking = _thinking(settings, server)
        chosen = _sampling(settings, server, thinking)
        return msgspec.structs.replace(
            self._described(settings.name, server),
            window=Window(asked, granted, server.trained),
            thinking=thinking,
            sampling=msgspec.structs.replace(chosen, seed=settings.seed or chosen.seed or 0),
            max_output=min(settings.max_output or LONGEST_OUTPUT, LONGEST_OUTPUT, granted),
        )

    def _described(self, name: str, server: Server) -> ModelFacts:
        digest = f"sha256:{hashlib.sha256(server.template.encode()).hexdigest()}" if server.template else ""
        return ModelFacts(
            kind="openai",
            name=name,
            server=f"{self._url} ({server.kind})",
            server_version=server.version,
            quantisation=server.quantisation,
            family=server.family,
            template_digest=digest,
            capabilities=_capabilities(server),
            window=Window(None, server.window, server.trained),
            remote=not is_here(self._url),
            concurrency=server.slots,
        )

    def _manner(self, settings: ModelSettings, server: Server) -> Manner:
        asked = settings.window or self._window or None
        smaller = asked is not None and (server.window is None or asked < server.window)
        return Manner(server.kind, bounded=smaller or server.kind not in OWN_LIMIT, repair=self._repair)

    def _proven(self, client: openai.OpenAI, tee: Tee, facts: ModelFacts, server: Server) -> ModelFacts:
        """A hosted API is believed, because asking it would be billed; every other server is asked."""
        if server.kind == "openai":
            return facts
        window = server.window or facts.window.granted or 0
        if server.kind != "ollama" and openai_probe.refuses(client, tee, facts.name, window):
            return facts
        warning = f"the server at {self._url} did not refuse a prompt longer than its window: silent cutting is not excluded"
        return msgspec.structs.replace(facts, truncation_excluded=False, warnings=(*facts.warnings, warning))

    def _forbid_elsewhere(self, settings: ModelSettings) -> None:
        if not is_here(self._url) and not settings.allow_remote:
            expected = "a server on this machine, or --allow-remote: code would leave the machine"
            raise PlanError("", f"models: openai/{settings.name}", self._url, expected)


def _thinking(settings: ModelSettings, server: Server) -> str:
    """On where the template thinks. Raises PlanError for a switch that the server's dialect has no word for; a level always has one."""
    if settings.thinking in {"on", "off"} and not DIALECTS[server.kind].template_switch:
        expected = f"nothing, or a level such as low: this server ({server.kind}) can't be told on or off"
        raise PlanError("", f"models: openai/{settings.name}: thinking", settings.thinking, expected)
    return settings.thinking or ("on" if "thinking" in _capabilities(server) else "")


def _sampling(settings: ModelSettings, server: Server, thinking: str) -> Sampling:
    """What is sent and nothing else: values that the server's dialect has no word for are left out of the advice. Raises PlanError for them."""
    own = advice.vendors(settings.name, thinking) or Sampling(origin="server")
    if DIALECTS[server.kind].extras:
        return advice.over(settings.sampling, own)
    for name in EXTRAS:
        if settings.sampling is not None and getattr(settings.sampling, name) is not None:
            expected = f"nothing: this server ({server.kind}) is not known to take it"
            raise PlanError("", f"models: openai/{settings.name}: {name}", getattr(settings.sampling, name), expected)
    return advice.over(settings.sampling, msgspec.structs.replace(own, **dict.fromkeys(EXTRAS)))


def _capabilities(server: Server) -> tuple[str, ...]:
    """Read from llama.cpp's template; others tell nothing, and tools are assumed until they are refused."""
    thinks = "enable_thinking" in server.template or "<think>" in server.template
    return ("tools", "thinking") if thinks else ("tools",)
