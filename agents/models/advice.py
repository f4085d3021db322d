"""How a model wants to be sampled: its server's own parameters, else the vendor's dated advice, else the server's defaults; pure."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import msgspec

from harness.core.chat import Sampling

SERVER_DEFAULTS = Sampling(
    temperature=0.8, top_p=0.9, top_k=40, min_p=0.0, repeat_penalty=1.0, origin="ollama's documented defaults, repeat_penalty 1"
)
"""Sent explicitly, because they changed between versions (`repeat_penalty` was 1.1, applied by some engines and not by others)."""

FLOATS = ("temperature", "top_p", "min_p", "repeat_penalty", "presence_penalty")


def choose(name: str, parameters: str, thinking: str) -> Sampling:
    """`parameters` is the text of /api/show; `thinking` as the model will be asked. Gaps are filled by the next source."""
    own = from_parameters(parameters)
    vendor = vendors(name, thinking)
    layers = [(own, "modelfile")] if own else []
    layers += [(_plain(vendor), vendor.origin)] if vendor else []
    layers.append((_plain(SERVER_DEFAULTS), SERVER_DEFAULTS.origin))
    values: dict[str, float] = {}
    origins: list[str] = []
    for layer, origin in layers:
        if new := {key: value for key, value in layer.items() if key not in values}:
            values |= new
            origins.append(origin)
    floats = {key: values.get(key) for key in FLOATS}
    return Sampling(**floats, top_k=int(values["top_k"]), origin=", then ".join(origins))  # type: ignore[arg-type]


def over(asked: Sampling | None, under: Sampling) -> Sampling:
    """What is asked for where something is, the rest from under it; the origin names both."""
    if asked is None:
        return under
    values = {name: getattr(asked, name) for name in (*FLOATS, "top_k", "seed") if getattr(asked, name) is not None}
    return msgspec.structs.replace(under, **values, origin=f"{asked.origin}, then {under.origin}")


def from_parameters(text: str) -> dict[str, float]:
    """The sampling values among a Modelfile's parameters; lines of other parameters are no business of ours."""
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip())
    found = {pair[0]: pair[1].strip().strip('"') for pair in pairs if len(pair) == 2}
    return {key: float(found[key]) for key in (*FLOATS, "top_k") if _is_number(found.get(key, ""))}


def vendors(name: str, thinking: str) -> Sampling | None:
    """The advice in the data file for a model of this name, or None."""
    data = tomllib.loads(resources.files("agents.models").joinpath("sampling.toml").read_text(encoding="utf-8"))
    for entry in data.get("advice", ()):
        if re.search(entry["match"], name, re.IGNORECASE) and entry.get("thinking", "") in {"", _mode(thinking)}:
            values = {key: entry[key] for key in FLOATS if key in entry}
            return Sampling(**values, top_k=entry.get("top_k"), origin=f"vendor's advice, read {entry['date']}: {entry['source']}")
    return None


def _mode(thinking: str) -> str:
    return "off" if thinking in {"", "off"} else "on"


def _plain(sampling: Sampling) -> dict[str, float]:
    values = {key: getattr(sampling, key) for key in (*FLOATS, "top_k")}
    return {key: value for key, value in values.items() if value is not None}


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text) is not None
