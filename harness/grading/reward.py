"""Reading a reward file strictly, by Harbor's rules: one finite number, or a flat object of finite numbers."""

from __future__ import annotations

import json
import math


def from_text(data: bytes) -> float:
    """reward.txt: one finite number. Raises ValueError with the reason."""
    text = data.decode("utf-8", "replace").strip()
    if not text:
        raise ValueError("reward.txt is empty")
    return _finite(float(text) if text.lower() not in ("true", "false") else text)


def from_json(data: bytes) -> dict[str, float]:
    """reward.json: a flat object of finite numbers. Raises ValueError with the reason."""
    try:
        found = json.loads(data)
    except RecursionError as fault:
        raise ValueError("reward.json is nested too deep") from fault
    if not isinstance(found, dict):
        raise ValueError(f"reward.json holds {type(found).__name__}, expected an object")
    return {str(name): _finite(value) for name, value in found.items()}


def one(rewards: dict[str, float]) -> float:
    """The figure that decides: "reward", else the mean of all keys. Raises ValueError for an empty object."""
    if not rewards:
        raise ValueError("reward.json is empty")
    return rewards["reward"] if "reward" in rewards else sum(rewards.values()) / len(rewards)


def _finite(value: object) -> float:
    """An integer beyond every float is no finite number either; true is 1, as in Harbor."""
    try:
        figure = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        figure = math.inf
    if not math.isfinite(figure):
        raise ValueError(f"a reward is {repr(value)[:40]}, expected a finite number")
    return figure
