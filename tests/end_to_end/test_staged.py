"""A generated task in a real container: the oracle plays its moves through the public tools, and the record shows each request handed back."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.events import ToolCalled
from tests.end_to_end.tiny import last, longhaul, traces

pytestmark = pytest.mark.docker


def test_a_generated_task_runs_from_the_seed_to_the_verdict(tmp_path: Path) -> None:
    """`run -t staged:S --seed 7` asks two requests, and the oracle's edits are what its verdict rests on."""
    ran = longhaul(tmp_path, "run", "-t", "staged:S,family=T6,stages=2,supersession=0", "--seed", "7", "-a", "oracle", "-n", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "staged-t6-s-7" in ran.stdout
    ((_, trace),) = traces(last(tmp_path))
    calls = [entry.event.name for entry in trace if isinstance(entry.event, ToolCalled)]
    assert calls.count("finish") == 2
    assert calls.count("run_tests") == 2
    assert {"read", "replace", "write", "shell"} <= set(calls)
    assert "solve" not in calls
