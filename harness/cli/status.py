"""`longhaul status`: where a run stands, from its record, whoever is at it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import msgspec
import typer
from rich.console import Console
from rich.live import Live

from harness.cli.record.runs import held
from harness.cli.running.driving import driven
from harness.cli.screen.layout import tell
from harness.cli.screen.picture import Drawn, clock, sentence
from harness.cli.screen.watching import Watcher
from harness.report.standing import Picture, document
from harness.settings import read

EVERY_S = 1.0


def status(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on until the run has ended or nobody is at it any more."),
    json: bool = typer.Option(False, "--json", help="An object, schema longhaul.status/1; with --follow one for each change, one a line."),
) -> int:
    """Where a run stands: settled trials, those under way, pace and what is left. It only reads: the run may go on meanwhile.

    Example: longhaul status last --follow
    """
    console = Console()
    opened = held(run, read())
    watcher = Watcher(opened.store, opened.tasks, lambda: driven(opened.store.folder), time.time)
    if not follow:
        _told(watcher.look(), console, as_json=json)
        return 0
    if console.is_terminal and not console.is_dumb_terminal and not json:
        _moving(watcher, console)
    else:
        _lines(watcher, console, as_json=json)
    return 0


def _moving(watcher: Watcher, console: Console) -> None:
    """The picture, drawn anew; what is left on the screen is how it ended."""
    now = watcher.look()
    with Live(Drawn(now), console=console, refresh_per_second=4, transient=True) as live:
        now = followed(watcher, now, lambda seen: live.update(Drawn(seen)))
    console.print(Drawn(now))


def _lines(watcher: Watcher, console: Console, *, as_json: bool) -> None:
    """For a file or a pipe: something is said only where something has changed beside the clock."""
    last: list[object] = []

    def show(now: Picture) -> None:
        what: object = [(each.trial, each.turn, each.doing) for each in now.running] if as_json else []
        if last[-1:] != [(now.settled, now.state, what)]:
            last.append((now.settled, now.state, what))
            if as_json:
                _told(now, console, as_json=True)
            else:
                tell(console, _short(now))

    show(followed(watcher, watcher.look(), show))


def followed(watcher: Watcher, now: Picture, show: Callable[[Picture], None]) -> Picture:
    """Look every second until nobody is at the run; the last picture. A run that is just beginning is not taken for a dead one."""
    quiet = 0
    while quiet < 2:
        show(now)
        time.sleep(EVERY_S)
        now = watcher.look()
        quiet = 0 if now.state == "running" else 2 if now.state == "finished" else quiet + 1
    return now


def _told(now: Picture, console: Console, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(document(now)).decode() + "\n")
        sys.stdout.flush()
        return
    console.print(Drawn(now))


def _short(now: Picture) -> str:
    counts = "  ".join(f"{count} {outcome}" for outcome, count in now.outcomes.items())
    ends = "" if now.state == "running" else f"  {sentence(now)}"
    return f"{now.settled}/{now.planned} done  {counts}  {len(now.running)} running  {clock(now.pace.seconds)}{ends}"
