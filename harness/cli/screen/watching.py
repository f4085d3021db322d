"""A run's standing from its record, while another process writes it: only what is new since the last look is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from harness.cli.running.bounds import spent_usd
from harness.cli.running.self_check import sentence, withheld
from harness.core.events import Trace, TrialBroke, TrialInterrupted
from harness.core.task import TaskSpec
from harness.metrics.row import row
from harness.report.standing import Gauge, Pace, Picture, gauge, standing
from harness.store.sqlite import RunStore, Standing
from harness.wiring.forking import FORK, UNBORN

MANY = 50
"""So many trials settled since the last look are read at once, fewer one by one."""


class Seen(msgspec.Struct, frozen=True):
    """A trial that is not settled: its gauge up to entry `seq`, read at `at` (Unix seconds); `over`: its last try has ended."""

    now: Gauge
    seq: int
    at: float
    over: bool


class _Outcome(msgspec.Struct, frozen=True):
    outcome: str


_OUTCOME = msgspec.json.Decoder(_Outcome)


class Watcher:
    """One run, watched. `driven`: whether a process is at it; `now`: Unix seconds. Raises StoreError."""

    def __init__(
        self, store: RunStore, tasks: Mapping[str, TaskSpec], driven: Callable[[], bool], now: Callable[[], float]
    ) -> None:
        self._store, self._tasks, self._driven, self._now = store, tasks, driven, now
        self._keys = store.keys()
        self._outcomes: dict[str, str] = {}
        self._seen: dict[str, Seen] = {}

    def look(self) -> Picture:
        """The run as it stands now."""
        state = self._state()
        progress = self._store.progress()
        self._settle({short for short, at in progress.items() if at.settled is not None})
        for short, at in progress.items():
            if at.settled is None and at.seq:
                self._follow(short, at)
        going = {short: seen for short, seen in self._seen.items() if state == "running" and not seen.over}
        running = tuple(standing(short, self._keys[short], seen.now, max(0.0, self._now() - seen.at)) for short, seen in going.items())
        held = withheld(self._store)
        note = self._store.notes("limit")[-1:] if state != "finished" or len(self._outcomes) + len(held) < len(self._keys) else []
        pace = self._pace(progress, running=state == "running")
        outcomes = dict(Counter(self._outcomes.values()))
        cost = self._cost(going)
        return Picture(self._store.meta("run"), state, len(self._keys), outcomes, running, pace, cost, "".join(note), len(held), sentence(held))

    def _state(self) -> str:
        if self._store.meta(FORK) == UNBORN:  # nobody can be at it, nor go on with it
            return UNBORN
        if self._driven():
            return "running"
        said = self._store.rows("SELECT value FROM meta WHERE name = 'finished'")
        if not said:
            return "stopped"
        return "finished" if said[0][0] else "interrupted"

    def _began(self, otherwise: float) -> float:
        """When the process that drives the run, or drove it last, took its lock."""
        try:
            return (self._store.folder / "lock").stat().st_mtime
        except OSError:
            return otherwise

    def _settle(self, settled: set[str]) -> None:
        """Outcomes as they were kept in the settling transaction; else from the trace, by today's judge."""
        new = [short for short in self._keys if short in settled and short not in self._outcomes]
        kept = self._kept(new)
        for short in new:
            self._seen.pop(short, None)
            key = self._keys[short]
            self._outcomes[short] = kept.get(short) or row(short, key, self._tasks[key.task], self._store.trace(key)).outcome

    def _kept(self, new: list[str]) -> dict[str, str]:
        judge = self._store.meta("harness")
        if not new:
            return {}
        if len(new) > MANY or not self._outcomes:
            return {short: _OUTCOME.decode(data).outcome for short, data in self._store.kept_rows(judge).items()}
        question = "SELECT row FROM rows WHERE short = ? AND judge = ?"
        found = {short: self._store.rows(question, short, judge) for short in new}
        return {short: _OUTCOME.decode(rows[0][0]).outcome for short, rows in found.items() if rows}

    def _follow(self, short: str, at: Standing) -> None:
        before = self._seen.get(short)
        if before and before.seq == at.seq:
            return
        entries: Trace = self._store.since(short, before.seq if before else 0)
        now = before.now if before else Gauge()
        for entry in entries:
            now = gauge(now, entry)
        if entries:
            last = entries[-1]
            over = isinstance(last.event, TrialInterrupted) or (isinstance(last.event, TrialBroke) and not last.event.will_retry)
            self._seen[short] = Seen(now, last.seq, self._now() if before else self._written(), over)

    def _written(self) -> float:
        """At the first look nobody knows when an entry was written, but that nothing was after the log's last change."""
        try:
            return min(self._now(), Path(f"{self._store.folder / 'run.sqlite'}-wal").stat().st_mtime)
        except OSError:
            return self._now()

    def _pace(self, progress: Mapping[str, Standing], *, running: bool) -> Pace:
        """Since the run was taken up."""
        began = self._began(min((at.settled for at in progress.values() if at.settled), default=self._now()))
        since = [at.settled for at in progress.values() if at.settled is not None and at.settled >= began]
        until = self._now() if running else max(since, default=began)
        return Pace(len(since), max(0.0, until - began))

    def _cost(self, going: Mapping[str, Seen]) -> float | None:
        """What was paid for trials that ended, and what those under way have cost."""
        noted = self._store.notes("paid")
        paid = [spent_usd(noted)] if noted else []
        paid += [seen.now.spent.cost_usd for seen in going.values() if seen.now.spent.cost_usd is not None]
        return sum(paid) if paid else None

