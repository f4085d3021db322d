"""What a machine can pick out of an instruction: names, paths, quoted words, quantities, its points and its standing sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

STANDING = re.compile(
    r"\b(?:never|always|do not|don't|must not|mustn't|shall not|may not|should not|shouldn't|cannot|can't|from now on|only ever|at all times"
    r"|no longer|without exception|under no circumstances|at no point|everywhere|throughout)\b",
    re.IGNORECASE,
)
"""Words by which a sentence asks for something that goes on holding. They also stand in sentences that ask for nothing: hence unvalidated."""
_POINT = re.compile(r"^\s*(?:[-*+]|\d+(?:\.\d+)*[.)]?)\s+(?P<words>\S.*)$")
_FENCE = re.compile(r"^(?:```|~~~)")
_TICKED = re.compile(r"`([^`\n]+)`")
_QUOTED = re.compile(r"\"([^\"\n]{2,60})\"|\u201c([^\u201d\n]{2,60})\u201d")
_NAMES = re.compile(
    r"(?<![\w/.-])(?:"
    r"(?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)+/?"  # a path
    r"|\w+\.(?:py|toml|md|json|cfg|ini|txt|yaml|yml|sql|sh|html|csv)\b"  # a file
    r"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+"  # a dotted name
    r"|[a-zA-Z]+_\w+|_\w+|[A-Z][a-z0-9]+(?:[A-Z]\w*)+|[A-Z][A-Z0-9]+_[A-Z0-9_]+"  # an identifier that no prose has
    r"|--[a-z][\w-]+"
    r")"
)
_QUANTITY = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)*\s?(?:%|[kKMG]i?B\b|ms\b|s\b|seconds?\b|minutes?\b|hours?\b|days?\b|bytes?\b|lines?\b|characters?\b|columns?\b"
    r"|tokens?\b|digits?\b|places?\b|times?\b|retries\b|attempts?\b|USD\b|EUR\b)"
)
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[\"'`*(A-Z0-9])|\n{2,}")
SHORTEST, LONGEST = 3, 80
"""Characters of a name: shorter ones stand anywhere, longer ones are no names."""
MOST = 400
"""Names of one instruction; one with more is a data file."""


class Picked(msgspec.Struct, frozen=True):
    """Without repetition, in the order of the text. `points`: list items; `sentences`: standing ones, white space as one space."""

    names: tuple[str, ...]
    points: tuple[str, ...]
    sentences: tuple[str, ...]


def picked(text: str) -> Picked:
    """Linear in the text."""
    prose = "\n".join(_prose(text))
    names = [name for name in _named(text) if SHORTEST <= len(name) <= LONGEST and any(map(str.isalnum, name))]
    points = [" ".join(found["words"].split()) for line in prose.split("\n") if (found := _POINT.match(line))]
    sentences = [words for each in _SENTENCE.split(_unlisted(prose)) if (words := " ".join(each.split())) and STANDING.search(words)]
    return Picked(tuple(dict.fromkeys(names))[:MOST], tuple(dict.fromkeys(points)), tuple(dict.fromkeys(sentences)))


def _prose(text: str) -> Iterator[str]:
    """The lines outside of fenced blocks."""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line.strip()):
            fenced = not fenced
        elif not fenced:
            yield line


def _unlisted(prose: str) -> str:
    """Each list item, heading and table row a paragraph of its own, so that no sentence runs over them."""
    return re.sub(r"\n(?=[ \t]*(?:[-*+]\s|\d+(?:\.\d+)*[.)]?\s|#|\|))", "\n\n", prose)


def _named(text: str) -> Iterator[str]:
    for found in _TICKED.finditer(text):
        yield found[1].strip()
    for found in _QUOTED.finditer(text):
        yield (found[1] or found[2]).strip()
    for found in _NAMES.finditer(text):
        yield found[0].strip(".-/")
    for found in _QUANTITY.finditer(text):
        yield " ".join(found[0].split())
