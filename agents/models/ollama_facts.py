"""What an Ollama server tells of a model, as facts for the record; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from agents.models import advice
from agents.models.ollama_address import is_cloud
from harness.core.chat import Sampling
from harness.core.errors import PlanError
from harness.core.facts import ModelFacts, ModelSettings, Window

LONGEST_OUTPUT = 32768
UNBOUNDED = "safetensors"
"""The format of models that Ollama gives to its MLX engine, which takes no heed of the window asked for."""


class Loaded(msgspec.Struct, frozen=True):
    """What /api/ps shows of the running model: tokens allocated per request, and the share of it on the GPU."""

    granted: int | None = None
    on_gpu: float | None = None

    @property
    def partly(self) -> bool:
        return self.on_gpu is not None and 0 < self.on_gpu < 1


def described(name: str, url: str, version: str, digest: str, show: Mapping[str, object]) -> ModelFacts:
    """The facts that need no loading."""
    details = _table(show, "details")
    return ModelFacts(
        kind="ollama",
        name=name,
        server=url,
        server_version=version,
        digest=digest,
        quantisation=str(details.get("quantization_level") or ""),
        family=str(details.get("family") or ""),
        parameters=str(details.get("parameter_size") or ""),
        template_digest=sha(str(show.get("template") or "")),
        renderer=str(show.get("renderer") or ""),
        parser=str(show.get("parser") or ""),
        capabilities=tuple(str(word) for word in _list(show, "capabilities")),
        window=Window(trained=trained(show)),
        window_held=details.get("format") != UNBOUNDED,
        remote=is_remote(name, show),
    )


def trained(show: Mapping[str, object]) -> int | None:
    """The window the model was made for, in tokens."""
    info = _table(show, "model_info")
    value = info.get(f"{info.get('general.architecture')}.context_length")
    return value if isinstance(value, int) else None


def is_remote(name: str, show: Mapping[str, object]) -> bool:
    return is_cloud(name) or bool(show.get("remote_host") or show.get("remote_model"))


def thinking(settings: ModelSettings, capabilities: tuple[str, ...]) -> str:
    """On where supported. Raises PlanError for a level asked of a model that does not think."""
    if "thinking" in capabilities:
        return settings.thinking or "on"
    if settings.thinking in {"", "off"}:
        return "off"
    raise PlanError("", f"models: ollama/{settings.name}: think", settings.thinking, "off: the model has no thinking")


def sampling(settings: ModelSettings, show: Mapping[str, object], mode: str) -> Sampling:
    """What is asked for, else the model's own. A seed always stands there, because that says that this provider takes one."""
    own = advice.choose(settings.name, str(show.get("parameters") or ""), mode)
    chosen = advice.over(settings.sampling, own)
    return msgspec.structs.replace(chosen, seed=settings.seed or chosen.seed or 0)


def opened(facts: ModelFacts, settings: ModelSettings, asked: int, loaded: Loaded) -> ModelFacts:
    """The facts after loading; a window granted smaller than asked for is the one that counts, with a warning."""
    granted = asked if loaded.granted is None else min(asked, loaded.granted)
    cut = (f"asked for a window of {asked} tokens, the server granted {granted}",) if granted < asked else ()
    resident = granted if loaded.on_gpu == 1 else None
    return msgspec.structs.replace(
        facts,
        window=Window(asked, granted, facts.window.trained, resident),
        on_gpu=loaded.on_gpu,
        max_output=min(settings.max_output or LONGEST_OUTPUT, LONGEST_OUTPUT, granted),
        warnings=facts.warnings + cut,
    )


def shared(facts: ModelFacts, wanted: int, proven: int) -> ModelFacts:
    """How many requests at a time this model is asked; what a server queues is waited for on our side, where waiting is on record."""
    fewer = (f"asked for {wanted} requests at a time, the server answers {proven} (OLLAMA_NUM_PARALLEL)",) if proven < wanted else ()
    return msgspec.structs.replace(facts, concurrency=proven, warnings=facts.warnings + fewer)


def counted(facts: ModelFacts, found: Literal["agrees", "disagrees", ""]) -> ModelFacts:
    """With what two counts of one prompt said; where they disagree the window rests on the server's refusal alone."""
    words = ("counts one prompt differently the second time: its counts can show no cut",) if found == "disagrees" else ()
    return msgspec.structs.replace(facts, counting=found, warnings=facts.warnings + words)


def sha(text: str) -> str:
    """The digest of a template; "" for none."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}" if text else ""


def _table(show: Mapping[str, object], name: str) -> dict[str, object]:
    value = show.get(name)
    return value if isinstance(value, dict) else {}


def _list(show: Mapping[str, object], name: str) -> list[object]:
    value = show.get(name)
    return value if isinstance(value, list) else []
