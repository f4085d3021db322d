"""Models of an Ollama server over its native chat, where the window can be set and silent cutting be switched off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from agents.models import ollama_facts, ollama_parallel, ollama_probe, ollama_wire
from agents.models.ollama_address import full_name, is_cloud, is_here, normal
from agents.models.ollama_facts import Loaded
from agents.models.ollama_link import Link
from agents.models.ollama_model import OllamaModel
from agents.models.ollama_window import grant
from harness.core.chat import ModelRequest
from harness.core.errors import MissingError, ModelError, PlanError
from harness.core.facts import ModelFacts, ModelSettings
from harness.core.ports import Models

LOAD_S = 600.0
MEASURE_OF_ALL = 1.0


def create(*, base_url: str = "", keep_alive: str = "15m", repair_leaked: bool = False) -> Models:
    """`keep_alive` must outlast the longest tool call; `repair_leaked` makes calls of those that leaked into prose."""
    return OllamaModels(normal(base_url), keep_alive, repair_leaked=repair_leaked)


class OllamaModels:
    """The models of one server."""

    def __init__(self, url: str, keep_alive: str, *, repair_leaked: bool) -> None:
        self._url, self._keep_alive, self._repair = url, keep_alive, repair_leaked

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[OllamaModel]:
        """Probe, load and gather the facts, in about a second for a model already in memory."""
        link = Link(self._url)
        try:
            yield OllamaModel(link, self._facts(link, settings), self._keep_alive, repair=self._repair)
        finally:
            link.close()

    def offers(self) -> tuple[ModelFacts, ...]:
        """Every model that the server holds, without loading any."""
        link = Link(self._url)
        try:
            version = link.version()
            return tuple(self._offer(link, version, held.model or "", held.digest or "") for held in link.held())
        finally:
            link.close()

    def _offer(self, link: Link, version: str, name: str, digest: str) -> ModelFacts:
        try:
            show = link.show(name)
        except ModelError as broken:  # one model that the server can't read must not hide the others
            return ModelFacts(kind="ollama", name=name, server=self._url, digest=digest, warnings=(broken.text,))
        facts = ollama_facts.described(name, self._url, version, digest, show)
        seen = _seen(link, digest)
        window = msgspec.structs.replace(facts.window, granted=seen.granted, resident=seen.granted if seen.on_gpu == 1 else None)
        return msgspec.structs.replace(facts, window=window, on_gpu=seen.on_gpu, remote=facts.remote or not is_here(self._url))

    def _facts(self, link: Link, settings: ModelSettings) -> ModelFacts:
        self._forbid_elsewhere(settings, remote=is_cloud(settings.name))
        version = link.version()
        name, digest = self._find(link, settings.name)
        show = link.show(name)
        self._forbid_elsewhere(settings, remote=ollama_facts.is_remote(name, show))
        facts = ollama_facts.described(name, self._url, version, digest, show)
        thinking = ollama_facts.thinking(settings, facts.capabilities)
        sampling = ollama_facts.sampling(settings, show, thinking)
        facts = msgspec.structs.replace(
            facts, thinking=thinking, sampling=sampling, remote=facts.remote or not is_here(self._url)
        )
        return self._loaded(link, settings, facts)

    def _loaded(self, link: Link, settings: ModelSettings, facts: ModelFacts) -> ModelFacts:
        facts = msgspec.structs.replace(facts, cuts_declared=settings.as_users_run_it)

        def load(window: int) -> Loaded:
            return self._load(link, _question(facts, window), facts)

        asked, seen = grant(settings, facts.window.trained, load)
        facts = ollama_facts.opened(facts, settings, asked, seen)
        question = _question(facts, facts.window.granted or asked)
        if facts.remote and not seen.granted:
            return msgspec.structs.replace(facts, truncation_excluded=False, warnings=(*facts.warnings, "served elsewhere: cutting not excluded"))
        if facts.cuts_declared:
            facts = msgspec.structs.replace(facts, truncation_excluded=False)
        else:
            ollama_probe.demand_refusal(link, facts.name, question, self._keep_alive, shown=not settings.prove)
        facts = ollama_facts.counted(facts, ollama_probe.counting(link, facts, question, self._keep_alive))
        path = ollama_probe.thinking_path(link, facts.name, question, self._keep_alive) if facts.thinking != "off" else ""
        wanted = settings.concurrency or 1
        proven = ollama_parallel.places(link, facts.name, question, self._keep_alive, wanted) if settings.prove and wanted > 1 else wanted
        return ollama_facts.shared(msgspec.structs.replace(facts, thinking_path=path), wanted, proven)

    def _load(self, link: Link, question: ModelRequest, facts: ModelFacts) -> Loaded:
        """An empty chat loads; it carries every switch that a real one does, or the first real one would load again."""
        body = ollama_wire.body(facts.name, question, self._keep_alive, stream=False)
        link.post("/api/chat", ollama_wire.left_to_the_server(body) if facts.cuts_declared else body, silence=LOAD_S)
        return _seen(link, facts.digest)

    def _find(self, link: Link, name: str) -> tuple[str, str]:
        wanted = full_name(name)
        for held in link.held():
            if held.model is not None and full_name(held.model).lower() == wanted.lower():
                return held.model, held.digest or ""
        raise MissingError(f"the Ollama server at {self._url} holds no model {name}", f"ollama pull {name}")

    def _forbid_elsewhere(self, settings: ModelSettings, *, remote: bool) -> None:
        if (remote or not is_here(self._url)) and not settings.allow_remote:
            where = self._url if not is_here(self._url) else "a model served elsewhere"
            raise PlanError("", f"models: ollama/{settings.name}", where, "a local model, or --allow-remote: code would leave the machine")


def _question(facts: ModelFacts, window: int) -> ModelRequest:
    thinking = "" if facts.thinking == "off" and "thinking" not in facts.capabilities else facts.thinking
    return ModelRequest((), (), facts.sampling, window, 1, thinking)


def _seen(link: Link, digest: str) -> Loaded:
    try:
        running = link.loaded(digest)
    except ModelError:
        return Loaded()
    if running is None:
        return Loaded()
    share = None if not running.size else min(MEASURE_OF_ALL, (running.size_vram or 0) / running.size)
    return Loaded(running.context_length, share)
