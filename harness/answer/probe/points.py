"""Which opportunities are replayed, chosen before any outcome is looked at; pure.

Every m-th opportunity of each item, then bins of distance (four of log2 tokens, one for those of no known distance) filled up to equal
numbers. Only where an opportunity stood has a say, never how it went: a rule that looks at outcomes attributes most chance failures to
context. Which comes first where chance must choose is told by a digest of its place and the seed, so that the order of reading has no effect.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from statistics import median

import msgspec

from harness.core.memory import Item
from harness.core.probe import Excluded, How, Place, Point
from harness.metrics.context.cuts import LOSSES
from harness.metrics.context.scene import Scene
from harness.metrics.context.standing import unsettled

BINS = 4
POINTS = 40
"""Points of each model: with four re-rolls under two arms 40 of them find a true effect of a logit of 1.5 nearly always, by simulation."""


class Chosen(msgspec.Struct, frozen=True):
    """What a choice came to. `places`: how many there were to choose from."""

    points: tuple[Point, ...]
    excluded: tuple[Excluded, ...]
    places: int


class Sides(msgspec.Struct, frozen=True):
    """The median of one figure among the places that can be replayed and those that can't; None where none is known. n of each."""

    field: str
    kept: float | None
    kept_n: int
    excluded: float | None
    excluded_n: int


def places(scene: Scene, agent: str) -> tuple[Place, ...]:
    """Where an item of the manifest could be honoured, one place for each item and turn, in the order of turns."""
    items = {item.id: item for item in scene.manifest.items}
    told = (each for each in scene.opportunities if each.item in items and not unsettled(scene.manifest, scene.turns, each))
    names = {(each.at, each.item): each.turn for each in told}
    return tuple(_place(scene, agent, (at, shows), items[item]) for (at, item), shows in sorted(names.items()))


def _place(scene: Scene, agent: str, turns: tuple[int, int], item: Item) -> Place:
    """`turns`: at which it was in the worker's hands, and at which its outcome shows."""
    number, shows = turns
    turn = scene.turn(number)
    sight = scene.ledger.sight(item.id, number) if item.id in scene.ledger.items else None
    visible = sight.visible if sight else None
    if visible and any(cut.kind in LOSSES and cut.turn <= number for cut in scene.ledger.cuts):
        visible = None  # what the model made of the words before the cut nobody knows: no R is said
    return Place(
        scene.trial, scene.task, agent, scene.model, item.id, number, turn.stage, sight.distance if sight else None,
        sight.fill if sight else turn.fill, visible, item.kind, item.manner, shows if shows != number else 0,
    )  # fmt: skip


def failures(scene: Scene) -> frozenset[tuple[str, str, int]]:
    """(trial, item, turn) of opportunities that were violated for good; for case reports, and for nothing else."""
    return frozenset((scene.trial, each.item, each.at) for each in scene.opportunities if not each.honoured and each.repaired is None)


def chosen(
    found: Iterable[Place], barred: Mapping[tuple[str, int], str], seed: int, most: int = POINTS, *,
    every: int | None = None, failed: frozenset[tuple[str, str, int]] = frozenset(),
) -> Chosen:  # fmt: skip
    """At most `most` points for each model. `barred`: (trial, turn) -> why no world can be restored for an opportunity at that turn.

    `every`: m; None: so that about half of the points come from it. `failed`: places to be added because they had failed.
    """
    listed = sorted(set(found), key=_order)
    excluded = tuple(Excluded(place, why) for place in listed if (why := barred.get((place.trial, place.turn), "")))
    free = [place for place in listed if (place.trial, place.turn) not in barred]
    picked: list[tuple[Place, How, float]] = []
    for _, group in groupby(sorted(free, key=lambda place: place.model), key=lambda place: place.model):
        picked += _of_model(list(group), seed, most, every)
    have = {(place.trial, place.item, place.turn) for place, _, _ in picked}
    picked += [(place, "failure", 0.0) for place in free if _name(place) in failed and _name(place) not in have]
    points = tuple(Point(f"p{number:03}", *each) for number, each in enumerate(sorted(picked, key=lambda each: (each[1] == "failure", _order(each[0]))), 1))
    return Chosen(points, excluded, len(listed))


def _name(place: Place) -> tuple[str, str, int]:
    return place.trial, place.item, place.turn


def _order(place: Place) -> tuple[str, str, str, str, int, str]:
    return place.model, place.agent, place.task, place.trial, place.turn, place.item


