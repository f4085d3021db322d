"""From a history to proven tasks, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.tiny import longhaul
from tests.task_repos.mined_history import shop


@pytest.mark.long
def test_mined_tasks_are_healthy(tmp_path: Path, base_image: object) -> None:
    """Of each kind and in stages: the real change passes, doing nothing fails."""
    shop(tmp_path / "shop")
    made = longhaul(tmp_path / "home", "mine", str(tmp_path / "shop"), "--deadline", "60", "--to", str(tmp_path / "mined"), "--json")
    assert made.returncode == 0, made.stderr
    found = [change for change in json.loads(made.stdout)["changes"] if change["task"]]
    assert sorted((change["kind"], change["unit"]) for change in found) == [
        ("behaviour", "commit"), ("behaviour", "merge"), ("behaviour", "stages"), ("refactoring", "commit"),
    ]  # fmt: skip
    proved = longhaul(tmp_path / "home", "validate", f"mined:{tmp_path / 'mined'}", "-n", "1")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert proved.stdout.count("healthy yes") == 4
