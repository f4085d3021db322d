"""The commands as a recipe calls them: in processes of their own, by exit code."""

from __future__ import annotations

import json
from pathlib import Path

from harness.answer.outlook.forecast import powers
from harness.metrics.statistics.tally import Tally
from tests.answer.conftest import Command
from tests.answer.laid import a_night, lay, suite
from tests.end_to_end.tiny import longhaul as called

BASE = suite(12, "ppp")


def test_a_row_of_nights_by_exit_codes(tmp_path: Path) -> None:
    """Baseline 0; a night that fell 3; one that broke 4; another file than a baseline 2, as one object on stdout."""
    home, to = tmp_path / "home", str(tmp_path / "nightly.json")
    nights = {"20260101-200000-aaaa": BASE, "20260102-200000-bbbb": suite(6, "fff") | {f"task-{n:02d}": "ppp" for n in range(6, 12)}, "20260103-200000-cccc": suite(12, "bbb")}
    for run, ends in nights.items():
        lay(home, run, a_night(ends))
    assert called(home, "baseline", "20260101", "--to", to).returncode == 0
    assert [called(home, "gate", run, "--baseline", to).returncode for run in list(nights)[1:]] == [3, 4]
    refused = called(home, "gate", "last", "--baseline", __file__, "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["schema"] == "longhaul.error/1"


def test_one_question_has_one_figure(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """Which drop turns a night red: the baseline, a green gate on it and an estimate from the same outcomes say the same."""
    ends, to = suite(12, "ppp", task_03="pfp", task_06="ppf", task_07="fpf"), tmp_path / "nightly.json"
    lay(home, "20260101-200000-aaaa", a_night(ends))
    lay(home, "20260102-200000-bbbb", a_night(ends | {"task-03": "pff"}), created="2026-01-02T20:00:00+0000")
    told = longhaul("baseline", "20260101", "--to", to).out
    gated = longhaul("gate", "last", "--baseline", to, "--json").json["sides"][0]
    (planned,) = powers(12, 3, 0.10, [Tally(marks.count("p"), 3) for marks in ends.values()], ["gate"])
    assert gated["finds"] == planned.detects
    assert f"a true drop of {100 * planned.detects:.0f} points" in told
    assert any(f"only by a drop of {100 * planned.detects:.1f} points" in reason for reason in gated["reasons"])


def test_help_tells_the_codes(tmp_path: Path) -> None:
    """Who writes a recipe finds 3 and 4 where they look first."""
    told = " ".join(called(tmp_path, "gate", "--help").stdout.split())
    assert "0 ok, 3 regressed, 4 undecided or too many broken" in told
