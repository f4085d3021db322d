"""What must not change between the beginning of a run and its resumption: models, images, agents and the harness, each by field."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.facts import ModelFacts
from harness.core.machine import PreparedImage
from harness.wiring.digests import model_field

HARNESS = "harness"


def of_model(use: str, facts: ModelFacts) -> dict[str, str]:
    """Field -> value of what answers under this name."""
    words = {
        "digest": facts.digest, "server version": facts.server_version, "quantisation": facts.quantisation,
        "window": str(facts.window.granted or ""), "thinking": facts.thinking, "template": facts.template_digest,
    }
    return {model_field(use, field): word for field, word in words.items() if word}


def of_image(task: str, image: PreparedImage) -> dict[str, str]:
    return {f"task {task}: image": image.digest}


def of_agent(use: str, prompts: str, tools: str) -> dict[str, str]:
    return {f"agent {use}: prompts": prompts, f"agent {use}: tools": tools}


def parted(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Field -> (then, now) where both sides know it and differ, the most telling first."""
    fields = [field for field in then if field in now and then[field] != now[field]]
    return {field: (then[field], now[field]) for field in sorted(fields, key=lambda field: (field == HARNESS, field))}
