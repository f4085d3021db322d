"""What a file of an answer may be written over, and what is said where a baseline takes another one's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answer.asked import two
from tests.answer.conftest import Command
from tests.answer.laid import a_night, lay, suite

MONDAY, TUESDAY = "20260101-200000-aaaa", "20260102-200000-aaaa"
ENDS = dict.fromkeys([f"task-{number}" for number in range(10)], "p")


@pytest.mark.parametrize("option", ["--html", "--summary"])
def test_only_an_earlier_one_of_its_kind_is_written_over(longhaul: Command, home: Path, tmp_path: Path, option: str) -> None:
    """A page and a summary replace themselves and an empty file; a baseline, a page of another's and notes stay, with exit 2."""
    lay(home, MONDAY, two(ENDS, ENDS))
    mine, made = tmp_path / "mine", tmp_path / "made"
    assert longhaul("baseline", MONDAY, "--to", mine).code == 0
    for data in (mine.read_bytes(), b"<!doctype html><title>Mine</title>", b"# Notes\n"):
        mine.write_bytes(data)
        said = longhaul("compare", MONDAY, option, mine)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert f"{option}: found a file that is no " in said.err
        assert mine.read_bytes() == data
    made.write_bytes(b"")
    assert [longhaul("compare", MONDAY, option, made).code for _ in range(2)] == [0, 0]


def test_every_command_that_writes_keeps_foreign_files(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Notes stay as they are under each file option of gate, trend and report; their own earlier output is replaced."""
    lay(home, MONDAY, a_night(suite(10)))
    baseline, notes = tmp_path / "nightly.json", tmp_path / "notes"
    assert longhaul("baseline", MONDAY, "--to", baseline).code == 0
    gate = ("gate", MONDAY, "--baseline", baseline)
    for words, option in ((gate, "--junit"), (gate, "--summary"), (("trend",), "--html"), *((("report", MONDAY), each) for each in ("--html", "--junit", "--summary"))):
        notes.write_bytes(b"# Notes\n")
        said = longhaul(*words, option, notes)
        assert (said.code, notes.read_bytes()) == (2, b"# Notes\n"), (words, option, said)
        assert f"{option}: found a file that is no " in said.err
        notes.unlink()
        assert [longhaul(*words, option, notes).code for _ in range(2)] == [0, 0], (words, option)
        notes.unlink()


def test_a_baseline_tells_what_it_replaces(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Runs, date and rates of the one that stood there; a file that is no baseline stays."""
    lay(home, MONDAY, a_night(suite(10)), name="monday")
    lay(home, TUESDAY, a_night(suite(10, "fff")), name="tuesday")
    to, other = tmp_path / "nightly.json", tmp_path / "plan.toml"
    assert "replaces" not in longhaul("baseline", MONDAY, "--to", to).out
    said = longhaul("baseline", TUESDAY, "--to", to)
    assert "replaces the baseline of monday of 2026-01-01, made " in said.out
    assert "100.0 % -> 0.0 %" in said.out
    other.write_text("tasks = []\n", "utf-8")
    refused = longhaul("baseline", TUESDAY, "--to", other)
    assert (refused.code, other.read_text("utf-8")) == (2, "tasks = []\n")
    assert "--to: found a file that is no baseline" in refused.err
