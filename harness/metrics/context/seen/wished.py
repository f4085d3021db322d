"""Requests that ask in their words for something to be done several times; pure, one pass over the words."""

from __future__ import annotations

import re

from harness.metrics.context.scene import Scene

REPEATS = re.compile(
    r"\b(?:(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several|many|a few) times|repeat(?:ed|edly|s)?|again and again|over and over"
    r"|in a loop|poll(?:ing)?|keep (?:running|checking|trying)|every \w+ seconds?)\b",
    re.IGNORECASE,
)


def repeating(scene: Scene) -> dict[int, str]:
    """Each request -> those of its words that ask for repetition, "" for none."""
    index = {message: number for number, message, _ in scene.requests}
    asked = dict.fromkeys(index.values(), "")
    for words in scene.words.values():
        if words.message in index and REPEATS.search(words.text):
            asked[index[words.message]] += f"{words.text}\n"
    return asked
