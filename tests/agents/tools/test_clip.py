"""What is shown, what is hidden and what is said of it add up."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agents.tools.clip import SHOWN_BYTES, clip, cut, decoded

data = st.binary(max_size=3000) | st.text(max_size=1500).map(str.encode) | st.lists(st.binary(max_size=60), max_size=80).map(b"\n".join)


@given(data, st.integers(2, 1000))
def test_nothing_is_lost_or_doubled(raw, shown):
    """Head, hidden bytes and tail make up the whole; never more is shown than allowed."""
    part = cut(raw, shown)
    middle = raw[len(part.head) : len(raw) - len(part.tail)]
    assert raw.startswith(part.head)
    assert raw.endswith(part.tail)
    assert (len(middle), middle.count(b"\n")) == (part.hidden, part.lines)
    assert len(part.head) + len(part.tail) <= shown or not part.hidden


@given(data, st.integers(2, 1000))
def test_short_data_is_whole(raw, shown):
    """What is no longer than allowed is shown whole."""
    if len(raw) <= shown:
        assert cut(raw, shown).head == raw


@given(st.text(min_size=100, max_size=2000), st.integers(20, 100))
def test_characters_are_never_cut(text, shown):
    """Valid UTF-8 stays valid at both edges of the cut."""
    part = cut(text.encode(), shown)
    part.head.decode()
    part.tail.decode()


@given(st.lists(st.text("ab", max_size=30), min_size=200, max_size=400))
def test_cuts_fall_between_lines(lines):
    """Where line ends are near, only whole lines are hidden."""
    raw = "\n".join(lines).encode()
    part = cut(raw, 1000)
    assert not part.hidden or (part.head.endswith(b"\n") and raw[len(raw) - len(part.tail) - 1 :][:1] == b"\n")


def test_the_notice_counts_and_hints():
    """The line in the middle tells bytes, lines and how to see them."""
    raw = b"".join(b"%06d\n" % k for k in range(10_000))
    text = clip(raw, hint="look again")
    notice = re.search(r"\[\.\.\. (\d+) bytes in (\d+) lines left out; look again \.\.\.\]", text)
    assert notice
    assert int(notice[1]) == 7 * int(notice[2]) > len(raw) - SHOWN_BYTES
    assert text.startswith("000000\n")
    assert text.endswith("009999\n")


def test_what_the_sandbox_did_not_keep_is_counted():
    """Bytes that were never kept are among the hidden, and the count of lines becomes a lower bound."""
    assert "[... 999900 bytes in at least 0 lines left out; x ...]" in clip(b"a" * 100, hint="x", total=1_000_000)


def test_one_endless_line_is_cut_inside():
    """Ten million characters without a line end are shown by both ends."""
    text = clip(b"x" * 10_000_000, hint="h")
    assert len(text) < SHOWN_BYTES + 200


@given(st.binary(max_size=300))
def test_shown_text_can_always_be_sent(raw):
    """What is shown is text without NUL and without surrogates, whatever the bytes."""
    assert "\0" not in decoded(raw)
    decoded(raw).encode()
