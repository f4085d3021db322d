"""The command as a user runs it: in a process of its own, in an empty folder, with a record of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-P", "-m", "harness.cli.main")
HIDDEN = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "COLUMNS", "NO_COLOR", "FORCE_COLOR")

SLOW = """format = 1
[[reply]]
text = "I look around first."
call = [{ name = "shell", arguments = { command = "sleep 300", seconds = 600 } }]
"""
"""A script whose first command outlives every patience."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No keys, no model server, a record in the test's own folder."""
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    return kept | {"PYTHONPATH": str(ROOT), "LONGHAUL_HOME": str(tmp_path / "home"), "OLLAMA_HOST": "http://127.0.0.1:9"}


@pytest.fixture
def longhaul(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`longhaul("report", "last", NAME="value")` -> the finished process."""

    def call(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        where = tmp_path / "cwd"
        where.mkdir(exist_ok=True)
        return subprocess.run(
            (*COMMAND, *words), cwd=where, env=environment | variables, capture_output=True, text=True, timeout=300, check=False
        )

    return call


@pytest.fixture
def inside(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The same in this process, for what starts nothing: exit code, stdout, stderr."""
    for name in HIDDEN:
        monkeypatch.delenv(name, raising=False)
    for name in ("LONGHAUL_HOME", "OLLAMA_HOST"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return call


@pytest.fixture
def slow_script(tmp_path: Path) -> Path:
    path = tmp_path / "slow.toml"
    path.write_text(SLOW, encoding="utf-8")
    return path


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path, slow_script: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A run under way, ended at the latest with its test."""
    alive: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> subprocess.Popen[str]:
        argv = (*COMMAND, "run", "-t", "bundled#weather-spread", "-m", "scripted/slow", "-o", f"model.script={slow_script}", *words)
        process = subprocess.Popen(argv, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        alive.append(process)
        return process

    yield begin
    for process in alive:
        process.kill()
        process.communicate()
