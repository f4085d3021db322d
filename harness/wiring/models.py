"""MODEL = KIND/NAME to an open model; keys and addresses come from the settings, so that no adapter reads the environment."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from harness.core.chat import Sampling
from harness.core.errors import MissingError, ModelError, PlanError
from harness.core.facts import ModelSettings
from harness.core.ports import Model, Models, Slot
from harness.core.trial import AS_USERS_RUN_IT, WIDE
from harness.plan import Allowed, ModelEntry
from harness.settings import Settings
from harness.wiring.names import bound, creator


def models(kind: str, entry: ModelEntry | None, settings: Settings) -> Models:
    """The door of one provider. Raises PlanError, MissingError."""
    create = creator("models", kind, "models.use")
    options = entry.options if entry else {}
    if "api_key" in options:
        expected = "the environment's ANTHROPIC_API_KEY or OPENAI_API_KEY: a plan is kept with its run, and a command line is seen by all"
        raise PlanError("", "model.api_key", "a key", expected)
    given = {name: value for name, value in _given(kind, settings, str(options.get("client", "api"))).items() if value}
    if kind == "openai" and not {"base_url"} & {*given, *options}:
        raise MissingError("no address of an OpenAI-compatible server is set", "set OPENAI_BASE_URL or -o model.base_url=URL")
    _without_password(str(options.get("base_url") or given.get("base_url", "")))
    found: Models = bound(create, given, options, "model")
    return found


def _without_password(url: str) -> None:
    """An address is shown and kept with the run, so it must hold no secret. Raises PlanError without repeating it."""
    if "@" in urlsplit(url).netloc:
        raise PlanError("", "model.base_url", "a user or password in the address", "an address without one; keys go into their own variables")


CLAUDE_KEYS = {"api": "ANTHROPIC_API_KEY", "bedrock": "AWS_BEARER_TOKEN_BEDROCK", "foundry": "ANTHROPIC_FOUNDRY_API_KEY"}
"""Client -> the variable that holds its own key: one vendor's key must never be sent to another."""


def _given(kind: str, settings: Settings, client: str) -> dict[str, str]:
    known = {
        "ollama": {"base_url": settings.ollama_host},
        "claude": {"api_key": settings.environment.get(CLAUDE_KEYS.get(client, ""), "")},
        "openai": {"api_key": settings.openai_key, "base_url": settings.openai_base},
        "simulated": {"moves": str(settings.cache / "staged")},
    }
    return known.get(kind, {})


WIDER = 2
"""How many times as large the window of the arm wide is."""


def asked(entry: ModelEntry, allow: Allowed, *, prove: bool = False, variant: str = "") -> ModelSettings:
    """What the plan asks of a model; the seed here only says that one is wanted, each trial has its own. `prove`: as ModelSettings has it."""
    wishes = (entry.temperature, entry.top_p, entry.top_k, entry.min_p, entry.repeat_penalty)
    sampling = None if all(wish is None for wish in wishes) else Sampling(*wishes, origin="plan")
    window, most = _widened(entry) if variant == WIDE else (entry.window, entry.max_output)
    return ModelSettings(
        entry.use.partition("/")[2], window, entry.thinking, sampling, 1, most, allow.offload, allow.remote,
        entry.concurrency, prove, variant == AS_USERS_RUN_IT,
    )  # fmt: skip


def _widened(entry: ModelEntry) -> tuple[int, int]:
    """The window, and what may be written: as much as before, where a model may write a whole window. Raises PlanError where nobody knows it."""
    if entry.window is None:
        raise PlanError("", "models.window", f"{entry.use}, whose window the run did not set", "a run with --window, of which there can be a larger one")
    return WIDER * entry.window, min(entry.max_output or entry.window, entry.window)


def stated(entry: ModelEntry) -> str:
    """The model's cutoff as the plan says it, else as its makers' word on file has it; "" where nobody does."""
    found: str = entry.cutoff or importlib.import_module("agents.models.cutoffs").cutoff(entry.use.partition("/")[2])
    return found


class KeptModel:
    """One model kept open over the trials of a worker; after a fault it is opened anew, facts and all.

    Opening asks the server, too, so it takes a place as every question does: a worker that begins must not disturb one at work.
    """

    def __init__(self, door: Models, settings: ModelSettings, slot: Slot, digest: str = "") -> None:
        """`digest`: of the weights that the run began with, "" where none is known."""
        self._door, self._settings, self._slot, self._digest = door, settings, slot, digest
        self._stack = ExitStack()
        self._model: Model | None = None

    @contextmanager
    def __call__(self, waited: Callable[[float], None]) -> Iterator[Model]:
        if self._model is None:
            with self._slot() as seconds:
                waited(seconds)
                self._model = self._opened()
        try:
            yield self._model
        except ModelError:
            self.close()
            raise

    def _opened(self) -> Model:
        """Raises MissingError where a server that came back has other weights under the name: one run's figures are one model's."""
        opened = self._stack.enter_context(self._door.open(self._settings))
        found = opened.facts.digest if self._digest else ""
        if found in ("", self._digest):
            return opened
        self.close()
        raise MissingError(f"{self._settings.name} is {found} now, not {self._digest} as when the run began", "bring it back, or longhaul resume --accept-change")

    def close(self) -> None:
        self._model = None
        self._stack.close()
        self._stack = ExitStack()


