"""Regular expressions that somebody else wrote, searched in linear time: the one door to RE2, whatever a manifest asks for.

Python's own engine tries every way in which a pattern may match: of `(a+)+$` their number doubles with each character of the text. A ban on
nested repeats would refuse harmless patterns and let harmful ones pass; a limit of time would make a reading depend on the machine. RE2 knows
neither look-around nor back references. Plain words, which need no more than a look at each place, stay with Python; they may say which
character must not stand just before or after them: `(?<![0-9.])1947(?![0-9])`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, Final

import re2  # type: ignore[import-untyped]

from harness.core.errors import HarnessError

LONGEST: Final = 2000
"""Characters of a pattern."""
LARGEST: Final = 1000
"""Instructions of a compiled pattern. A search takes text times instructions at worst: seconds for a megabyte, never hours."""
MEMORY: Final = 2 << 20
"""Bytes that the states of one expression may take; when they are full, the search goes on more slowly."""
EXPECTED: Final = "a regular expression as RE2 reads it: no look-around, no back references"
MOST: Final = 1000
"""Matches that are taken out of a text one by one: each may need a search to the text's end."""
_SIGN: Final = r"(?:[^\\.^$*+?{}\[\]|()]|\\[^\w])"
_CLASS: Final = rf"(?:\[\^?(?:(?!--)[^\]\\\[&~|])+\]|\\[wdsWDS]|{_SIGN})"
_PLAIN: Final = re.compile(rf"(?:\(\?<!{_CLASS}\))?{_SIGN}+(?:\(\?!{_CLASS}\))?")
_BESIDE: Final = ("", "a", " ", "\n")
"""What may stand beside a place, as far as an assertion of no width can tell."""


class PatternError(HarnessError, ValueError):
    """A pattern that cannot be used; names it and says why in a few words."""

    def __init__(self, pattern: str, why: object) -> None:
        super().__init__(f"{pattern[:80]!r}: {why}")


class Expression:
    """A pattern, ready. Positions are in characters. Without `lines`, `^` and `$` are the ends of the text, else of each of its lines, too."""

    def __init__(self, pattern: str, *, lines: bool = False) -> None:
        """Raises PatternError."""
        if len(pattern) > LONGEST:
            raise PatternError(pattern, f"{len(pattern)} characters, and at most {LONGEST} are read")
        self.pattern = pattern
        self._lines = lines
        self._plain = _PLAIN.fullmatch(pattern) is not None
        self._seek = _python(pattern) if self._plain else _linear(pattern, lines=lines)
        if not self._plain and self._seek.programsize > LARGEST:
            raise PatternError(pattern, "too large with its counted repeats written out")

    def span(self, text: str) -> tuple[int, int] | None:
        """The first match."""
        found = self._seek.search(_sound(text))
        return None if found is None else (found.start(), found.end())

    def found(self, text: str) -> bool:
        return self.span(text) is not None

    def whole(self, text: str) -> bool:
        """Whether it matches the text from end to end."""
        return self._seek.fullmatch(_sound(text)) is not None

    def last(self, text: str) -> int:
        """Where the match ends that begins last; -1 for none. One search: all matches in turn would take the square of the text."""
        if self._plain:
            return max((found.end() for found in self._seek.finditer(text)), default=-1)
        found = self._backwards.match(_sound(text))
        return -1 if found is None else int(found.end())

    def without(self, text: str) -> str:
        """The text with its matches taken out; after a thousand of them, with all that lies between the next and the last."""
        text = _sound(text)
        spans = [found.span() for found in islice(self._seek.finditer(text), MOST)]
        if len(spans) == MOST:
            spans[-1] = (spans[-1][0], max(spans[-1][1], self.last(text)))
        kept, at = [], 0
        for start, end in spans:
            kept.append(text[at:start])
            at = end
        return "".join((*kept, text[at:]))

    @cached_property
    def empty(self) -> bool:
        """Whether it can match where nothing stands: at the edge of a word, say. Such a match shows nothing."""
        texts = ((before + after, len(before)) for before in _BESIDE for after in _BESIDE)
        return not self._plain and any(self._seek.fullmatch(text, at, at) is not None for text, at in texts)

    @cached_property
    def _backwards(self) -> Any:
        return _linear(f"(?s:.*)(?:{self.pattern})", lines=self._lines)


@lru_cache(maxsize=256)
def expression(pattern: str, *, lines: bool = False) -> Expression:
    """The same for the same. Raises PatternError: a manifest's reader asks before anything is spent."""
    return Expression(pattern, lines=lines)


def whole(pattern: str) -> Callable[[str], bool]:
    """Whether an expression that the harness itself made, of a glob say, matches a text from end to end; of any size. Raises PatternError."""
    seek = _linear(pattern, lines=False)
    return lambda text: seek.fullmatch(_sound(text)) is not None


def _python(pattern: str) -> Any:
    try:
        return re.compile(pattern)
    except re.error as fault:
        raise PatternError(pattern, fault) from fault


def _linear(pattern: str, *, lines: bool) -> Any:
    if r"\Q" in pattern:
        raise PatternError(pattern, r"\Q, after which nothing means what it says")
    try:
        return re2.compile(f"(?m){pattern}" if lines else pattern, _options())
    except (re2.error, UnicodeEncodeError) as fault:
        raise PatternError(pattern, _told(fault)) from fault


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False  # else RE2 itself writes to the terminal
    options.never_capture = True  # nobody asks for groups, and without them every search is one walk
    return options


def _told(fault: Exception) -> str:
    words = fault.args[0] if fault.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(fault)


def _sound(text: str) -> str:
    """Half a pair of surrogates has no UTF-8; a sign in its place keeps every position."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
