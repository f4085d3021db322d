"""Rules of noise: each passes over what it is named for, and nothing that means something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.noise import OWN, SET_ORDER, Side, passed_over

THEN = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 23, 58, 1, tzinfo=UTC)
ADDRESS, OTHER = "0x7f8a1c2d3e40", "0x7f0011223344"


def sides(call: str = "") -> tuple[Side, Side]:
    return Side(THEN.timestamp(), THEN.timestamp() + 20, call), Side(NOW.timestamp(), NOW.timestamp() + 20, call)


def rules(old: str, new: str, call: str = "") -> list[str] | None:
    found = passed_over(old, new, *sides(call))
    return None if found is None else [one.rule for one in found]


NOISE = {
    "pytest's seconds": ("3 passed in 0.12s", "3 passed in 12.30s (0:00:12)", "duration"),
    "unittest's": ("Ran 3 tests in 0.001s", "Ran 3 tests in 0.002s", "duration"),
    "time's": ("real\t0m0.120s", "real\t0m1.003s", "duration"),
    "slowest tests": ("0.12s call     test_a.py::test_x", "0.13s call     test_a.py::test_x", "duration"),
    "JUnit": ('<testcase name="a" time="0.001">', '<testcase name="a" time="0.1">', "duration"),
    "milliseconds": ("took 12.5 ms", "took 13.1 ms", "duration"),
    "an object": (f"<A object at {ADDRESS}>", f"<A object at {OTHER}>", "address"),
    "an object in a finding": (f"E   assert <A object at {ADDRESS}> is None", f"E   assert <A object at {OTHER}> is None", "address"),
    "a temporary folder": ("/tmp/tmpab12cd_3/x", "/tmp/tmpzz12cd_3/x", "temporary name"),
    "pytest's folder": ("PosixPath('/tmp/pytest-of-agent/pytest-0/test_a0')", "PosixPath('/tmp/pytest-of-agent/pytest-3/test_a0')", "temporary name"),
    "a set": ("{'b', 'a'} != set()", "{'a', 'b'} != set()", SET_ORDER),
    "a set in a finding": ("E   assert {1, 2, 3} == {1}", "E   assert {3, 1, 2} == {1}", SET_ORDER),
    "a pid": ("worker pid 17 began", "worker pid 4 began", "process number"),
    "a job": ("[1] 17", "[1] 21", "process number"),
    "a port": ("listening on 127.0.0.1:40123", "listening on 127.0.0.1:51999", "port"),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_named(name: str) -> None:
    """One rule explains it, and it is the right one."""
    old, new, rule = NOISE[name]
    assert rules(old, new) == [rule]
    assert rules(f"same\n{old}\nsame", f"same\n{new}\nsame") == [rule]


MEANING = [
    ("assert 12 == 13", "assert 12 == 14"), ("12", "13"), ("3 passed in 0.12s", "4 passed in 0.12s"),
    ("3 passed in 0.12s", "3 passed, 1 failed in 0.12s"), ("E   assert 0.12s", "E   assert 0.13s"),
    ("assert took == 0.5 s", "assert took == 0.6 s"), ("line 12", "line 13"), ("0.12", "0.13"), ("v1.2.3", "v1.2.4"), ("5 seconds", "6 seconds"),
    (f"{ADDRESS[:10]}", f"{OTHER[:10]}"), ("0xff00ff00", "0xff00ff01"), (f"<A object at {ADDRESS}>", f"<B object at {OTHER}>"),
    ("/tmp/a", "/tmp/b"), ("tmpfilename", "tmpfileside"), ("{'a', 'b'}", "{'a', 'c'}"), ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
    ("['a', 'b']", "['b', 'a']"), ("{1, 2}", "{1, 2, 3}"), ("2020-01-01", "2020-01-02"), ("12:00:01", "12:00:02"), ("1700000000", "1700000001"),
    ("port 80", "port 81"), ("127.0.0.1:8080", "127.0.0.1:8081"), ("a\nb", "a"), ("a", "a "), ("", "x"), ("[1] 17 done", "[2] 17 done"),
    ("1a2b3c4 message", "1a2b3c5 message"), ("d41d8cd98f00b204e9800998ecf8427e  f", "d41d8cd98f00b204e9800998ecf8427f  f"),
    (f"{THEN:%Y-%m-%d}", f"{THEN + timedelta(days=9):%Y-%m-%d}"), (f"{THEN:%H:%M:%S}", f"{THEN + timedelta(minutes=5):%H:%M:%S}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), MEANING)
def test_meaning_is_never_passed_over(old: str, new: str) -> None:
    """Figures, names, values and times of another day stay differences."""
    assert rules(old, new) is None


FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ", "%H:%M:%S", "%a %b %d %H:%M:%S UTC %Y", "%b %d %H:%M", "%a, %d %b %Y %H:%M:%S +0000", "%s", "%Y/%m/%d", "%H:%M:%S,%f"]


@pytest.mark.parametrize("form", FORMATS)
@given(zone=st.integers(-48, 56), late=st.integers(0, 19))
def test_a_clock_is_noise_at_its_own_time(form: str, zone: int, late: int) -> None:
    """In whatever zone: what each side wrote while it ran is noise, what one side wrote of another time is not."""
    shift = timedelta(minutes=15 * zone, seconds=late) if form != "%s" else timedelta(seconds=late)
    old, new = (f"at {(side + shift).strftime(form)} it was" for side in (THEN, NOW))
    assert set(rules(old, new) or ["none"]) == {"clock"}
    far = f"at {(NOW + timedelta(days=40, minutes=7)).strftime(form)} it was"
    assert rules(old, far) is None


def test_a_moment_that_a_test_found_is_checked_to_the_second() -> None:
    """A clock read by a test is noise; a deadline that it computed is not."""
    line = "E   assert datetime.datetime({:%Y, %-m, %-d, %-H, %-M, %-S}, 5) == x"
    assert rules(line.format(THEN), line.format(NOW)) == ["clock"]
    assert rules(line.format(THEN), line.format(NOW + timedelta(minutes=3))) is None


def test_commits_are_noise_of_git_alone() -> None:
    """A commit's id holds its time; the same figures under another command are a digest of content."""
    one, other = "bc1bc45db45429a2896f990058ae61a139985195", "0c1bc45db45429a2896f990058ae61a139985195"
    pairs = [
        (f"commit {one}", f"commit {other}"), (one, other), ("[main (root-commit) 1a2b3c4] first", "[main (root-commit) 1a2b3d5] first"),
        ("1a2b3c4 first", "f00d3d5 first"), ("WIP on main: 1a2b3c4 x", "WIP on main: 1a2b3d5 x"), ("HEAD is now at 1a2b3c4 x", "HEAD is now at 1a2b3d5 x"),
    ]  # fmt: skip
    for old, new in pairs:
        assert rules(old, new, "git log") == ["commit"]
        assert rules(old, new, "sha1sum .gitignore digital") is None
    assert rules("1234567 lines", "1234568 lines", "git log") is None
    assert rules("index 1a2b3c4..5d6e7f8", "index 1a2b3c4..5d6e7f9", "git diff") is None


