"""Weights as forwarders write them, in kilograms as customs want them."""

from __future__ import annotations

import re
from decimal import Decimal

_WEIGHT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([A-Za-z]+)?")
_GRAM = Decimal("0.001")
_KILOGRAMS = {
    "kg": Decimal(1),
    "g": _GRAM,
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}


def kilograms(text: str) -> Decimal:
    """A weight such as `1.2 kg`, `800 g` or `3 lb`; kilograms without a unit; rounded to grams."""
    found = _WEIGHT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a weight: {text!r}")
    unit = (found[2] or "kg").lower()
    if unit not in _KILOGRAMS:
        raise LookupError("unit %r is not known, use kg, g, lb or oz" % unit)
    return (Decimal(found[1].replace(",", ".")) * _KILOGRAMS[unit]).quantize(_GRAM)


def spread(gross: Decimal, nets: list[Decimal]) -> list[Decimal]:
    """The packing of a consignment put on its goods lines by their net weight: gross weights that add up."""
    net = sum(nets, Decimal(0))
    if net == 0:
        return [Decimal(0) for _ in nets]
    parts = [(each * gross / net).quantize(_GRAM) for each in nets]
    if parts:
        parts[-1] += gross - sum(parts, Decimal(0))
    return parts
