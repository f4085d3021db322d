"""One passage is replaced, and every other byte stays."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from agents.tools.edit import Edited, Missed, occurrences, substitute
from agents.tools.nearest import nearest

words = st.text("abc \u00e4\r", max_size=6).map(str.encode)
files = st.lists(words.filter(lambda w: not w.endswith(b"\r")), min_size=1, max_size=12)
endings = st.sampled_from([b"\n", b"\r\n"])


@given(files, st.data(), endings, st.booleans(), st.booleans(), files)
def test_uniform_files_keep_everything_else(lines, pick, ending, bom, last, new):
    """In a file of one kind of line ending the edit equals one made on the text with LF: BOM, endings and final newline stay."""
    plain = b"\n".join(lines) + (b"\n" if last else b"")
    start = pick.draw(st.integers(0, len(plain)))
    old = plain[start : pick.draw(st.integers(start, len(plain)))]
    fresh = b"\n".join(new)
    assume(old and occurrences(plain, old) == [start])
    assume(not old.startswith(b"\r") and not old.endswith(b"\r") and not fresh.startswith(b"\r") and not fresh.endswith(b"\r"))
    mark = b"\xef\xbb\xbf" if bom else b""
    data = mark + plain.replace(b"\n", ending)
    edited = substitute(data, old, fresh)
    assert isinstance(edited, Edited)
    uniform = ending if b"\n" in plain else b"\n"
    assert edited.data == mark + (plain[:start] + fresh + plain[start + len(old) :]).replace(b"\n", uniform)
    assert edited.line == plain.count(b"\n", 0, start) + 1


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=3), st.binary(max_size=5))
def test_never_more_than_one_place(data, old, new):
    """Whatever the bytes: either one place changes, or none and the lines are told."""
    result = substitute(data, old, new)
    if isinstance(result, Missed):
        assert len(result.lines) != 1
    else:
        assert result.data != data or old.replace(b"\r\n", b"\n") == new.replace(b"\r\n", b"\n")


@given(st.text("ab\n", max_size=40).map(str.encode), st.text("ab\n", min_size=1, max_size=3).map(str.encode))
def test_passages_written_with_crlf_match_crlf_files(plain, old):
    """A model may write LF or CRLF for a file with CRLF: both mean the same passage."""
    assume(b"\n" in plain)
    data = plain.replace(b"\n", b"\r\n")
    assert substitute(data, old, b"x\ny") == substitute(data, old.replace(b"\n", b"\r\n"), b"x\r\ny")


def test_mixed_files_keep_each_lines_ending():
    """In a mixed file each replaced line keeps the ending it had."""
    edited = substitute(b"a\r\nb\nc\r\nd\n", b"a\nb\nc\n", b"A\nB\nC\n")
    assert isinstance(edited, Edited)
    assert edited.data == b"A\r\nB\nC\r\nd\n"


def test_overlaps_count():
    """A passage that overlaps itself does not occur once."""
    assert substitute(b"aaa", b"aa", b"b") == Missed((1, 1))


def test_carriage_returns_in_a_file_without_crlf_are_ordinary():
    """A file of LF endings gets exactly what was written."""
    edited = substitute(b"a\nb\n", b"b", b"c\r\nd")
    assert isinstance(edited, Edited)
    assert edited.data == b"a\nc\r\nd\n"


SOURCE = """import os

def first(a, b):
    return a + b

def second(a, b):
    total = a - b
    return total"""


def test_the_nearest_passage_is_found():
    """A passage with a slip in it is led back to its lines."""
    found = nearest(SOURCE, "def second(a, c):\n    total = a - c\n")
    assert found
    assert (found.first, found.last, found.blank) == (6, 7, False)


def test_white_space_is_told_apart():
    """A passage that differs in indentation alone is said to."""
    found = nearest(SOURCE, "def second(a, b):\n  total = a - b")
    assert found
    assert found.blank


@given(st.text(max_size=80), st.text(min_size=1, max_size=40))
def test_nearest_answers_for_any_text(text, sought):
    """Never an error, and lines that exist."""
    found = nearest(text, sought)
    assert found is None or 1 <= found.first <= found.last <= len(text.splitlines())


def test_big_files_are_looked_at_with_bounded_work():
    """A large file of similar lines, and passages of long lines, are answered."""
    many = "\n".join(f"value_{k} = compute(value, {k})" for k in range(60_000))
    assert nearest(many, "value_777 = compute(value, 778)")
    assert nearest("word " * 400_000, "word " * 100_000)
