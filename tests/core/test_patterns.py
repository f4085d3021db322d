"""Patterns that somebody else wrote end on every text, mean what Python's mean, and are refused in a few words where they can't be read."""

from __future__ import annotations

import re
from random import Random

import pytest

from harness.core.patterns import LONGEST, MOST, Expression, PatternError, expression

HOSTILE = ("(a+)+$", "(a|a)*b", "(a*)*b", "(?:a?){40}a{40}b", "a.*a.*a.*b", r"(\w+\s*)+:")
"""Of each of them, Python's engine would not come to an end on the text below, or only after days."""
TEXT = "a" * 50_000 + "!"
SAME = (
    "_op", r"docs/conventions\.md", "([A-Z][a-z0-9]*)+", "[a-z]+(_[a-z]+)*", "^## Open", r"\b1947\b", r"(?<![0-9.])1947(?![0-9])", r"(?<!\w)op(?!\w)",
    r"^\s*raise (ValueError|KeyError)\b", "(?i)LIMIT", "x$", "a|b", "[^a-z]op", r"(?<!x)op", "op(?![.])",
)  # fmt: skip
PIECES = ("op", "_op", "1947", ".", " ", "\n", "a", "x", "## Open", "raise KeyError", "limit", "Ab9", "docs/conventions.md", "\u00e4", "\u5b57")


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_comes_to_an_end(pattern: str) -> None:
    """Whatever is asked of it: whether it stands there, as a whole, where last, and what is left without it."""
    seek = expression(pattern)
    assert not seek.found(TEXT)
    assert not seek.whole(TEXT)
    assert seek.last(TEXT) == -1
    assert seek.without(TEXT) == TEXT


def test_many_matches_come_to_an_end_as_well() -> None:
    """Each of these matches is found after a look at the whole rest of the text: after the first thousand one cut takes the others."""
    seek = expression("a.*b|a")
    assert seek.last(TEXT) == 50_000
    assert seek.without(TEXT) == "!"
    assert expression("ab?").without("ac" * MOST + "xa!") == "c" * (MOST - 1) + "!"


@pytest.mark.parametrize("pattern", SAME)
def test_what_is_found_is_what_python_finds(pattern: str) -> None:
    """First match, whole match, the end of the last and the text without them, in random texts; letters of `\\b` and `\\w` are those of ASCII."""
    chance = Random(3)
    ours, theirs = expression(pattern), re.compile(pattern, 0 if "(?" in pattern else re.ASCII)
    ends = 0
    for _ in range(800):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 6))).removesuffix("\n")
        first = theirs.search(text)
        assert ours.span(text) == (first.span() if first else None), repr(text)
        assert ours.whole(text) == bool(theirs.fullmatch(text)), repr(text)
        assert ours.last(text) == max((found.end() for found in theirs.finditer(text)), default=-1), repr(text)
        assert ours.without(text) == theirs.sub("", text), repr(text)
        ends += first is not None
    assert ends > 15


def test_lines_have_ends_where_they_are_asked_for() -> None:
    """As MULTILINE does."""
    assert not expression("^b$").found("a\nb\nc")
    assert expression("^b$", lines=True).last("a\nb\nc") == 3


def test_half_a_pair_of_surrogates_moves_nothing() -> None:
    """A trace may hold what has no UTF-8."""
    assert expression("b+").span("\ud800\u00e4bb") == (2, 4)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)b", "invalid perl operator"), (r"(a)\1", "invalid escape sequence"), ("(?<!a)b+", "invalid perl operator"), ("(", "missing )"), ("[z-a]", "range"),
        ("(?<![z-a])b", "range"), ("(.{900}|x{900}){1}y{900}", "too large"), ("((a{99}){99}){99}", "repetition size"), ("a.", None), ("a" * LONGEST + ".", "characters"),
        (r"\Qa", r"\Q"), ("a)|(b", "unexpected )"), ("\ud800.", "surrogates"),
    ],
)  # fmt: skip
def test_a_pattern_that_cannot_be_read_says_why(capfd: pytest.CaptureFixture[str], pattern: str, why: str | None) -> None:
    """In words, and nothing is written to the terminal behind our back."""
    if why is None:
        assert Expression(pattern).found("ab")
        return
    with pytest.raises(PatternError, match=re.escape(why)):
        Expression(pattern)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("pattern", "empty"), [("x*", True), (r"\b", True), (r"a|\b", True), ("^", True), ("$", True), (r"\bfoo\b", False), (r"(?:^|\s)x", False), ("x", False)])
def test_what_matches_where_nothing_stands_is_known(pattern: str, empty: bool) -> None:
    """At the edge of a word, say: such a fingerprint would show its item everywhere."""
    assert expression(pattern).empty is empty
