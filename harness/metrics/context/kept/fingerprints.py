"""Fingerprints of items: literal words, whole words and regular expressions, found in many texts at the price of one look at each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from harness.core.patterns import Expression, PatternError, expression

REGEX = "re:"
_WHOLE = (r"re:(?<!\w)", r"(?!\w)")
_WORDS = bytes.maketrans(bytes(range(128)), bytes(ord(c) if (c := chr(n)).isalnum() or c == "_" else 32 for n in range(128)))
"""ASCII that is no letter, digit or underscore becomes a space; all other bytes stay."""

_ESCAPE = re.compile(r"\\(?:[xpP]\{[^}]*\}|x..|[pP].|\d{1,3}|.)", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\([^()]*\)")
_FLAGS = re.compile(r"\(\?[A-Za-z]*i|\(\?#")


class Print(msgspec.Struct, frozen=True):
    """One fingerprint, ready. `literal`: words that stand in every match, white space as one space, "" where none are known.

    `whole`: of a literal, nothing of a word may touch it. `spaced`: of a literal with white space in it, which matches any white space.
    `pattern`: of a regular expression. `piece`: the longest run of word characters in `literal`.
    """

    literal: str
    whole: bool
    piece: bytes
    spaced: re.Pattern[str] | None = None
    pattern: Expression | None = None


def printed(fingerprint: str) -> Print:
    """The fingerprint ready for use. Raises PatternError for one that cannot be read, is empty or matches where nothing stands."""
    if not fingerprint.startswith(REGEX):
        return _literal(fingerprint, whole=False)
    body = fingerprint.removeprefix(_WHOLE[0]).removesuffix(_WHOLE[1])
    if whole_word(unescaped(body)) == fingerprint:
        return _literal(unescaped(body), whole=True)
    if literal(words := _said(fingerprint)) == fingerprint:
        return _literal(words, whole=False)
    pattern = expression(fingerprint.removeprefix(REGEX), lines=True)
    if pattern.empty:
        raise PatternError(fingerprint, "matches an empty text")
    known = required(pattern.pattern)
    return Print(known, whole=False, piece=_piece(known), pattern=pattern)


def whole_word(word: str) -> str:
    """The fingerprint of a word that nothing of another word touches."""
    return f"{_WHOLE[0]}{re.escape(word)}{_WHOLE[1]}"


def literal(words: str) -> str:
    """The fingerprint of these very words, whatever they begin with."""
    return REGEX + r"\s+".join(map(re.escape, words.split())) if words.startswith(REGEX) else words


def _said(fingerprint: str) -> str:
    """The words that `literal` made it of, where it did."""
    return unescaped(fingerprint.removeprefix(REGEX).replace(r"\s+", " "))


def unescaped(text: str) -> str:
    """What `re.escape` made the text of."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _literal(text: str, *, whole: bool) -> Print:
    words = text.split()
    if not words:
        raise PatternError(text, "is empty")
    spaced = re.compile(r"\s+".join(map(re.escape, words))) if len(words) > 1 else None
    return Print(" ".join(words), whole, _piece(" ".join(words)), spaced)


def _piece(text: str) -> bytes:
    return max(_runs(text), key=len, default=b"")


def required(text: str) -> str:
    """A run of word characters that stands in every match of the expression; "" where it is too clever to be sure of one.

    Only what stands outside of groups, classes and alternatives counts, and nothing that a quantifier follows.
    """
    if "|" in text or _FLAGS.search(text):
        return ""
    outside = _CLASS.sub("\0", _ESCAPE.sub("\0", text))
    while (flat := _GROUP.sub("\0", outside)) != outside:
        outside = flat
    return max(re.findall(r"\w+(?![\w?*{])|\w+(?=\w[?*{])", outside), key=len, default="")


