"""What is seen while a run goes on: a line per trial that ends, and on a terminal a moving picture of those under way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.cli.layout import plain, tell
from harness.cli.tables import STYLE, who
from harness.engine.pool import Line
from harness.metrics.row import Row
from harness.report.summary import counted

ENDS = ("Settled", "Interrupted", "Died")
NOW = {"ModelAsked": "thinking", "TrialStarted": "starting", "AgentStopped": "grading"}
CAPTION = "f2p = FAIL_TO_PASS passed/wanted, p2p = PASS_TO_PASS passed/wanted"


def styled(console: Console, *, quiet: bool, json_lines: bool) -> str:
    """How a run is shown: live where the terminal can move its cursor, else a line per trial."""
    if quiet or json_lines:
        return "quiet" if quiet else "json"
    return "live" if console.is_terminal and not console.is_dumb_terminal else "lines"


class Progress:
    """Hears the workers' lines and the rows of settled trials. `style`: live, lines, json or quiet."""

    def __init__(self, console: Console, total: int, style: str, name: Callable[[str], str]) -> None:
        self._console, self._total, self._style, self._name = console, total, style, name
        self._running: dict[str, tuple[Line, float]] = {}
        self._counts: dict[str, int] = {}
        self._explained = False
        self._began = time.monotonic()
        # Drawn anew by rich's own thread: the clock goes on while no worker says anything.
        self._live = Live(console=console, get_renderable=self._picture, refresh_per_second=4, transient=True) if style == "live" else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def hear(self, line: Line) -> None:
        """A worker said something about a trial under way."""
        if self._style == "json":
            self.say_json("trial", trial=line.trial, event=line.event, turn=line.turn, tool=line.tool, text=line.text)
        if line.event in ENDS:
            self._running.pop(line.trial, None)
        else:
            _, since = self._running.get(line.trial, (line, time.monotonic()))
            self._running[line.trial] = (line, since)

    def settled(self, row: Row) -> None:
        """A trial's row is known."""
        self._counts[row.outcome] = self._counts.get(row.outcome, 0) + 1
        if self._style == "json":
            self.say_json("row", trial=row.trial, task=row.task, agent=row.agent, model=row.model, outcome=row.outcome, reason=row.reason)
        elif self._style != "quiet":
            if row.f2p is not None and not self._explained:
                self._explained = True
                tell(self._console, CAPTION)
            head = f"{sum(self._counts.values())}/{self._total}  {row.trial}  "
            line = Text.assemble(head, (row.outcome, STYLE[row.outcome]), f" {row.reason}  ", plain(ended(row)))
            tell(self._console, line)

    def say(self, text: str) -> None:
        """A sentence about the run as a whole."""
        if self._style == "json":
            self.say_json("note", text=text)
        elif self._style != "quiet":
            tell(self._console, text)

    def say_json(self, kind: str, **words: object) -> None:
        """One object on a line of its own, schema longhaul.KIND-line/1."""
        self._console.file.write(json.dumps({"schema": f"longhaul.{kind}-line/1", **words}) + "\n")
        self._console.file.flush()

    def _picture(self) -> Group:
        """As things stand now; called from the drawing thread, so it looks at a copy."""
        running = list(self._running.items())
        spent = any(line.cost_usd is not None for _, (line, _) in running)
        table = Table(box=None, padding=(0, 1), header_style="dim")
        for title in ("trial", "what", "turn", "now", "tokens", *(("cost",) if spent else ()), "for"):
            table.add_column(title, no_wrap=title != "what", justify="left" if title in ("trial", "what", "now") else "right")
        for short, (line, since) in running:
            # Of all columns only this one gives way on a narrow terminal: it may wrap, but its text may not.
            name = Text(self._name(short), no_wrap=True, overflow="ellipsis")
            cost = ("-" if line.cost_usd is None else f"${line.cost_usd:.2f}",) if spent else ()
            now = line.tool or NOW.get(line.event, "")
            table.add_row(short, name, str(line.turn), plain(now[:16]), f"{line.tokens:,}", *cost, clock(time.monotonic() - since))
        return Group(*((table,) if running else ()), Text(self._caption(len(running)), style="dim"))

    def _caption(self, running: int) -> str:
        counts = dict(self._counts)
        done, spent = sum(counts.values()), time.monotonic() - self._began
        words = "".join(f"  {count} {name}" for name, count in counts.items())
        left = f"  about {clock(spent / done * (self._total - done))} left" if done else ""
        return f"{done}/{self._total} done  {running} running{words}  {clock(spent)}{left}"


def ended(row: Row) -> str:
    """What a settled trial did, in a line."""
    f2p, p2p = row.f2p or (0, 0), row.p2p or (0, 0)
    tests = "" if row.f2p is None else f"  f2p {f2p[0]}/{f2p[1]}  p2p {p2p[0]}/{p2p[1]}"
    spent = row.seconds.model + row.seconds.tool + row.seconds.harness + row.seconds.grading
    return f"{row.task}  {who(row.agent, row.model)}  {counted(row.turns, 'turn')}{tests}  {spent:.1f} s"


def clock(seconds: float) -> str:
    """Seconds as s, m:ss or h:mm:ss."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
