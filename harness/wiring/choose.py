"""Which model serves when none was named: a local one that can call tools, and why; never one that costs money or sends code away."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.errors import HarnessError
from harness.core.facts import ModelFacts
from harness.settings import Settings
from harness.wiring.models import models

EMBEDDED = "scripted/demo"


class Choice(msgspec.Struct, frozen=True):
    """`use` is KIND/NAME; `why` a sentence for the person in front of the terminal."""

    use: str
    why: str


def choose(settings: Settings) -> Choice:
    """The local server's best, or the embedded scripted model."""
    try:
        offers = tuple(models("ollama", None, settings).offers())
    except HarnessError as fault:
        return Choice(EMBEDDED, f"no local model: {fault}")
    return pick(offers, settings.ollama_host)


def pick(offers: Iterable[ModelFacts], server: str) -> Choice:
    """Of what a server offers: the largest wholly on the GPU; where none is, the smallest that can call tools."""
    able = [offer for offer in offers if "tools" in offer.capabilities and not offer.remote]
    if not able:
        return Choice(EMBEDDED, f"the Ollama server at {server} holds no local model that can call tools")
    fast = [offer for offer in able if offer.on_gpu == 1.0]
    if fast:
        best = max(fast, key=lambda offer: size(offer.parameters, unknown=0.0))
        return Choice(f"ollama/{best.name}", "the largest model that is wholly on the GPU and can call tools")
    best = min(able, key=lambda offer: size(offer.parameters, unknown=float("inf")))
    return Choice(f"ollama/{best.name}", "no model is wholly on a GPU now, so the smallest that can call tools")


def size(parameters: str, *, unknown: float) -> float:
    """Words such as "30.5B" or "494.03M" as a number of parameters; `unknown` where it is not told, so that an untold size is never chosen for its size."""
    units = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    text = parameters.strip().upper()
    try:
        return float(text[:-1]) * units[text[-1]] if text and text[-1] in units else float(text)
    except ValueError:
        return unknown
