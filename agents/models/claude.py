"""Claude by the package `anthropic`: its API, Bedrock, Vertex and Foundry, or a server that speaks its messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Literal

import httpx2

from agents.models import claude_clients, claude_profile, prices
from agents.models.claude_clients import Access, Client
from agents.models.claude_model import ClaudeModel, Manner, named
from agents.models.claude_profile import Profile
from agents.models.ollama_address import is_here
from agents.models.tee import Tee
from harness.core.chat import Sampling
from harness.core.errors import Fault, ModelError, PlanError
from harness.core.facts import ModelFacts, ModelSettings, Window
from harness.core.ports import Models

LONGEST_OUTPUT = 32768
LOOK_S = 10.0


def create(
    *,
    api_key: str = "",
    base_url: str = "",
    client: Literal["api", "bedrock", "vertex", "foundry"] = "api",
    region: str = "",
    project: str = "",
    effort: str = "",
) -> Models:
    """`project` is Vertex's project or Foundry's resource; `effort` counts where the plan's `think` names no level.

    Raises nothing yet: what is missing is told when a model is opened.
    """
    return ClaudeModels(Access(api_key, base_url, client, region, project), effort)


class ClaudeModels:
    """Claude behind one door."""

    def __init__(self, access: Access, effort: str) -> None:
        self._access, self._effort = access, effort

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[ClaudeModel]:
        """One look at the models endpoint where there is one; it also proves the key."""
        tee = Tee()
        client = claude_clients.connect(self._access, tee)
        try:
            told = self._told(client, tee, settings.name)
            profile = told or claude_profile.from_name(settings.name)
            manner = Manner(profile, self._effort, counts=self._access.client != "bedrock")
            yield ClaudeModel(client, tee, self._facts(client, settings, profile, guessed=told is None), manner)
        finally:
            client.close()

    def offers(self) -> tuple[ModelFacts, ...]:
        """The models of the API; none for the clouds, which keep no such list."""
        if self._access.client != "api":
            return ()
        tee = Tee()
        client = claude_clients.connect(self._access, tee)
        try:
            with named(tee):
                infos = [info.to_dict() for info in client.models.list(limit=100, timeout=LOOK_S)]  # type: ignore[union-attr]
            return tuple(
                self._facts(client, ModelSettings(str(info["id"])), claude_profile.from_info(info) or claude_profile.from_name(str(info["id"])), guessed=False)
                for info in infos
            )
        finally:
            client.close()

    def _told(self, client: Client, tee: Tee, name: str) -> Profile | None:
        if self._access.client != "api":
            return None
        try:
            with named(tee):
                return claude_profile.from_info(client.models.retrieve(name, timeout=LOOK_S).to_dict())  # type: ignore[union-attr]
        except ModelError as refused:
            # One that is busy now would tell its profile later, and trials of one run must not differ by that.
            if refused.fault in {Fault.AUTH, Fault.CONNECTION, Fault.RATE, Fault.OVERLOADED, Fault.TIMEOUT}:
                raise
            if refused.wire.status == httpx2.codes.NOT_FOUND and not self._access.base_url:
                raise PlanError("", "model", f"claude/{name}", "a model that the API offers (longhaul models)") from refused
            return None

    def _facts(self, client: Client, settings: ModelSettings, profile: Profile, *, guessed: bool) -> ModelFacts:
        url = claude_clients.address(client)
        cuts = bool(self._access.base_url) and _cuts_silently(url)
        warnings: tuple[str, ...] = (f"{url} is an Ollama: its window is the model's own and silent cutting can't be switched off here",) if cuts else ()
        if guessed:
            warnings += ("limits and thinking types read from the model's name, the server tells none",)
        asked = settings.window
        _refuse(settings, profile)
        granted = min((size for size in (asked, profile.window) if size is not None), default=None)
        most = [settings.max_output or LONGEST_OUTPUT, LONGEST_OUTPUT, *(size for size in (profile.max_output, granted) if size)]
        thinking = claude_profile.mode(settings.name, settings.thinking, profile)
        return ModelFacts(
            kind="claude",
            name=settings.name,
            server=url,
            server_version=f"{client.default_headers.get('anthropic-version', '')} (anthropic {version('anthropic')})",
            family="claude",
            capabilities=("tools", *(("thinking",) if thinking != "off" else ())),
            window=Window(asked, granted, profile.window),
            thinking=thinking,
            thinking_path="blocks returned verbatim",
            sampling=Sampling(origin="the provider takes none"),
            max_output=min(most),
            remote=not is_here(url),
            truncation_excluded=not cuts,
            concurrency=4,
            price=prices.find("claude", settings.name),
            warnings=warnings,
        )


def _refuse(settings: ModelSettings, profile: Profile) -> None:
    """Raise PlanError for what this provider can't give; to take it silently would make the plan a lie."""
    if settings.sampling is not None:
        words = [name for name in Sampling.__struct_fields__ if name not in {"origin", "seed"} and getattr(settings.sampling, name) is not None]
        raise PlanError("", f"models: claude/{settings.name}: sampling", ", ".join(words), "none: this provider takes no sampling values")
    if settings.window is not None and profile.window is not None and settings.window > profile.window:
        raise PlanError("", f"models: claude/{settings.name}: window", settings.window, f"at most {profile.window}, the model's own")


def _cuts_silently(url: str) -> bool:
    """Whether an Ollama answers there."""
    try:
        return "version" in httpx2.get(f"{url}/api/version", timeout=LOOK_S, trust_env=not is_here(url)).json()
    except (httpx2.HTTPError, ValueError):
        return False
