"""Help is quick, says how, and completes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from harness.cli.main import COMMANDS

Inside = Callable[..., tuple[int, str, str]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
SHOWN = [name for name, (_, line) in COMMANDS.items() if line]
HEAVY = {
    "docker", "requests", "ollama", "httpx", "anthropic", "openai", "rich", "swebench", "git", "structlog", "zstandard", "sqlite3", "click",
    "agents", "sandboxes", "task_repos",
}
LOADED = """
import json, sys
from harness.cli.main import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("name", ["", *SHOWN])
def test_every_help_holds_an_example(name: str, inside: Inside) -> None:
    """Each help ends with a command that can be copied."""
    code, out, _ = inside(*([name] if name else []), "--help")
    assert code == 0
    assert f"longhaul {name}".strip() in out.partition("Example")[2]
    assert all(len(line) <= 80 for line in out.splitlines() if "longhaul new" not in line)


def test_help_imports_nothing_heavy(environment: dict[str, str]) -> None:
    """`longhaul --help` loads Typer and what it needs, and of ours only the door and the vocabulary's errors."""
    done = subprocess.run((sys.executable, "-c", LOADED), env=environment, capture_output=True, text=True, check=True)
    modules = json.loads(done.stderr)
    assert not {name.split(".")[0] for name in modules} & HEAVY
    ours = {name for name in modules if name.startswith("harness.")}
    assert ours <= {"harness.cli", "harness.cli.main", "harness.core", "harness.core.errors"}
    assert "typer" in modules


def test_a_command_imports_only_its_own_module(environment: dict[str, str]) -> None:
    """The help of one command does not load another's module."""
    code = LOADED.replace('["--help"]', '["sweep", "--help"]')
    done = subprocess.run((sys.executable, "-c", code), env=environment, capture_output=True, text=True, check=True)
    modules = json.loads(done.stderr)
    assert "harness.cli.sweep" in modules
    assert not {"harness.cli.run", "harness.cli.show", "anthropic", "openai", "swebench"} & set(modules)


def completed(longhaul: Command, *words: str) -> list[str]:
    """What bash is offered for the last of these words."""
    done = longhaul(_LONGHAUL_COMPLETE="complete_bash", COMP_WORDS=" ".join(words), COMP_CWORD=str(len(words) - 1))
    return done.stdout.split()


def test_commands_complete(longhaul: Command) -> None:
    """`longhaul ru` offers run, a blank offers all, and nothing hidden is offered."""
    assert completed(longhaul, "longhaul", "res") == ["resume"]
    assert set(completed(longhaul, "longhaul", "")) >= {"run", "report", "doctor"}
    assert "worker" not in completed(longhaul, "longhaul", "w")


def test_options_complete(longhaul: Command) -> None:
    """`longhaul run --max` offers its option."""
    assert completed(longhaul, "longhaul", "run", "--max") == ["--max-cost"]


def test_the_completion_script_is_printed_and_works(longhaul: Command, environment: dict[str, str], tmp_path: Path) -> None:
    """The script for bash, asked for by name since no shell need be among the ancestors of this process, completes `longhaul res`."""
    script = longhaul(_LONGHAUL_COMPLETE="source_bash").stdout
    assert "complete_bash" in script
    command = tmp_path / "bin" / "longhaul"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m harness.cli.main "$@"\n')
    command.chmod(0o755)
    asked = f'{script}\nCOMP_WORDS=(longhaul res); COMP_CWORD=1; _longhaul_completion longhaul; echo "${{COMPREPLY[@]}}"\n'
    path = f"{command.parent}:{environment['PATH']}"
    done = subprocess.run(("bash", "-u"), input=asked, env=environment | {"PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["resume"], done.stderr


def test_the_version_is_said(inside: Inside) -> None:
    """`--version` is one line."""
    assert inside("--version") == (0, f"longhaul {version('longhaul')}\n", "")
