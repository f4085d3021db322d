"""How much is kept so many tokens back, corrected for guesses: all items that tell of memory, then each manner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from harness.metrics.context.account import Chance
from harness.metrics.statistics.floors import lacking
from harness.metrics.statistics.retention import GUESSABLE, Probe, Retention, retention
from harness.report.context.guesses import Guess, Guesses, shows_memory
from harness.report.context.kinds import Ready

ALL = "all"


class Recalled(msgspec.Struct, frozen=True):
    """`name`: a manner of items, or "all". `probes`, `tasks`: opportunities in the curve and their tasks. `hidden`, `cut`: those left out because
    the item was not in the view, or after a cut.

    `guess`: mean over those in the curve of whose item it is known, None for none; `guess_from`: "manifest" or "no-rule, n of m re-rolls over t
    tasks", or both, None as `guess`: no interval reckons with how little that may be. `unmeasured`: opportunities in the curve whose rate of guesses
    nobody knows; it is taken as 0. `guess_lacking`: what was replayed of their items, where that is too little for a rate.

    `left`: opportunities of prohibitions that are not in "all", because nobody knows how often they are guessed; `dropped`: those in no curve,
    because more than half of who was never told honours them.
    """

    name: str
    told: Retention | None
    guess: float | None
    probes: int
    tasks: int
    hidden: int
    cut: int
    lacking: str
    guess_from: str | None = None
    unmeasured: int = 0
    guess_lacking: str = ""
    left: int = 0
    dropped: int = 0


class _Seen(msgspec.Struct, frozen=True):
    """An opportunity with what is known of its item. `memory`: whether it tells of memory beside items of other manners."""

    task: str
    chance: Chance
    manner: str
    guess: Guess
    memory: bool

    @property
    def sound(self) -> bool:
        each = self.chance
        return each.visible and each.distance is not None and not each.cut and not each.inherited

    @property
    def guessable(self) -> bool:
        return (self.guess.rate or 0.0) > GUESSABLE


Items: TypeAlias = Mapping[tuple[str, str], tuple[str, Guess, bool]]


def recalled(known: Sequence[Ready], guesses: Guesses) -> tuple[Recalled, ...]:
    """Of one model, agent and variant; each manner by itself where there are several, or where "all" has not all."""
    every = tuple(_every(known, guesses))
    manners = sorted({each.manner for each in every})
    whole = _recalled(ALL, every, guesses)
    alone = len(manners) > 1 or whole.left
    return (whole, *(_recalled(name, [each for each in every if each.manner == name], guesses) for name in (manners if alone else ())))


def _every(known: Sequence[Ready], guesses: Guesses) -> Iterator[_Seen]:
    items: Items = {
        (one.account.task, item.id): (item.manner, guess := guesses.of(one.account, item), shows_memory(item, guess)) for one in known for item in one.account.items
    }
    for one in known:
        yield from (_Seen(one.account.task, each, *items[one.account.task, each.item]) for each in one.counting)


def _recalled(name: str, mine: Sequence[_Seen], guesses: Guesses) -> Recalled:
    sound = [each for each in mine if each.sound]
    counted = [each for each in sound if each.memory or name != ALL]
    kept = [each for each in counted if not each.guessable]
    rates = [each.guess.rate for each in kept if each.guess.rate is not None]
    told, why = _retained(kept, counted)
    return Recalled(
        name, told, sum(rates) / len(rates) if rates else None, len(kept), len({each.task for each in kept}), sum(not each.chance.visible for each in mine),
        sum(each.chance.cut for each in mine), why, guesses.told(_of_items(kept)), len(kept) - len(rates), guesses.thin(_of_items(sound)),
        len(sound) - len(counted), len(counted) - len(kept),
    )  # fmt: skip


def _of_items(mine: Iterable[_Seen]) -> Iterable[Guess]:
    """Once for each item of each task."""
    return {(each.task, each.chance.item): each.guess for each in mine}.values()


def _retained(kept: Sequence[_Seen], counted: Sequence[_Seen]) -> tuple[Retention | None, str]:
    """The curve, or why there is none: the floors are of what is in it."""
    why = lacking(len(kept), len({each.task for each in kept}))
    if why:
        return None, why
    try:
        return retention([_probe(each) for each in counted]), ""
    except ValueError as fault:
        return None, str(fault)


def _probe(each: _Seen) -> Probe:
    return Probe(each.task, float(max(1, each.chance.distance or 1)), each.chance.honoured, each.guess.rate or 0.0, f"{each.task} {each.chance.item}")
