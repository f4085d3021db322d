"""A claim's two strings are read as a person would: numbers, ranges, "all", exceptions, denials, headings, some other languages."""

from __future__ import annotations

import pytest

from harness.core.agent import Claim
from harness.metrics.context.said.claimed import claimed

STAGED = ("1.1", "1.2", "2.1", "2.2", "2.3")
OWN = ("2.1", "2.2", "2.3")
PLAIN = ("1", "2", "3", "4")


def read(done: str, not_done: str = "", own: tuple[str, ...] = OWN, known: tuple[str, ...] = STAGED) -> tuple[str, str]:
    said = claimed(Claim(done, not_done), own, known)
    return " ".join(sorted(said.done)), " ".join(sorted(said.undone))


@pytest.mark.parametrize(
    ("done", "not_done", "expected"),
    [
        ("2.1, 2.2, 2.3", "", ("2.1 2.2 2.3", "")),
        ("2.1 2.2 and 2.3.", "", ("2.1 2.2 2.3", "")),
        ("2.1-2.3", "", ("2.1 2.2 2.3", "")),
        ("2.1 – 2.3 done", "", ("2.1 2.2 2.3", "")),
        ("2.1 to 2.3", "", ("2.1 2.2 2.3", "")),
        (f"2.1 to 2.{'9' * 5000}", "", ("2.1 2.2 2.3", "")),
        (f"2.2 to {'9' * 5000}", "", ("2.2 2.3", "")),
        ("2.1 through 2.2", "2.3: no time", ("2.1 2.2", "2.3")),
        ("2.1-3", "", ("2.1 2.2 2.3", "")),
        ("points 2.1..2.3", "none", ("2.1 2.2 2.3", "")),
        ("Punkte 2.1 bis 2.3 erledigt", "nichts", ("2.1 2.2 2.3", "")),
        ("2.1、2.2 完成", "2.3 未完成", ("2.1 2.2", "2.3")),
        ("2", "", ("2.1 2.2 2.3", "")),
        ("all", "", ("2.1 2.2 2.3", "")),
        ("All points are done.", "Nothing.", ("2.1 2.2 2.3", "")),
        ("All three points done", "N/A", ("2.1 2.2 2.3", "")),
        ("Everything is done.", "", ("2.1 2.2 2.3", "")),
        ("Alles", "-", ("2.1 2.2 2.3", "")),
        ("全部完成", "无", ("2.1 2.2 2.3", "")),
        ("everything except 2.1", "", ("2.2 2.3", "2.1")),
        ("all but 2.1 and 2.2", "", ("2.3", "2.1 2.2")),
        ("All points apart from 2.3 (needs a network)", "", ("2.1 2.2", "2.3")),
        ("2.1-2.3 except 2.2", "", ("2.1 2.3", "2.2")),
        ("alles außer 2.2", "", ("2.1 2.3", "2.2")),
        ("2.1", "everything else: no time", ("2.1", "2.2 2.3")),
        ("2.1", "the rest", ("2.1", "2.2 2.3")),
        ("", "all of it", ("", "2.1 2.2 2.3")),
        ("", "2.1, 2.2, 2.3: could not be begun", ("", "2.1 2.2 2.3")),
        ("", "", ("", "")),
        ("none", "", ("", "")),
        ("Renamed the function and moved its callers.", "", ("2.1 2.2 2.3", "")),
        ("Work.", "The documentation was not written.", ("", "")),
        ("2.1 renamed (no callers left), all tests pass", "", ("2.1", "")),
        ("2.1: missing import added; 2.2: open files are closed", "", ("2.1 2.2", "")),
        ("2.1 and all of its callers", "", ("2.1", "")),
        ("2.1 done, 2.2 not done", "", ("2.1", "2.2")),
        ("2.1 done. 2.2 and 2.3 are not done yet.", "", ("2.1", "2.2 2.3")),
        ("2.1; 2.2 (partially); still open: 2.3", "", ("2.1", "2.2 2.3")),
        ("2.1 done, but 2.2 took longer", "", ("2.1 2.2", "")),
        ("Done: 2.1, 2.2\nNot done: 2.3, because the fixture is gone", "", ("2.1 2.2", "2.3")),
        ("## Done\n- 2.1 renamed\n- 2.2 moved\n## Not done\n- 2.3 no time", "", ("2.1 2.2", "2.3")),
        ("Done: 2.1. Not done: 2.2, no time.", "", ("2.1", "2.2")),
        ("2.1", "2.2 depends on 2.1 and is open", ("2.1", "2.1 2.2")),
        ("2.1, 2.2", "2.2: only half of it", ("2.1", "2.2")),
        ("2.1 done in 3 files, 2 tests added, Python 3.11, exit code 0", "", ("2.1", "")),
        ("2.1, 1.2 mended again", "", ("1.2 2.1", "")),
    ],
)
def test_a_staged_claim(done: str, not_done: str, expected: tuple[str, str]) -> None:
    """Points of the request handed back, and of earlier ones where they are named."""
    assert read(done, not_done) == expected


@pytest.mark.parametrize(
    ("done", "not_done", "expected"),
    [
        ("1, 2, 3 and 4", "", ("1 2 3 4", "")),
        ("1-3", "4: no time", ("1 2 3", "4")),
        ("1. renamed\n2. moved\n3. tested", "4. skipped because of the network", ("1 2 3", "4")),
        ("Points 1 to 4; 3 tests added, all 4 tests pass", "", ("1 2 3 4", "")),
        ("#1 and #2 are done, ran 3 tests", "", ("1 2", "")),
        ("1) ok 2) ok", "3) and 4)", ("1 2", "3 4")),
        ("everything but 4", "", ("1 2 3", "4")),
    ],
)
def test_whole_numbers(done: str, not_done: str, expected: tuple[str, str]) -> None:
    """Numbers that count something else are no points."""
    assert read(done, not_done, PLAIN, PLAIN) == expected


def test_the_only_point_needs_no_number() -> None:
    """A request with one point is claimed, or owned up to, in plain words."""
    assert read("The alias is in.", "", ("2.1",), ("1.1", "2.1")) == ("2.1", "")
    assert read("", "The alias could not be put in.", ("2.1",), ("1.1", "2.1")) == ("", "2.1")


def test_words_without_numbers_beside_an_owning_up_are_vague() -> None:
    """Which point is meant can't be told, so nothing is said to be forgotten."""
    assert claimed(Claim("Most of it.", "Some of the docs."), OWN, STAGED).vague
    assert not claimed(Claim("2.1", "2.2"), OWN, STAGED).vague


def test_a_hostile_claim_costs_nothing() -> None:
    """Long strings of numbers and denials are read in linear time."""
    claimed(Claim("2.1, not " * 20_000, "2.2: no; " * 20_000), OWN, STAGED)
