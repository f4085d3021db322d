"""A comparison as its page shows it: its sides with letters, its pairs in sections as the ranks have them, with their pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from harness.answer.compare.comparison import Answer, Comparison, Rank
from harness.answer.compare.figures import Figures, TaskPair
from harness.answer.compare.naming import at_runs, called
from harness.answer.compare.question import names
from harness.answer.pages.page_gap import Gap, gap, reach
from harness.answer.pages.page_headline import Headline, Spoken, headline, spoken
from harness.answer.pages.page_measures import Measure, measures
from harness.answer.pages.page_trade import Trades, trades
from harness.answer.side import Who

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AT_ONCE = re.compile(r"[\d,]+ comparisons are made at once")
Place: TypeAlias = tuple[Who, tuple[str, ...]]
"""A side and its runs."""


class Model(msgspec.Struct, frozen=True):
    """`letter`: by which pictures and tables call it; `note`: what else is to be known of it."""

    letter: str
    name: str
    note: str
    told: Figures


class Sharing(msgspec.Struct, frozen=True):
    """Tasks by who solves them at least once."""

    both: int
    a: int
    b: int
    neither: int


class Pair(msgspec.Struct, frozen=True):
    """`id`: its address on the page. `apart`: the tasks where the shares differ, the worst for A first.

    `remarks`: doubts without the one that all pairs share, that p was adjusted.
    """

    id: str
    told: Comparison
    a: Model
    b: Model
    gap: Gap
    sharing: Sharing
    figures: Spoken
    headline: Headline
    apart: tuple[TaskPair, ...]
    remarks: tuple[str, ...]


class Section(msgspec.Struct, frozen=True):
    """Pairs of the same runs, or across runs. `regime`: the windows in words, `runs` in words where there are several sections."""

    regime: str
    runs: str
    pairs: tuple[Pair, ...]
    ranks: tuple[tuple[Rank, Model], ...]


class Asked(msgspec.Struct, frozen=True):
    """All of the page. Models, measures and trades are of all sections: a side of one run has one window."""

    sections: tuple[Section, ...]
    models: tuple[Model, ...]
    measures: tuple[Measure, ...]
    trades: Trades

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(pair for section in self.sections for pair in section.pairs)

    @property
    def ranked(self) -> bool:
        return any(section.ranks for section in self.sections)


def asked(told: Answer) -> Asked:
    """In the order of the answer. Raises ValueError for an answer without a comparison."""
    if not told.comparisons:
        raise ValueError("an answer without a comparison")
    models = _models(told.comparisons)
    far = reach(told.comparisons, told.margin)
    pairs = [_pair(one, number, models, gap(one, told.margin, far), told.margin) for number, one in enumerate(told.comparisons, 1)]
    held = tuple(models.values())
    drawn = trades([(each.letter, each.name, each.told) for each in held], _beaten(pairs))
    return Asked(_sections(pairs, told.ranks, models), held, measures([each.told for each in held]), drawn)


def _beaten(pairs: Sequence[Pair]) -> dict[tuple[str, str], str]:
    """In what a model is beaten, by whom: the first that does."""
    sides = [(one, other) for pair in pairs for one, other in ((pair.a, pair.b), (pair.b, pair.a))]
    return {(name, one.letter): other.letter for one, other in reversed(sides) for name in one.told.dominated}


def _sections(pairs: Sequence[Pair], ranks: Sequence[Rank], models: Mapping[Place, Model]) -> tuple[Section, ...]:
    """As the ranks were made: they come section by section, for those of more than two sides."""
    found: dict[tuple[str, ...], list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair.a.told.runs if pair.a.told.runs == pair.b.told.runs else (), []).append(pair)
    made, left = [], list(ranks)
    for runs, held in found.items():
        sides = {(side.told.who, side.told.runs) for pair in held for side in (pair.a, pair.b)}
        first = left[: len(sides)]
        mine = first if {(rank.who, rank.runs) for rank in first} == sides else []
        left = left[len(mine) :]
        words = f"run {', '.join(runs)}" if runs else "across runs"
        places = tuple((rank, models[rank.who, rank.runs]) for rank in mine)
        made.append(Section(_regime(held), words if len(found) > 1 else "", tuple(held), places))
    return tuple(made)


def _regime(held: Sequence[Pair]) -> str:
    regimes = dict.fromkeys(pair.told.regime for pair in held)
    return next(iter(regimes)) if len(regimes) == 1 else "each its own window"


def _models(held: Sequence[Comparison]) -> dict[Place, Model]:
    """Each side once, with the figures over the most tasks where its pairs differ in what they have in common."""
    found: dict[Place, Figures] = {}
    for each in (side for one in held for side in (one.a, one.b)):
        name = (each.who, each.runs)
        if name not in found or each.tasks > found[name].tasks:
            found[name] = each
    words = called(held[0].a, held[0].b) if len(found) == 2 else _names(tuple(found.values()))
    return {
        place: Model(letter, name, f"thinking {each.thinking}" if each.thinking else "", each)
        for letter, name, (place, each) in zip(_letters(len(found)), words, found.items(), strict=True)
    }


def _letters(count: int) -> Iterable[str]:
    return (LETTERS[place] if count <= len(LETTERS) else f"{LETTERS[place % 26]}{place // 26 + 1}" for place in range(count))


def _names(sides: Sequence[Figures]) -> list[str]:
    """As a user types them: with agents where these differ, with runs where nothing else does."""
    full = len({side.who.agent for side in sides}) > 1
    words = [names(side.who, full=full) for side in sides]
    return [word if words.count(word) == 1 else at_runs(word, side) for word, side in zip(words, sides, strict=True)]


def _pair(told: Comparison, number: int, models: Mapping[Place, Model], drawn: Gap, margin: float) -> Pair:
    a, b = (msgspec.structs.replace(models[each.who, each.runs], told=each) for each in (told.a, told.b))
    words = called(told.a, told.b)
    apart = tuple(sorted((pair for pair in told.tasks if pair.difference), key=lambda pair: pair.difference))
    said = headline(told, words, margin)
    return Pair(f"pair-{number}", told, a, b, drawn, _sharing(told.tasks), spoken(told), said, apart, _remarks(told))


def _remarks(told: Comparison) -> tuple[str, ...]:
    return tuple(doubt for doubt in told.doubts if not AT_ONCE.match(doubt))


def _sharing(tasks: Sequence[TaskPair]) -> Sharing:
    ends = [(pair.a.passed > 0, pair.b.passed > 0) for pair in tasks]
    return Sharing(*(ends.count(end) for end in ((True, True), (True, False), (False, True), (False, False))))


def addressed(links: Mapping[str, str], run: str, trial: str = "") -> str:
    """Where the page of a run stands, or one trial in it; "" where there is none.

    Whatever a path is called, it leads to no other scheme and to no host.
    """
    if run not in links:
        return ""
    path = quote(links[run].encode("utf-8", "surrogatepass"), safe="/")
    return ("/" + path.lstrip("/") if path.startswith("/") else path) + (f"#{quote(trial, errors='backslashreplace')}" if trial else "")
