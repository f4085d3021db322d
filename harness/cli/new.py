"""`longhaul new`: a task from a repository of the user's own, with what its tests say before anybody has worked on it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import tell
from harness.report.summary import counted
from harness.settings import read
from harness.wiring.making import make

SHOWN = 10


def new(
    repo: Path = typer.Argument(help="A local git repository."),
    ask: Path = typer.Option(..., "--ask", help="A text file: what the agent is asked to do."),
    test: str = typer.Option(..., "--test", help="The command that runs the repository's tests."),
    to: Path = typer.Option(..., "--to", help="The task's folder, not there yet; its name is the task's id."),
    base: str = typer.Option("HEAD", "--base", help="The commit to begin at; tracked files only."),
    check: str = typer.Option("", "--check", help="A command that fails now and must pass when the work is done."),
    dockerfile: Path = typer.Option(None, "--dockerfile", help="The environment; without one it comes from pyproject or requirements."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.new/1."),
) -> int:
    """Make a task from a repository of yours, and run its tests once as they are.

    Example: longhaul new ../shop --ask ask.md --test "python3 -m pytest -q" --check "python3 -m pytest -q tests/test_vat.py" --to tasks/vat
    """
    console = Console(stderr=as_json)
    words = {
        "repo": repo, "ask": ask, "test": test, "to": to, "base": base, "check": check, "dockerfile": dockerfile,
        "created": datetime.now(UTC).date().isoformat(),
    }
    made = make(words, read(), lambda text: tell(console, text))
    if as_json:
        body = {"schema": "longhaul.new/1", **msgspec.to_builtins(made)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        for line in told(made):
            tell(console, line)
    return 0


def told(made: Any) -> list[str]:
    """What came of it, in lines: counts, what fails and why, and what kind of task it is."""
    passing, goal = len(made.pass_to_pass), len(made.fail_to_pass)
    lines = [
        f"{made.id}: {counted(made.files, 'tracked file')} of {made.commit[:12]} in {made.folder}",
        f"at base: {counted(passing, 'test')} passing, to be kept so (PASS_TO_PASS); {counted(goal, 'test')} failing, to be made to pass (FAIL_TO_PASS)",
        *_named("must pass", made.fail_to_pass), *_named("fails, not graded", made.failing),
        *(f"note: {warning}" for warning in made.warnings),
    ]
    if made.log:
        lines += ["why, from the end of the output:", *(f"  | {line}" for line in made.log.splitlines())]
    if made.regression_only:
        lines.append("REGRESSION ONLY: no check fails now, so a trial can show that nothing broke, never that the task was solved")
    lines.append(f"next: longhaul validate harbor:{made.folder}")
    return lines


def _named(what: str, names: tuple[str, ...]) -> list[str]:
    hidden = len(names) - SHOWN
    return [f"  {what}: {name}" for name in names[:SHOWN]] + ([f"  ... and {hidden} more"] if hidden > 0 else [])
