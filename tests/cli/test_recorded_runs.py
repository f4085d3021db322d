"""`runs` lists what is on record, a damaged run as such."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from harness.cli.record.runs import folder
from harness.cli.running.driving import driving
from harness.core.trial import TrialKey
from harness.settings import read
from harness.store.sqlite import create

Inside = Callable[..., tuple[int, str, str]]


def test_every_run_has_its_line(inside: Inside, tmp_path: Path) -> None:
    """Name, counts and state come from the record; one that can't be read does not hide the others."""
    runs = tmp_path / "home" / "runs"
    for number in (1, 2):
        key = TrialKey(f"r{number}", "task", "idle", "none", "", 1)
        create(runs / f"r{number}", (key,), {"run": f"r{number}", "name": "night", "created": "2026-11-21T14:00:00+0000", "plan": "{}"}).close()
    (runs / "r3").mkdir()
    (runs / "r3" / "run.sqlite").write_text("no database", encoding="utf-8")
    with driving(runs / "r2"):
        code, out, _ = inside("runs", "--json")
    told = json.loads(out)
    assert (code, told["schema"]) == (0, "longhaul.runs/1")
    assert [(each["run"], each["name"], each["planned"], each["settled"], each["state"]) for each in told["runs"]] == [
        ("r1", "night", 1, 0, "pending"), ("r2", "night", 1, 0, "running"), ("r3", "", 0, 0, "unreadable"),
    ]
    assert "2026-11-21 14:00" in inside("runs")[1]


def test_no_runs_is_no_fault(inside: Inside) -> None:
    """An empty place is said to be empty."""
    code, out, err = inside("runs")
    assert (code, "no runs in" in out, err) == (0, True, "")


def test_a_whole_id_is_that_run(inside: Inside, tmp_path: Path) -> None:
    """Also beside a copy of its folder that somebody keeps under a longer name."""
    for name in ("r1", "r1.bak"):
        create(tmp_path / "home" / "runs" / name, (TrialKey(name, "task", "idle", "none", "", 1),), {"run": name, "name": "night"}).close()
    settings = read({"LONGHAUL_HOME": str(tmp_path / "home")})
    assert folder("r1", settings).name == "r1"
