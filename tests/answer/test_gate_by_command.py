"""The commands as a recipe calls them: in processes of their own, by exit code."""

from __future__ import annotations

import json
from pathlib import Path

from tests.answer.laid import a_night, lay, suite
from tests.end_to_end.tiny import longhaul

BASE = suite(12, "ppp")


def test_a_row_of_nights_by_exit_codes(tmp_path: Path) -> None:
    """Baseline 0; a night that fell 3; one that broke 4; another file than a baseline 2, as one object on stdout."""
    home, to = tmp_path / "home", str(tmp_path / "nightly.json")
    nights = {"20260101-200000-aaaa": BASE, "20260102-200000-bbbb": suite(6, "fff") | {f"task-{n:02d}": "ppp" for n in range(6, 12)}, "20260103-200000-cccc": suite(12, "bbb")}
    for run, ends in nights.items():
        lay(home, run, a_night(ends))
    assert longhaul(home, "baseline", "20260101", "--to", to).returncode == 0
    assert [longhaul(home, "gate", run, "--baseline", to).returncode for run in list(nights)[1:]] == [3, 4]
    refused = longhaul(home, "gate", "last", "--baseline", __file__, "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["schema"] == "longhaul.error/1"


def test_help_tells_the_codes(tmp_path: Path) -> None:
    """Who writes a recipe finds 3 and 4 where they look first."""
    told = " ".join(longhaul(tmp_path, "gate", "--help").stdout.split())
    assert "0 ok, 3 regressed, 4 undecided or too many broken" in told
