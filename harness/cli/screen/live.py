"""What is seen while a run goes on: a line per trial that ends, and on a terminal a moving picture of those under way."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Self

import msgspec
from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import Word, plain, tell
from harness.cli.screen.moving import Moving
from harness.cli.screen.picture import Drawn
from harness.cli.screen.tables import STYLE
from harness.core.trial import TrialKey
from harness.engine.workers import Line
from harness.metrics.row import Row
from harness.report.standing import Pace, Picture, Standing
from harness.report.summary import counted, who

HANGING = 4
ENDS = ("Settled", "Interrupted", "ModelGone", "Died")
CAPTION = "f2p = FAIL_TO_PASS passed/wanted, p2p = PASS_TO_PASS passed/wanted"


def styled(console: Console, *, quiet: bool, json_lines: bool) -> str:
    """How a run is shown: live where the terminal can move its cursor, else a line per trial."""
    if quiet or json_lines:
        return "quiet" if quiet else "json"
    return "live" if console.is_terminal and not console.is_dumb_terminal else "lines"


class Progress:
    """Hears the workers' lines and the rows of settled trials. `style`: live, lines, json or quiet."""

    def __init__(self, console: Console, style: str, run: str, keys: Mapping[str, TrialKey], *, done: int = 0, paid: float = 0.0) -> None:
        """`keys`: every planned trial; `done`: how many of them were settled before; `paid`: USD by then."""
        self._console, self._style, self._run, self._keys, self._before = console, style, run, keys, done
        self._running: dict[str, tuple[Standing, float]] = {}
        self._outcomes: Counter[str] = Counter()
        self._paid: float | None = paid or None
        self._explained = False
        self._began = time.monotonic()
        self.held = 0
        """Trials that are never begun."""
        self._live = Moving(console, self._drawn) if style == "live" else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def _tell(self, words: Word) -> None:
        with self._live.still if self._live else nullcontext():
            tell(self._console, words, indent=HANGING)

    def hear(self, line: Line) -> None:
        """A worker said something about a trial under way."""
        if self._style == "json":
            words = {"trial": line.trial, "event": line.event, "turn": line.turn, "tool": line.tool, "text": line.text}
            self.say_json("trial", **words, tokens=line.tokens, fill=line.fill, cost_usd=line.cost_usd)
        if line.event in ENDS:
            self._running.pop(line.trial, None)
        elif line.doing:
            self._running[line.trial] = self._stood(line)

    def _stood(self, line: Line) -> tuple[Standing, float]:
        key = self._keys[line.trial]
        before, since = self._running.get(line.trial, (None, time.monotonic()))
        tool = line.tool or (before.tool if before else "")
        who = (key.task, key.agent, key.model, key.variant)
        return Standing(line.trial, *who, line.doing, line.turn, tool, line.tokens, line.fill, line.cost_usd), since

    def settled(self, row: Row) -> None:
        """A trial's row is known."""
        self._outcomes[row.outcome] += 1
        usd = row.money.total if row.money else row.cost_usd
        if usd is not None:
            self._paid = (self._paid or 0.0) + usd
        if self._style == "json":
            words = {"trial": row.trial, "task": row.task, "agent": row.agent, "model": row.model, "outcome": row.outcome, "reason": row.reason}
            self.say_json("row", **words, turns=row.turns, cost_usd=row.cost_usd)
        elif self._style != "quiet":
            self._line(row)

    def _line(self, row: Row) -> None:
        if row.f2p is not None and not self._explained:
            self._explained = True
            self._tell(CAPTION)
        head = f"{self._before + self._outcomes.total()}/{len(self._keys)}  {row.trial}  "
        self._tell(Text.assemble(head, (row.outcome, STYLE[row.outcome]), f" {row.reason}  ", plain(ended(row))))

    def say(self, text: str) -> None:
        """A sentence about the run as a whole."""
        if self._style == "json":
            self.say_json("note", text=text)
        elif self._style != "quiet":
            self._tell(text)

    def say_json(self, kind: str, **words: object) -> None:
        """One object on a line of its own, schema longhaul.KIND-line/1."""
        self._console.file.write(json.dumps({"schema": f"longhaul.{kind}-line/1", **words}) + "\n")
        self._console.file.flush()

    def picture(self) -> Picture:
        """As things stand now; called from the drawing thread, so it looks at copies."""
        now = time.monotonic()
        running = tuple(msgspec.structs.replace(each, seconds=now - since) for each, since in list(self._running.values()))
        outcomes = {"settled before": self._before, **self._outcomes} if self._before else dict(self._outcomes)
        costs = [cost for cost in (self._paid, *(each.cost_usd for each in running)) if cost is not None]
        pace = Pace(self._outcomes.total(), now - self._began)
        return Picture(self._run, "running", len(self._keys), outcomes, running, pace, sum(costs) if costs else None, held=self.held)

    def _drawn(self) -> Drawn:
        return Drawn(self.picture())


def ended(row: Row) -> str:
    """What a settled trial did, in a line."""
    f2p, p2p = row.f2p or (0, 0), row.p2p or (0, 0)
    tests = "" if row.f2p is None else f"  f2p {f2p[0]}/{f2p[1]}  p2p {p2p[0]}/{p2p[1]}"
    spent = row.seconds.model + row.seconds.tool + row.seconds.harness + row.seconds.grading
    return f"{row.task}  {who(row.agent, row.model, row.variant)}  {counted(own_turns(row), 'turn')}{tests}  {spent:.1f} s"


def own_turns(row: Row) -> int:
    """Without those of a recorded past that it goes on from, as its seconds are."""
    past = row.parent.turn if row.parent and row.origin != "continued" else 0
    return max(0, row.turns - past)
