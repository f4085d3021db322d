"""What is seen while a run goes on: a line per trial that ends, and on a terminal a moving picture of those under way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from harness.engine.pool import Line
from harness.metrics.row import Row

MARKS = {"passed": "[green]passed[/]", "failed": "[yellow]failed[/]", "broken": "[red]broken[/]", "invalid": "[magenta]invalid[/]"}


class Progress:
    """Hears the workers' lines and the rows of settled trials. `style`: live, lines, json or quiet."""

    def __init__(self, console: Console, total: int, style: str, name: Callable[[str], str]) -> None:
        self._console, self._total, self._style, self._name = console, total, style, name
        self._running: dict[str, tuple[Line, float]] = {}
        self._counts = dict.fromkeys(MARKS, 0)
        self._began = time.monotonic()
        self._live = Live(console=console, refresh_per_second=4, transient=True) if style == "live" else None

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
            self._say_json("trial", trial=line.trial, event=line.event, turn=line.turn, tool=line.tool, text=line.text)
        if line.event in ("Settled", "Interrupted", "Died"):
            self._running.pop(line.trial, None)
        else:
            _, since = self._running.get(line.trial, (line, time.monotonic()))
            self._running[line.trial] = (line, since)
        self._draw()

    def settled(self, row: Row) -> None:
        """A trial's row is known."""
        self._counts[row.outcome] = self._counts.get(row.outcome, 0) + 1
        done = sum(self._counts.values())
        if self._style == "json":
            self._say_json("row", trial=row.trial, task=row.task, outcome=row.outcome, reason=row.reason)
        elif self._style != "quiet":
            who = f"{row.agent}" + (f" x {row.model}" if row.model != "none" else "")
            tests = "" if row.f2p is None else f"  f2p {row.f2p[0]}/{row.f2p[1]}  p2p {row.p2p[0] if row.p2p else 0}/{row.p2p[1] if row.p2p else 0}"
            spent = row.seconds.model + row.seconds.tool + row.seconds.harness + row.seconds.grading
            words = f"{done}/{self._total}  {row.trial}  {MARKS.get(row.outcome, row.outcome)} {row.reason}  {row.task}  {who}"
            self._console.print(f"{words}  {row.turns} turns{tests}  {spent:.1f} s", highlight=False, soft_wrap=True)
        self._draw()

    def _say_json(self, kind: str, **words: object) -> None:
        self._console.file.write(json.dumps({"schema": f"longhaul.{kind}-line/1", **words}) + "\n")
        self._console.file.flush()

    def _draw(self) -> None:
        if self._live:
            self._live.update(self._picture())

    def _picture(self) -> Table:
        table = Table(box=None, padding=(0, 1), expand=False)
        for title in ("trial", "what", "turn", "now", "tokens", "cost", "for"):
            table.add_column(title, style="dim", overflow="ellipsis", no_wrap=True)
        for short, (line, since) in self._running.items():
            cost = "" if line.cost_usd is None else f"${line.cost_usd:.2f}"
            now = line.tool or {"ModelAsked": "thinking", "TrialStarted": "starting"}.get(line.event, "")
            table.add_row(short, self._name(short), str(line.turn), now, f"{line.tokens:,}", cost, f"{time.monotonic() - since:.0f} s")
        table.caption = self._caption()
        return table

    def _caption(self) -> str:
        done = sum(self._counts.values())
        words = "  ".join(f"{count} {name}" for name, count in self._counts.items() if count)
        spent = time.monotonic() - self._began
        eta = f"  about {spent / done * (self._total - done) / 60:.0f} min left" if done else ""
        return f"{done}/{self._total} done  {len(self._running)} running  {words}{eta}"
