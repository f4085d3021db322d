"""Places among more than two sides: only what was proven parts them, so that most share one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.answer.compare.comparison import Comparison, Rank
from harness.answer.compare.pair import Pair
from harness.answer.side import Side, Who
from harness.metrics.statistics.rates import interval, mean


class _Place(msgspec.Struct, frozen=True, order=True):
    who: Who
    runs: tuple[str, ...]


def ranks(made: Sequence[tuple[Pair, Comparison]]) -> tuple[Rank, ...]:
    """Section by section, for those with more than two sides of which every pair was compared; the best first. () where there is none."""
    found: list[Rank] = []
    for section in _sections(made):
        sides = {_place(side): side for pair, _ in section for side in (pair.a, pair.b)}
        if len(sides) > 2 and len(section) == len(sides) * (len(sides) - 1) // 2:
            found += sorted(_ranked(section, sides), key=lambda rank: (rank.rank, rank.to, -(rank.rate or 0.0), rank.who, rank.runs))
    return tuple(found)


def _sections(made: Sequence[tuple[Pair, Comparison]]) -> list[list[tuple[Pair, Comparison]]]:
    """The pairs of one run are a section, and so are those across runs."""
    found: dict[tuple[str, ...], list[tuple[Pair, Comparison]]] = {}
    for pair, comparison in made:
        found.setdefault(pair.a.runs if pair.a.runs == pair.b.runs else (), []).append((pair, comparison))
    return list(found.values())


def _place(side: Side) -> _Place:
    return _Place(side.who, side.runs)


def _ranked(section: Sequence[tuple[Pair, Comparison]], sides: dict[_Place, Side]) -> list[Rank]:
    above, below = dict.fromkeys(sides, 0), dict.fromkeys(sides, 0)
    for pair, comparison in section:
        one, other = _place(pair.a), _place(pair.b)
        if comparison.word in ("better", "worse"):
            upper, lower = (one, other) if comparison.word == "better" else (other, one)
            above[lower] += 1
            below[upper] += 1
    tasks = _shared(tuple(sides.values()))
    regimes = {comparison.regime for _, comparison in section}
    regime = regimes.pop() if len(regimes) == 1 else "each its own window"
    held = {place: [tally for task, tally in side.tallies().items() if task in tasks] for place, side in sides.items()}
    return [
        Rank(place.who, 1 + above[place], len(sides) - below[place], mean(tallies), interval(tallies), place.runs, regime) for place, tallies in held.items()
    ]


def _shared(sides: tuple[Side, ...]) -> frozenset[str]:
    """Tasks decided on every side: a rate over other tasks is another rate."""
    return frozenset.intersection(*(frozenset(side.tallies()) for side in sides))