def _of_model(free: Sequence[Place], seed: int, most: int, every: int | None) -> list[tuple[Place, How, float]]:
    bins = binned(free)
    step = every or max(1, math.ceil(2 * len(free) / max(1, most)))
    regular = _every(free, seed, step)[:most]
    taken = set(regular)
    more = _filled(bins, taken, seed, most - len(regular))
    both: list[tuple[Place, How]] = [*((place, "every") for place in regular), *((place, "distance") for place in more)]
    weights = _weights(bins, [place for place, _ in both])
    return [(place, how, weights[place]) for place, how in both]


def _every(free: Sequence[Place], seed: int, step: int) -> list[Place]:
    """Every `step`-th of each item of each task, from a seeded offset; those that come first by lot stand first."""
    found: list[Place] = []
    by_item = sorted(free, key=lambda place: (place.task, place.item, place.trial, place.turn))
    for name, group in groupby(by_item, key=lambda place: (place.task, place.item)):
        offset = _lot(seed, "offset", *name) % step
        found += [place for index, place in enumerate(group) if index % step == offset]
    return sorted(found, key=lambda place: _lot(seed, *map(str, _name(place)), place.task))


def _filled(bins: Mapping[Place, int], taken: set[Place], seed: int, room: int) -> list[Place]:
    """From the bin with the fewest points, again and again, as long as there is room and a place."""
    left = sorted((place for place in bins if place not in taken), key=lambda place: _lot(seed, *map(str, _name(place)), place.task))
    counts = {number: sum(bins[place] == number for place in taken) for number in set(bins.values())}
    found: list[Place] = []
    for _ in range(min(room, len(left))):
        open_bins = {bins[place] for place in left}
        number = min(open_bins, key=lambda each: (counts[each], each))
        place = next(place for place in left if bins[place] == number)
        left.remove(place)
        counts[number] += 1
        found.append(place)
    return found


def binned(free: Sequence[Place]) -> dict[Place, int]:
    """The bin of each place: 0 to 3 of equal width in log2 tokens between the least and the greatest distance, 4 for an unknown one."""
    logs = {place: math.log2(max(1, place.distance)) for place in free if place.distance is not None}
    low, high = min(logs.values(), default=0.0), max(logs.values(), default=0.0)
    width = (high - low) / BINS
    return {place: _bin(logs.get(place), low, width) for place in free}


def _bin(log: float | None, low: float, width: float) -> int:
    if log is None:
        return BINS
    return min(BINS - 1, int((log - low) / width)) if width else 0


def _weights(bins: Mapping[Place, int], picked: Sequence[Place]) -> dict[Place, float]:
    """Opportunities that each point stands for: those of its bin, shared out among the points of it."""
    every, mine = list(bins.values()), [bins[place] for place in picked]
    return {place: every.count(bins[place]) / mine.count(bins[place]) for place in picked}


def _lot(seed: int, *words: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join((str(seed), *words)).encode("utf-8", "replace")).digest()[:8], "big")


def numbered(points: Sequence[Point], rolls: int) -> tuple[Point, ...]:
    """With the attempts of each point's re-rolls: round by round over the points of a task, agent and model, so that a run stopped early
    has as many re-rolls of one point as of another.
    """
    cells: dict[tuple[str, str, str], list[Point]] = {}
    for point in points:
        cells.setdefault(_cell(point), []).append(point)
    made: dict[str, Point] = {}
    for group in cells.values():
        for index, point in enumerate(group, 1):
            attempts = tuple(roll * len(group) + index for roll in range(rolls))
            made[point.name] = msgspec.structs.replace(point, attempts=attempts)
    return tuple(made[point.name] for point in points)


def _cell(point: Point) -> tuple[str, str, str]:
    return point.place.task, point.place.agent, point.place.model


def compared(points: Iterable[Point], excluded: Iterable[Excluded]) -> tuple[Sides, ...]:
    """Whether what can't be replayed differs from what is: distance, fill, stage and turn of both."""
    kept, gone = [point.place for point in points if not point.on_failure], [each.place for each in excluded]
    return tuple(_sides(field, kept, gone) for field in ("distance", "fill", "stage", "turn"))


def _sides(field: str, kept: Sequence[Place], gone: Sequence[Place]) -> Sides:
    mine, other = ([float(value) for place in some if (value := getattr(place, field)) is not None] for some in (kept, gone))
    return Sides(field, median(mine) if mine else None, len(mine), median(other) if other else None, len(other))
