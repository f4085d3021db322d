"""What a Claude model can be asked for: told by its models endpoint, else read from its name; pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from harness.core.errors import PlanError

ADAPTIVE_SINCE = (4, 6)
EFFORTS = ("low", "medium", "high", "xhigh", "max")
LEAST_BUDGET = 1024


class Profile(msgspec.Struct, frozen=True):
    """`thinking` holds the types that a request may name; limits in tokens, None where not told."""

    thinking: frozenset[str]
    efforts: frozenset[str]
    window: int | None = None
    max_output: int | None = None


def from_info(info: dict[str, Any]) -> Profile | None:
    """From the models endpoint's answer; None where it tells no capabilities, as servers of the same shape don't."""
    told = info.get("capabilities")
    if not told:
        return None
    types = told["thinking"]["types"]
    return Profile(
        frozenset(name for name, support in types.items() if support and support.get("supported")),
        frozenset(name for name in EFFORTS if (told["effort"].get(name) or {}).get("supported")),
        info.get("max_input_tokens"),
        info.get("max_tokens"),
    )


def from_name(name: str) -> Profile:
    """What the vendor documents for a model's generation, where nobody can be asked (Bedrock, Vertex, Foundry)."""
    found = re.search(r"claude-[a-z]+-(\d+)(?:-(\d)(?!\d))?", name)
    generation = (int(found[1]), int(found[2] or 0)) if found else ADAPTIVE_SINCE
    if generation >= ADAPTIVE_SINCE:
        return Profile(frozenset({"adaptive", "disabled"}), frozenset(EFFORTS))
    return Profile(frozenset({"enabled", "disabled"}), frozenset())


def mode(name: str, asked: str, profile: Profile) -> str:
    """The thinking to use: on unless asked otherwise. Raises PlanError for what the model does not offer."""
    thinks = profile.thinking & {"adaptive", "enabled"}
    field = f"models: claude/{name}: think"
    if asked in {"", "on"}:
        if asked == "on" and not thinks:
            raise PlanError("", field, asked, "off: the model has no thinking")
        return "on" if thinks else "off"
    if asked == "off":
        if "disabled" not in profile.thinking and thinks:
            raise PlanError("", field, asked, "on or a level: the model always thinks")
        return asked
    if asked not in profile.efforts:
        raise PlanError("", field, asked, " or ".join(("on", "off", *sorted(profile.efforts))))
    return asked


def switches(thinking: str, effort: str, profile: Profile, max_tokens: int) -> dict[str, Any]:
    """The arguments that set thinking and effort; `thinking` as `mode` gave it."""
    level = effort if thinking in {"", "on", "off"} else thinking
    sent: dict[str, Any] = {"output_config": {"effort": level}} if level else {}
    if thinking in {"", "off"}:
        return sent | ({"thinking": {"type": "disabled"}} if "disabled" in profile.thinking else {})
    if "adaptive" in profile.thinking:
        return sent | {"thinking": {"type": "adaptive", "display": "summarized"}}
    budget = max(LEAST_BUDGET, max_tokens // 2)
    return sent | ({"thinking": {"type": "enabled", "budget_tokens": budget}} if budget < max_tokens else {})
