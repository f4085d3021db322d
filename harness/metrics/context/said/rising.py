"""Whether calls that went wrong begin so late in a conversation, and are so many since, that chance alone would hardly place them so; pure.

One trial shows next to nothing of a slope: who plants six late slips among sixty calls finds three of four such trials by any test of one
trial. The claim that a model's calls go wrong with depth is made over trials, by a slope and by contagion; here is only decided whether a
trial's own slips are a candidate for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

CHANCE = 0.01
"""So unlikely must it be that slips without any order fall so. It is asked at every slip, so that of trials with such slips a few in a hundred
are candidates all the same."""
LEAST = 3
"""Slips below which nothing is said."""


def rising(slips: Sequence[int], now: int) -> bool:
    """`slips`: turns that went wrong, counted from 1 over the turns with a call, up to `now`, which did. Any order of the others is as likely as any."""
    before = [at for at in slips if at < now]
    if len(before) + 1 < LEAST:
        return False
    return chance(min(before), len(before), now) <= CHANCE


def chance(first: int, count: int, now: int) -> float:
    """That `count` turns drawn from 1 to `now` - 1 all come at `first` or after it (hypergeometric)."""
    return comb(now - first, count) / comb(now - 1, count)
