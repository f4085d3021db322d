"""`longhaul mine`: tasks out of a repository's history or two of its releases, and what became of every change that was looked at."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError
from harness.report.summary import counted
from harness.settings import read
from harness.wiring import mining

UNITS = {"commit": "from commits", "merge": "from merges", "range": "from a range", "stages": "in stages", "releases": "from releases"}


def mine(
    repo: Path = typer.Argument(None, help="A local git repository; nothing in it is run or written."),
    releases: tuple[Path, Path] = typer.Option(None, "--releases", help="Instead: two source distributions of one project, older first."),
    to: Path = typer.Option(..., "--to", help="The folder for the tasks and mined.json; a second call goes on where the first stopped."),
    since: str = typer.Option("", "--since", help="Not older than this day, YYYY-MM-DD."),
    ends: str = typer.Option("", "--range", help="A..B: the commits between, and the range as one change."),
    least: int = typer.Option(3, "--min-files", help="Python source files that a change must touch."),
    limit: int = typer.Option(20, "--limit", help="Stop at this many tasks in the folder."),
    dockerfile: Path = typer.Option(None, "--dockerfile", help="The environment; without one it comes from pyproject or requirements."),
    test: str = typer.Option("python3 -m pytest -q", "--test", help="The command that runs the tests: pytest."),
    seconds: float = typer.Option(600, "--deadline", help="Seconds for one run of all tests."),
    public: bool = typer.Option(False, "--public", help="The project is public: models may have seen it. Otherwise tasks count as private."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.mined/1, as it is kept in mined.json."),
) -> int:
    """Make tasks of a repository's history, or of two releases.

    Example: longhaul mine ../shop --since 2026-01-01 --limit 5 --to mined/shop
    """
    console = Console(stderr=as_json)
    words = {
        "to": to, "repo": repo, "releases": releases, "ends": between(ends), "since": day(since), "least": least, "limit": limit,
        "dockerfile": dockerfile, "test": test, "deadline": seconds, "source": "public" if public else "private",
    }
    found = mining.mine(words, read(), lambda text: tell(console, text))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        show(found, to, console)
    return 0


def between(words: str) -> tuple[str, str]:
    """The ends of A..B; raises PlanError."""
    if not words:
        return "", "HEAD"
    start, dots, end = words.partition("..")
    if not dots or not start or not end or end.startswith(".") or words.startswith("-"):
        raise PlanError("", "--range", repr(words), "A..B, two commits, tags or branches")
    return start, end


def day(words: str) -> int:
    """Seconds since 1970 at the beginning of a day; raises PlanError."""
    try:
        found = date.fromisoformat(words) if words else date(1970, 1, 1)
    except ValueError as fault:
        raise PlanError("", "--since", repr(words), "a day, as 2026-01-31") from fault
    return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp())


def show(found: Any, to: Path, console: Console) -> None:
    """The yield by kind and reason, and what comes next."""
    rows = [
        (kind, UNITS.get(word, word), str(number), f"{seconds:.1f}", f"{seconds / number:.1f}")
        for kind, word, number, seconds in mining.tally(found)
    ]  # fmt: skip
    lay(console, ("came of it", "why", "changes", "seconds", "each"), rows, names=2, figures=("changes", "seconds", "each"))
    made = len(found.tasks)
    tell(console, f"{counted(len(found.changes), 'change')} looked at, {counted(made, 'task')} in {to}")
    if made:
        tell(console, f"next: longhaul validate mined:{to}; read each draft, then longhaul tasks mined:{to} --accept ID")