def test_padding_follows_the_duration() -> None:
    """pytest fills its last line up; how many signs that takes says nothing more."""
    assert set(rules("===== 3 passed in 9.99s =====", "==== 3 passed in 10.01s =====") or ()) == {"padding", "duration"}
    assert rules("===== 3 passed =====", "==== 3 passed =====") is None


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Nd"], exclude_characters="\ue000\ue001{}=abcdef"), max_size=30)


@given(WORDS, WORDS)
def test_words_without_figures_are_never_passed_over(old: str, new: str) -> None:
    """No rule touches a line in which there is nothing it is named for."""
    assert (rules(old, new) is None) == (old != new)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_bare_figures_are_never_passed_over(old: int, new: int) -> None:
    """A number is a value, unless it is the time of both sides."""
    spans = [range(int(side.first) - 6, int(side.last) + 7) for side in sides()]
    if old != new and not (old in spans[0] and new in spans[1]):
        assert rules(str(old), str(new)) is None
        assert rules(f"assert {old} == 0", f"assert {new} == 0") is None


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_comparison_is_symmetric_and_never_fails(old: str, new: str) -> None:
    """Whatever the texts; equal ones pass without a rule."""
    there = passed_over(old, new, *sides())
    back = passed_over(new, old, *sides()[::-1])
    assert (there is None) == (back is None)
    assert rules(old, old) == []


@pytest.mark.parametrize("piece", ["0x7", "{'a', ", "12:", "2026-", "/tmp", "1.", "1", "=", "Jan ", "'", "pytest-of-"])
def test_hostile_lines_come_to_an_end(piece: str) -> None:
    """Of a line that almost matches everywhere every rule has soon seen the end; a pattern that tried each place again would take hours."""
    line = piece * (200_000 // len(piece))
    assert rules(line, f"{line}x") is None


def test_marks_of_our_own_are_no_loophole() -> None:
    """A text that holds what stands for noise is not taken for it."""
    mark = OWN.format("duration")
    assert rules(f"in {mark}", "in 0.12s") is None
