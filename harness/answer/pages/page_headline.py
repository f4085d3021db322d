"""The first line of a comparison's page: the word between two names, and after it the rest of the sentence that every output says."""

from __future__ import annotations

import msgspec

from harness.answer.compare.comparison import Comparison, Word
from harness.answer.compare.sentence import chance, points, signed
from harness.answer.compare.word import fixed, watching
from harness.report.page_format import NONE


class Headline(msgspec.Struct, frozen=True):
    """`words`: (text, whether it is a name), one after the other; `rest`: the sentence without them.

    `doubts`: those that the sentence does not tell itself. `judged`: the word that the figures as judged would have, also where doubts forbid to say one.
    """

    words: tuple[tuple[str, bool], ...]
    rest: str
    doubts: tuple[str, ...]
    judged: Word


class Spoken(msgspec.Struct, frozen=True):
    """The difference in points, as the sentence has it, and how it was found; dashes where there is none."""

    estimate: str = NONE
    low: str = NONE
    high: str = NONE
    bounds: str = NONE
    p: str = NONE
    method: str = ""
    test: str = ""


def headline(told: Comparison, called: tuple[str, str], margin: float) -> Headline:
    """What `rest` holds is never left out: where the sentence begins otherwise it is there whole."""
    words = _words(told.word, called, margin)
    said = "".join(text for text, _ in words)
    rest = told.sentence.removeprefix(f"{said}: ")
    doubts = tuple(doubt for doubt in told.doubts if doubt not in told.sentence)
    # A model's name keeps its letters.
    kept = rest == told.sentence or rest.startswith(called)
    return Headline(words, rest if kept else rest[:1].upper() + rest[1:], doubts, _judged(told, margin))


def _judged(told: Comparison, margin: float) -> Word:
    if told.look is not None:
        return watching(told.look, margin)
    if told.difference is None or told.equivalence is None:
        return told.word
    return fixed(told.difference, told.equivalence, told.difference.p if told.p_holm is None else told.p_holm)


def _words(word: str, called: tuple[str, str], margin: float) -> tuple[tuple[str, bool], ...]:
    a, b = (called[0], True), (called[1], True)
    match word:
        case "equal":
            return (a, (" is equal to ", False), b, (f" within {points(margin)} points", False))
        case "better" | "worse":
            return (a, (f" is {word} than ", False), b)
        case "undecided":
            return (("Undecided between ", False), a, (" and ", False), b)
        case _:
            return (("No word on ", False), a, (" against ", False), b)


def spoken(told: Comparison) -> Spoken:
    """Of the method that holds the word."""
    found = told.difference or told.look
    if found is None:
        return Spoken()
    estimate, low, high = map(minus, (found.estimate, found.low, found.high))
    bounds = f"{low} to {high}"
    if told.difference is None:
        return Spoken(estimate, low, high, bounds, method="a confidence sequence", test="it holds at every look, however often one looks")
    p, alone = chance(told.difference.p if told.p_holm is None else told.p_holm), chance(told.difference.p)
    test = f"sign-flip test {alone}" + ("" if told.p_holm is None else f", by Holm {p}")
    return Spoken(estimate, low, high, bounds, p.removeprefix("p ").removeprefix("= "), told.difference.method, test)


def minus(share: float) -> str:
    """A difference in points with the sign for minus: -12, 0, +4."""
    return signed(share).replace("-", "−")
