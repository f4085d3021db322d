"""One who forgets by a curve: where an item was last said in a view, how many tokens ago, and whether it is kept this time."""

from __future__ import annotations

import hashlib
import json

import msgspec

from agents.exposure import exposes
from agents.models.bounds import CHARACTERS_PER_TOKEN
from agents.models.recollection import Curve, curve
from harness.core.chat import Part, ToolCall, View
from harness.core.errors import PlanError
from harness.core.memory import Item
from harness.core.patterns import expression


class Forgetter(msgspec.Struct, frozen=True):
    """`guess`: probability that an item that can't be seen is honoured all the same."""

    curve: Curve
    guess: float = 0.0

    def keeps(self, item: Item, view: View, *lot: object) -> bool:
        """Whether it is kept. `lot`: what the draw hangs on; the same lot and view keep the same, so that a replay agrees."""
        distance = back(view, item.fingerprints)
        likely = self.guess if distance is None else self.curve.kept(distance)
        return drawn(item.id, length(view), *lot) < likely


def forgetter(name: str, given: dict[str, object], guess: float) -> Forgetter:
    """Raises PlanError."""
    if not 0 <= guess <= 1:
        raise PlanError("", "model.guess", guess, "a share from 0 to 1")
    return Forgetter(curve(name, given), guess)


def drawn(*lot: object) -> float:
    """A number in 0..1 that the lot decides alone."""
    text = "\0".join(map(str, lot)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") / 2**64


def length(view: View) -> int:
    """Characters of all parts."""
    return sum(len(part.content.text) for message in view for part in message.parts)


def back(view: View, prints: tuple[str, ...]) -> float | None:
    """Tokens from the end of the last words that expose an item to the end of the view; None where nothing does."""
    after = 0
    for part in (part for message in reversed(view) for part in reversed(message.parts)):
        if (tail := _after(part, prints)) is not None:
            return (after + tail) / CHARACTERS_PER_TOKEN
        after += len(part.content.text)
    return None


def _after(part: Part, prints: tuple[str, ...]) -> float | None:
    """Characters of the part that come after its last exposure; None where it has none."""
    text = _meant(part)
    end = max((_end(text, each) for each in prints if exposes(text, (each,))), default=-1)
    return None if end < 0 else len(part.content.text) * (len(text) - end) / max(1, len(text))


def _end(text: str, fingerprint: str) -> int:
    return expression(fingerprint[3:], lines=True).last(text) if fingerprint.startswith("re:") else text.rfind(fingerprint) + len(fingerprint)


def _meant(part: Part) -> str:
    """A call's arguments without JSON's escapes; anything else as it is."""
    if not isinstance(part.content, ToolCall):
        return part.content.text
    try:
        given = json.loads(part.content.raw_arguments)
    except (ValueError, RecursionError):
        return part.content.raw_arguments
    return "\n".join(str(value) for value in given.values()) if isinstance(given, dict) else part.content.raw_arguments
