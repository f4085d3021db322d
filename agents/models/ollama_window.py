"""Which window a local model gets: the largest step that loads wholly onto the GPU; the loading is given as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from agents.models.ollama_facts import Loaded
from harness.core.errors import ModelError, PlanError
from harness.core.facts import ModelSettings

STEPS = (16384, 32768, 65536, 131072, 262144)
FLOOR = 32768
Load: TypeAlias = Callable[[int], Loaded]
"""Loads the model with a window in tokens and tells what /api/ps then shows. Raises ModelError."""


def grant(settings: ModelSettings, trained: int | None, load: Load) -> tuple[int, Loaded]:
    """(tokens asked for, what was seen). Raises PlanError when the window asked for is beyond the model or the GPU."""
    if settings.window is None:
        return climb(settings, trained, load)
    if trained is not None and settings.window > trained:
        raise PlanError("", _field(settings), settings.window, f"at most {trained}, what ollama/{settings.name} was trained with")
    if settings.window < 1:
        raise PlanError("", _field(settings), settings.window, "a positive number of tokens")
    return settings.window, _whole(settings, settings.window, load(settings.window))


def climb(settings: ModelSettings, trained: int | None, load: Load) -> tuple[int, Loaded]:
    """From 32k upwards, never from the top: without a GPU a window of 256k would fill the machine's memory to find that out."""
    best = min(FLOOR, trained or FLOOR)
    seen = _whole(settings, best, load(best))
    if not seen.on_gpu:
        return best, seen
    at = best
    for step in (step for step in STEPS if best < step <= (trained or 0) and seen.on_gpu == 1):
        at, tried = step, _try(load, step)
        if tried is None or tried.on_gpu != 1:
            break
        best, seen = step, tried
    return (best, seen) if at == best else (best, load(best))


def _try(load: Load, step: int) -> Loaded | None:
    try:
        return load(step)
    except ModelError:
        return None


def _whole(settings: ModelSettings, window: int, seen: Loaded) -> Loaded:
    if seen.partly and not settings.allow_offload:
        found = f"{window}, of which {seen.on_gpu:.0%} fits the GPU"
        raise PlanError("", _field(settings), found, "a window that fits wholly: a smaller --window, or --allow-offload")
    return seen


def _field(settings: ModelSettings) -> str:
    return f"models: ollama/{settings.name}: window"