class Finder:
    """Which of many fingerprints stand in a text. Linear: every run of word characters is looked up, and new ones are looked into once."""

    def __init__(self, prints: Mapping[str, Sequence[Print]]) -> None:
        """`prints`: of each item."""
        self.prints = prints
        self._exact: dict[bytes, list[_Held]] = {}
        self._within: dict[bytes, list[_Held]] = {}
        self._always: list[_Held] = []
        for item, each in prints.items():
            for one in each:
                runs = _bounded(one)
                held = _Held(item, one, runs, _sure(one))
                table, piece = (self._exact, max(runs, key=len)) if runs else (self._within, one.piece)
                (table.setdefault(piece, []) if piece else self._always).append(held)
        self._known: set[bytes] = set()
        self._hot: dict[bytes, list[_Held]] = {}

    def items(self, text: str) -> set[str]:
        """Those that the text exposes."""
        runs = set(_runs(text))
        self._learn(runs - self._known)
        found: set[str] = set()
        for run in runs & self._hot.keys():
            for held in self._hot[run]:
                if held.item not in found and _stands(held, run, runs, text):
                    found.add(held.item)
        return found | {held.item for held in self._always if stands(held.one, text)}

    def end(self, item: str, text: str) -> int:
        """Where the last exposure of the item ends in the text, in characters; -1 for none."""
        return max((last(one, text) for one in self.prints.get(item, ())), default=-1)

    def _learn(self, new: set[bytes]) -> None:
        """A bounded piece is a run of its own, unless characters beyond ASCII, of which no table tells letters from marks, run into it."""
        self._known |= new
        for run in new & self._exact.keys():
            self._hot.setdefault(run, []).extend(self._exact[run])
        self._look_into(new, self._within)
        self._look_into({run for run in new if not run.isascii()}, self._exact)

    def _look_into(self, new: set[bytes], table: Mapping[bytes, list[_Held]]) -> None:
        every = b"\n".join([b"", *new, b""])
        for piece, each in table.items() if new else ():
            at = every.find(piece)
            while at >= 0:
                end = every.index(b"\n", at)
                self._hot.setdefault(every[every.rindex(b"\n", 0, at) + 1 : end], []).extend(each)
                at = every.find(piece, end)


class _Held(msgspec.Struct, frozen=True):
    """A fingerprint of an item. `runs`: all of them stand in a text of ASCII that it matches; `sure`: its run alone may decide."""

    item: str
    one: Print
    runs: frozenset[bytes]
    sure: bool


def _stands(held: _Held, run: bytes, runs: set[bytes], text: str) -> bool:
    if held.sure and (not held.one.whole or run == held.one.piece):
        return True
    return (not text.isascii() or held.runs <= runs) and stands(held.one, text)


def _bounded(one: Print) -> frozenset[bytes]:
    """Runs of word characters in the literal that nothing can touch: none at its edges, unless it is of whole words."""
    if one.pattern is not None:
        return frozenset()
    runs = _runs(one.literal)
    first = 0 if one.whole or not _of_word(one.literal[0]) else 1
    last = len(runs) if one.whole or not _of_word(one.literal[-1]) else len(runs) - 1
    return frozenset(runs[first:last])


def _sure(one: Print) -> bool:
    """The fingerprint is one run of word characters, and nothing else."""
    return one.pattern is None and one.spaced is None and len(one.piece) == len(one.literal.encode("utf-8", "surrogatepass"))


def _runs(text: str) -> list[bytes]:
    return text.encode("utf-8", "surrogatepass").translate(_WORDS).split()


def stands(one: Print, text: str) -> bool:
    """Whether it matches anywhere in the text."""
    if one.pattern is not None:
        return one.pattern.found(text)
    return next(_spans(one, text), None) is not None


def last(one: Print, text: str) -> int:
    """Where the last match ends, in characters; -1 for none."""
    if one.pattern is not None:
        return one.pattern.last(text)
    if one.spaced is not None:
        return max((end for _, end in _spans(one, text)), default=-1)
    size = len(one.literal)
    at = text.rfind(one.literal)
    while at >= 0 and one.whole and _touched(text, at, at + size):
        at = text.rfind(one.literal, 0, at + size - 1)
    return at + size if at >= 0 else -1


def _spans(one: Print, text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a literal stand, in order, each as (start, end)."""
    if one.spaced is not None:
        spans = (match.span() for match in one.spaced.finditer(text))
        yield from ((start, end) for start, end in spans if not (one.whole and _touched(text, start, end)))
        return
    size, at = len(one.literal), text.find(one.literal)
    while at >= 0:
        if not (one.whole and _touched(text, at, at + size)):
            yield at, at + size
        at = text.find(one.literal, at + 1)


def _touched(text: str, start: int, end: int) -> bool:
    return (start > 0 and _of_word(text[start - 1])) or (end < len(text) and _of_word(text[end]))


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
