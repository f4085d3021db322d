"""What a killed engine leaves behind must not keep the next one from starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandboxes.docker_install import drop_stale


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    """A process table with dockerd as 7 and another program as 8."""
    for pid, name in (("7", "dockerd"), ("8", "bash")):
        (tmp_path / "proc" / pid).mkdir(parents=True)
        (tmp_path / "proc" / pid / "comm").write_text(f"{name}\n")
    return tmp_path / "proc"


@pytest.mark.parametrize(
    ("held", "stays"), [("7", True), ("7\n", True), ("8", False), ("9", False), ("", False), ("x", False)],
    ids=["living", "living with a newline", "another's number by now", "dead", "empty", "no number"],
)
def test_only_a_living_daemons_pid_file_stays(tmp_path: Path, processes: Path, held: str, stays: bool) -> None:
    """A pid file counts only while its number is the daemon's own."""
    pidfile = tmp_path / "docker.pid"
    pidfile.write_text(held)
    drop_stale(pidfile, "dockerd", processes)
    assert pidfile.exists() is stays


def test_no_pid_file_is_fine(tmp_path: Path, processes: Path) -> None:
    """A machine where no engine ever ran has nothing to drop."""
    drop_stale(tmp_path / "docker.pid", "dockerd", processes)
