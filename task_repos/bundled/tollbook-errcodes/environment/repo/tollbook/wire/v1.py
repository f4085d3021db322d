"""Messages of version 1: `TB:1` and segments separated by `'`.

Frozen: two offices still read these by a program that nobody dares to touch, and the texts below are part of what it understands.
"""

from __future__ import annotations


class WireError(ValueError):
    """A message of version 1 that is wrong; its text is what goes back to the office."""


def read_reply(text: str) -> dict[str, str]:
    """Cells by the names of segments."""
    head, *segments = text.rstrip("'").split("'")
    if head != "TB:1":
        raise WireError(f"TX-04 head {head!r} is not of version 1")
    cells = {}
    for segment in segments:
        name, found, value = segment.partition("+")
        if not found:
            raise WireError(f"TX-09 segment {name!r} is empty")
        cells[name] = value.replace("?+", "+")
    return cells


def write(number: str, country: str, lines: list[tuple[str, str, str]]) -> str:
    """A declaration: head, number, a segment for each goods line of tariff, value and weight."""
    segments = [f"DCL+{number}", f"CTY+{country}"]
    for tariff, value, weight in lines:
        segments.append("GDS+" + "+".join(part.replace("+", "?+") for part in (tariff, value, weight)))
    return "'".join(["TB:1", *segments]) + "'"
