"""Finding many needles in much data: the longest word of each is looked up among the data's words, and only then the bytes compared. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

WINDOW: Final = 32 << 20
FEW: Final = 30
"""Words that are looked for one by one faster than all words of the data are gathered."""
WORDS: Final = re.compile(rb"\w+")
# In a text within a text (a row of JSON, a string in a source) an end of line or a tab is a backslash and a letter, with which the word seems to begin.
ESCAPED: Final = (b"", b"n", b"t")


class Needle(msgspec.Struct, frozen=True):
    """`forms`: the same lines as they stand in a file, in a patch, with either end of line, within a JSON text."""

    name: str
    forms: tuple[bytes, ...]


class Search(msgspec.Struct, frozen=True):
    """What is looked for: `by_word` the needles by their longest word, `wordless` those without any, `word` finds words long enough."""

    by_word: dict[bytes, tuple[Needle, ...]]
    wordless: tuple[Needle, ...]
    word: re.Pattern[bytes]
    longest: int


def search_for(needles: tuple[tuple[str, bytes], ...]) -> Search:
    """Prepared once for any amount of data; empty needles are left out."""
    by_word: dict[bytes, tuple[Needle, ...]] = {}
    wordless: list[Needle] = []
    made = [Needle(name, forms(data)) for name, data in needles if data.strip()]
    for needle in made:
        words = WORDS.findall(needle.forms[0])
        if not words:
            wordless.append(needle)
            continue
        longest = max(words, key=len)
        for word in (letter + longest for letter in ESCAPED):
            by_word[word] = (*by_word.get(word, ()), needle)
    shortest = min(map(len, by_word), default=1)
    longest_form = max((len(form) for needle in made for form in needle.forms), default=0)
    return Search(by_word, tuple(wordless), re.compile(rb"\w{%d,}" % shortest), longest_form)


def forms(data: bytes) -> tuple[bytes, ...]:
    """The ways in which these lines may stand somewhere."""
    lines = [line.rstrip(b"\r") for line in data.strip(b"\r\n").split(b"\n")]
    plain = tuple(end.join(lines) for end in (b"\n", b"\r\n", b"\n+", b"\r\n+"))
    quoted = (json.dumps(form.decode("utf-8", "surrogateescape"), ensure_ascii=False)[1:-1] for form in plain[:3])
    return tuple(dict.fromkeys((*plain, *(form.encode("utf-8", "surrogateescape") for form in quoted))))


def found_in(data: bytes, search: Search) -> Iterator[Needle]:
    """The needles that the data hold, each once."""
    told: set[tuple[bytes, ...]] = set()
    for start in range(0, max(1, len(data)), WINDOW):
        part = data if len(data) <= WINDOW else data[start : start + WINDOW + search.longest]
        for needle in candidates(part, search):
            if needle.forms not in told and any(form in part for form in needle.forms):
                told.add(needle.forms)
                yield needle


def candidates(data: bytes, search: Search) -> Iterator[Needle]:
    yield from search.wordless
    if len(search.by_word) <= FEW:
        words = {word for word in search.by_word if word in data}
    else:
        words = search.by_word.keys() & set(search.word.findall(data))
    for word in words:
        yield from search.by_word[word]
