"""`longhaul doctor RUN`: what is wrong with a run's record; nothing in its folder is changed."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from harness.cli.record.runs import remembered
from harness.cli.screen.layout import plain, tell
from harness.core.errors import HarnessError, StoreError
from harness.core.events import Trace
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.metrics.row import Row, row
from harness.plan import Plan
from harness.report.characters import visible
from harness.settings import Settings
from harness.store.examination import Seen, examine
from harness.store.finding import Finding
from harness.store.sqlite import RunStore, reading
from harness.wiring.digests import of_harness

MOST = 20
"""Findings of one kind that are told one by one; of the others their number."""
OUTCOMES = ("passed", "failed", "broken", "invalid", "pending")
STYLE = {"wrong": "red", "note": "yellow", "good": "green"}


class Findings:
    """What was found, in order; of each kind only the first are kept."""

    def __init__(self) -> None:
        self.told: list[Finding] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def __call__(self, finding: Finding) -> None:
        group = (finding.kind, finding.state)
        self._counts[group] += 1
        if self._counts[group] <= MOST:
            self.told.append(msgspec.structs.replace(finding, place=_line_of(finding.place), text=_line_of(finding.text)))

    @property
    def wrong(self) -> bool:
        return any(finding.state == "wrong" for finding in self.told)

    def more(self) -> list[tuple[str, str, int]]:
        """Kind, state and how many findings beyond those told."""
        return [(kind, state, count - MOST) for (kind, state), count in self._counts.items() if count > MOST]


def _line_of(words: str) -> str:
    """A file may have any name: bytes that are no UTF-8, or a line of its own in which all is well."""
    return visible(words).replace("\n", "\\n")


class Judgement:
    """What only a judge can say of a lawful trace: that a settled trial has an end, and that its kept row is still what the trace says."""

    def __init__(self, store: RunStore, tasks: dict[str, TaskSpec], find: Findings) -> None:
        self._store, self._tasks, self._find = store, tasks, find
        self._judge = of_harness()
        self._kept = bool(store.rows("SELECT 1 FROM sqlite_schema WHERE name = 'rows'"))
        self.outcomes: Counter[str] = Counter()
        self.compared = 0

    def __call__(self, short: str, key: TrialKey, settled: bool, trace: Trace) -> None:
        if key.task not in self._tasks:
            self._find(Finding("trial", short, f"its task {key.task} is not among the run's tasks"))
            return
        told = row(short, key, self._tasks[key.task], trace)
        self.outcomes[told.outcome] += 1
        if settled and told.outcome == "pending":
            last = type(trace[-1].event).__name__ if trace else "nothing"
            self._find(Finding("trial", short, f"is settled, and its trace ends with {last}"))
        if self._kept:
            self._compare(short, told)

    def _compare(self, short: str, told: Row) -> None:
        for (data,) in self._store.rows("SELECT row FROM rows WHERE short = ? AND judge = ?", short, self._judge):
            self.compared += 1
            try:
                kept = msgspec.json.decode(data, type=Row)
            except (msgspec.MsgspecError, TypeError) as fault:
                self._find(Finding("row", short, f"its kept row can't be read: {fault}"))
                continue
            parted = [name for name in Row.__struct_fields__ if getattr(kept, name) != getattr(told, name)]
            if parted:
                self._find(Finding("row", short, f"its kept row says otherwise than its trace: {', '.join(parted)}"))


def examined(folder: Path, settings: Settings, *, as_json: bool) -> int:
    """Say what is wrong with the run in this folder; the exit code."""
    find, looked = Findings(), dict[str, int]()
    try:
        store = reading(folder)
    except StoreError as fault:
        find(Finding("record", "run.sqlite", str(fault)))
    else:
        try:
            looked = _looked(store, settings, find)
        except StoreError as fault:
            find(Finding("record", "run.sqlite", str(fault)))
        finally:
            store.close()
    (_say_json if as_json else _say)(folder, find, looked)
    return 1 if find.wrong else 0


def _looked(store: RunStore, settings: Settings, find: Findings) -> dict[str, int]:
    """What was looked at, by name. Raises StoreError."""
    judgement = Judgement(store, _tasks(store, settings, find), find)
    seen = examine(store, find, judgement)
    _counted(seen, judgement.outcomes, find)
    return {**msgspec.structs.asdict(seen), "rows": judgement.compared}


def _tasks(store: RunStore, settings: Settings, find: Findings) -> dict[str, TaskSpec]:
    try:
        return remembered(store, msgspec.json.decode(store.meta("plan"), type=Plan), settings)
    except (HarnessError, msgspec.MsgspecError) as fault:
        find(Finding("record", "run.sqlite", f"the run's plan or tasks can't be read: {fault}"))
        return {}


def _counted(seen: Seen, outcomes: Counter[str], find: Findings) -> None:
    """Whether planned = passed + failed + broken + invalid + pending. Trials that could not be judged are findings of their own already."""
    counted = sum(outcomes[word] for word in OUTCOMES)
    if counted != seen.trials and not find.wrong:
        find(Finding("record", "run.sqlite", f"{seen.trials} trials are planned, and the outcomes are {dict(outcomes)}"))


def _say_json(folder: Path, find: Findings, looked: dict[str, int]) -> None:
    more = [{"kind": kind, "state": state, "count": count} for kind, state, count in find.more()]
    body = {
        "schema": "longhaul.doctor-run/1", "run": folder.name, "folder": str(folder), "sound": not find.wrong,
        "looked_at": looked, "findings": msgspec.to_builtins(find.told), "more": more,
    }
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")


def _say(folder: Path, find: Findings, looked: dict[str, int]) -> None:
    console = Console()
    for each in find.told:
        _line(console, each.state, f"{each.kind} {each.place}: {each.text}")
    for kind, state, count in find.more():
        _line(console, state, f"{kind}: and {count} more")
    words = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in looked.items())
    if words:
        _line(console, "" if find.wrong else "good", f"{folder.name}: {words}")


def _line(console: Console, state: str, words: str) -> None:
    tell(console, Text.assemble((f"{state:<8}", STYLE.get(state, "")), plain(words)))
