"""A validation that is stopped shows nothing: no second pass in another container, no proof, exit 130."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.tiny import longhaul, write_task

pytestmark = pytest.mark.docker


def test_ctrl_c_ends_a_validation_and_keeps_no_proof(base_image: object, tmp_path: Path) -> None:
    """Its oracle did not get to pass in a fresh container, which must not be taken for a task that needs the agent's own."""
    task = write_task(tmp_path / "tasks", test="echo 0 > /logs/verifier/reward.txt\n", solve="sleep 600\n")
    (task / "tests" / "longhaul.toml").unlink()
    home, words = tmp_path / "home", ("validate", f"harbor:{tmp_path / 'tasks'}", "-n", "1")
    longhaul(home, "images", "build", f"harbor:{tmp_path / 'tasks'}")
    env = {**os.environ, "LONGHAUL_HOME": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "harness.cli.main", *words]
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = process.stdout.readline()  # idle is graded: the oracle is at work
        while "idle" not in told:
            assert told, process.stderr.read() if process.stderr else ""
            told = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        try:
            rest, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, rest + errors
    assert "in the agent's own" not in rest
    assert not list(tmp_path.glob("cache/longhaul/proofs/*"))
