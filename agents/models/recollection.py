"""Retention curves: how likely something said so many tokens ago is still kept. Each is a known truth that an instrument should find again."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from harness.core.errors import PlanError

FULL_SHAPES: Final = ("logistic-d50=4000-slope=2", "threshold-d50=4000", "plateau-d50=4000-floor=0.3", "recency-d50=4000", "never", "always", "random-p=0.3")
"""An example of every shape."""
FIELDS: Final = {
    "logistic": ("d50", "slope"), "threshold": ("d50",), "plateau": ("d50", "floor"), "recency": ("d50",), "never": (), "always": (), "random": ("p",),
}  # fmt: skip
BOUNDS: Final = {"d50": (1.0, 10_000_000.0), "slope": (0.1, 20.0), "floor": (0.0, 1.0), "p": (0.0, 1.0)}


class Curve(msgspec.Struct, frozen=True):
    """`d50`: tokens at which half is kept (of a plateau, half of the way to its `floor`); `slope`: exponent of the logistic; `p`: share of slips."""

    shape: str
    d50: float = 4000.0
    slope: float = 2.0
    floor: float = 0.3
    p: float = 0.3

    def kept(self, distance: float) -> float:
        """Probability that it is kept, 0..1, at `distance` tokens (0 or more)."""
        ratio = max(distance, 0.0) / self.d50
        match self.shape:
            case "logistic":
                return 1 / (1 + math.pow(ratio, self.slope))
            case "threshold":
                return float(ratio <= 1)
            case "plateau":
                return self.floor + (1 - self.floor) * math.exp(-math.log(2) * ratio)
            case "recency":
                return math.exp(-math.log(2) * ratio)
            case "always":
                return 0.0
            case "random":
                return 1 - self.p
            case _:
                return 1.0

    @property
    def half(self) -> float | None:
        """Distance at which half of what is kept at no distance is left, None where there is none."""
        if self.shape == "plateau":
            return None if self.floor >= 0.5 else -self.d50 * math.log2((0.5 - self.floor) / (1 - self.floor))
        return self.d50 if self.shape in ("logistic", "threshold", "recency") else None


def curve(name: str, given: dict[str, object]) -> Curve:
    """From SHAPE or SHAPE-FIELD=VALUE-...; `given` goes before the name. Raises PlanError."""
    shape, *words = name.split("-")
    shape = str(given.get("shape", shape))
    if shape not in FIELDS:
        raise PlanError("", "model", repr(name), f"simulated/SHAPE with SHAPE one of {', '.join(FIELDS)}, such as simulated/{FULL_SHAPES[0]}")
    fields = {**_named(words, name, shape), **{field: value for field, value in given.items() if field != "shape"}}
    for field in fields:
        if field not in FIELDS[shape]:
            raise PlanError("", f"model.{field}", f"an option that {shape} does not have", ", ".join(FIELDS[shape]) or "none")
    return Curve(shape, **{field: _figure(field, value) for field, value in fields.items()})


def _named(words: list[str], name: str, shape: str) -> dict[str, object]:
    pairs = [word.partition("=") for word in words]
    if wrong := next((field for field, sign, value in pairs if not (field and sign and value)), None):
        raise PlanError("", "model", repr(name), f"FIELD=VALUE after {shape}-, not {wrong!r}")
    return {field: value for field, _, value in pairs}


def _figure(field: str, value: object) -> float:
    low, high = BOUNDS[field]
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise PlanError("", f"model.{field}", repr(value), f"a number from {low:g} to {high:g}")
    return found
