"""Neutral words of any length: plain sentences that say nothing of code, of the task or of any item, the same for the same length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

OPENING = "What follows is filler. It has nothing to do with your task and asks nothing of you."
CHARACTERS_PER_TOKEN = 4.6
"""Of plain English under the vocabularies of current models, about; what came of it is measured and told with the result."""
ALL = 7 * 8 * 9 * 11
"""Sentences that there are: where so many in a row may not be said, none may."""
_WHO = ("The gardener", "A neighbour", "The old ferryman", "One of the cousins", "The baker", "A traveller", "The schoolteacher")
_DID = ("walked along", "sat beside", "looked across", "came back from", "painted", "spoke of", "slept near", "drew a picture of")
_WHAT = ("the river", "the orchard", "a stone bridge", "the market square", "the hills", "a quiet lake", "the harbour", "the mill", "the meadow")
_WHEN = ("in spring", "after the rain", "before supper", "on a warm evening", "while the bells rang", "in the first snow", "at noon",
         "late in autumn", "early in the morning", "when the wind had turned", "as the light faded")


def filler(characters: int, foreign: Callable[[str], bool] = lambda _text: False) -> str:
    """About so many characters (fewer by less than a sentence), "" for too few to hold the opening. `foreign`: what no sentence may hold."""
    if characters < len(OPENING):
        return ""
    said, length, barren = [OPENING], len(OPENING), 0
    for sentence in _sentences():
        barren = barren + 1 if foreign(sentence) else 0
        if barren > ALL or (not barren and length + 1 + len(sentence) > characters):
            break
        if not barren:
            said.append(sentence)
            length += 1 + len(sentence)
    return " ".join(said)


def _sentences() -> Iterator[str]:
    """Every combination before any comes again: the four lists have 7, 8, 9 and 11 words."""
    for k in count():
        yield f"{_WHO[k % 7]} {_DID[(k + k // 7) % 8]} {_WHAT[(k + k // 8) % 9]} {_WHEN[k % 11]}."
