"""Spells under watch: how long until something happened, or until the watching ended for another reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

DRIFT: Final = "drift"
CENSORED: Final = ""


class Spell(msgspec.Struct, frozen=True):
    """One item of one trial, watched until `time` (> 0; turns, tokens, or tokens since the last exposure).

    `cause`: what ended it: "drift", a competing end ("finish", "refusal", "crash", "timeout", "window"), or "" where the watching merely
    stopped. `task` is the cluster.
    """

    task: str
    time: float
    cause: str = CENSORED


class Counts(msgspec.Struct, frozen=True):
    """Per task and distinct time: `ends` of each cause asked for (causes x tasks x times) and how many were still watched (tasks x times)."""

    tasks: tuple[str, ...]
    times: Floats
    ends: Floats
    watched: Floats


def counted(spells: Sequence[Spell], causes: Sequence[str]) -> Counts:
    """The times are those at which one of `causes` ended a spell. Raises ValueError for no spell, or a time that is not positive and finite."""
    import numpy as np

    lawful(spells)
    tasks = tuple(sorted({spell.task for spell in spells}))
    times = np.array(sorted({spell.time for spell in spells if spell.cause in causes}), dtype=float)
    ends = np.zeros((len(causes), len(tasks), len(times)))
    watched = np.zeros((len(tasks), len(times)))
    place = {task: index for index, task in enumerate(tasks)}
    for spell in spells:
        watched[place[spell.task], : np.searchsorted(times, spell.time, "right")] += 1
        if spell.cause in causes:
            ends[causes.index(spell.cause), place[spell.task], np.searchsorted(times, spell.time)] += 1
    return Counts(tasks, times, ends, watched)


def lawful(spells: Sequence[Spell]) -> None:
    """Raises ValueError as `counted`."""
    if not spells:
        raise ValueError("no spell")
    for spell in spells:
        if not 0 < spell.time < float("inf"):
            raise ValueError(f"a spell of {spell.task} ends at {spell.time}: expected a positive time")


def longest(spells: Sequence[Spell]) -> float:
    """The last time at which anything was watched."""
    return max(spell.time for spell in spells)


def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """`over` / `under`, 0 where nothing is under."""
    import numpy as np

    found: np.ndarray = np.divide(over, under, out=np.zeros_like(over, dtype=float), where=under > 0)
    return found
