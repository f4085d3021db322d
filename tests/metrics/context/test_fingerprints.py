"""Fingerprints are found wherever a plain search finds them, at the price of one look at each text."""

from __future__ import annotations

import re
from random import Random

import pytest

from harness.core.patterns import PatternError
from harness.metrics.context.kept.fingerprints import Finder, last, literal, printed, required, stands, whole_word

WORDS = ("convert", "convert_op", "_op", "op", "x", "limit", "retry", "pkg/a.py", "a.py", "4", "lines", "\u00e9t\u00e9", "\u201cop\u201d", "--op", "->", "r\u00e9op")
GAPS = (" ", "\n", "  \n\t", "", "-", ".", "(", "\u201c", "/")
FINGERPRINTS = (
    "_op", "convert", "convert_op", "->", "4 lines", "op convert", "pkg/a.py", "\u00e9t\u00e9", "\u201cop\u201d", "op-limit",
    whole_word("op"), whole_word("convert"), whole_word("4 lines"), whole_word("pkg/a.py"), whole_word("--op"), whole_word("\u00e9t\u00e9"),
    r"re:retry[ _]?limit", r"re:\bop\b", r"re:(?i)LIMIT\s+x", r"re:convert(_op)?", r"re:^x$", r"re:[a-z]+_op\b", r"re:\x6fp",
)  # fmt: skip


def plain(fingerprint: str, text: str) -> list[int]:
    """Ends of all matches, by searching the text as it stands."""
    if fingerprint.startswith("re:"):
        body = fingerprint[3:]
        spaced = re.sub(r"\\ ", r"\\s+", body) if body.startswith(r"(?<!\w)") else body
        return [found.end() for found in re.finditer(spaced, text, re.MULTILINE if body.startswith(r"(?<!") else re.MULTILINE | re.ASCII) if found.end() > found.start()]
    return [found.end() for found in re.finditer(r"\s+".join(map(re.escape, fingerprint.split())), text)]


def test_found_are_those_that_a_plain_search_finds() -> None:
    """In random texts of words that run into one another, ASCII and not; the last end, too."""
    chance = Random(5)
    finder = Finder({each: [printed(each)] for each in FINGERPRINTS})
    hits = 0
    for _ in range(1500):
        text = "".join(chance.choice(WORDS) + chance.choice(GAPS) for _ in range(chance.randint(0, 7)))
        expected = {each for each in FINGERPRINTS if plain(each, text)}
        assert finder.items(text) == expected, repr(text)
        for each in expected:
            assert finder.end(each, text) == max(plain(each, text)), (each, text)
        hits += len(expected)
    assert hits > 3000


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        (r"retry_?limit_x3\b", "limit_x3"), (r"\bport 4411\b", "port"), ("a|b", ""), ("(?i)port", ""), (r"x\d+y(abc)?", "x"), ("[abc]def", "def"),
        (r"\x41bc", "bc"), (r"\x{41}bc", "bc"), (r"\pLbc", "bc"), (r"\p{Greek}x", "x"), ("a(?i)bc", ""), (r"(foo)+bar*", "ba"), ("ab{2}c", "a"), (r"\.py", "py"), ("(a(b)c)d", "d"), (r"\(abc\)", "abc"), ("(?i:x)y", ""),
    ],
)  # fmt: skip
def test_what_every_match_must_hold_is_never_guessed(pattern: str, known: str) -> None:
    """Nothing of groups, classes, alternatives or what may be left out."""
    assert required(pattern) == known


def test_a_fingerprint_of_nothing_is_refused() -> None:
    """It would be in sight always."""
    for each in ("", " \n", "re:x*", "re:"):
        with pytest.raises(ValueError, match="empty"):
            printed(each)
    with pytest.raises(PatternError):
        printed("re:(")


def test_words_that_look_like_an_expression_are_taken_literally() -> None:
    """A sentence may begin with "re:"."""
    one = printed(literal("re: the (port) is 4411"))
    assert stands(one, "he said re:\n the (port) is 4411.")
    assert last(one, "re: the (port) is 4411, yes") == 22
