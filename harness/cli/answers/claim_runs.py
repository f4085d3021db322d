"""Which runs on record can say something of published figures: those whose sources bring a benchmark's tasks, with what was said of their tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from harness.answer.claim.claims import Claim
from harness.answer.claim.members import kind
from harness.answer.claim.observed import Observed
from harness.answer.side import Side, sides
from harness.cli.record.runs import Held, held, opened
from harness.core.errors import HarnessError, PlanError
from harness.metrics.row import Row
from harness.plan import Plan
from harness.report.readout import rows
from harness.settings import Settings
from harness.wiring.digests import of_harness


class Evidence(msgspec.Struct, frozen=True):
    """`runs`: those that were read; `warnings`: (run, task) -> what its source said of it; `left_out`: (run, why) of what could not be read."""

    sides: tuple[Side, ...]
    runs: tuple[str, ...]
    warnings: dict[tuple[str, str], tuple[str, ...]]
    left_out: tuple[tuple[str, str], ...]

    def warned(self, found: Observed) -> tuple[str, ...]:
        """What was said of the tasks of a side, each sentence once."""
        told = (self.warnings.get((run, row.task), ()) for run in found.runs for row in found.side.rows)
        return tuple(dict.fromkeys(words for each in told for words in each))


class _Read(msgspec.Struct, frozen=True):
    run: str
    rows: tuple[Row, ...]
    warnings: dict[str, tuple[str, ...]]


def evidence(claims: Iterable[Claim], words: tuple[str, ...], settings: Settings) -> Evidence:
    """Of the runs named, or of all on record; one that can't be read is left out aloud, but raises PlanError where it was named."""
    kinds = frozenset(kind for claim in claims for kind in claim.benchmark.sources)
    found: dict[str, _Read] = {}
    left_out = []
    for word in words or _recorded(settings):
        try:
            if words or _of_use(settings.home / "runs" / word, kinds):
                each = _read(held(word, settings))
                found[each.run] = each  # a run under two words is one
        except HarnessError as fault:
            if words:
                raise
            left_out.append((word, fault.complaint.found if isinstance(fault, PlanError) else str(fault)))
    pairs = [(each.run, row) for each in found.values() for row in each.rows]
    warnings = {(each.run, task): told for each in found.values() for task, told in each.warnings.items()}
    return Evidence(sides(pairs), tuple(found), warnings, tuple(left_out))


def _recorded(settings: Settings) -> Iterator[str]:
    runs = settings.home / "runs"
    yield from sorted(path.name for path in runs.iterdir() if (path / "run.sqlite").exists()) if runs.is_dir() else ()


def _of_use(folder: Path, kinds: frozenset[str]) -> bool:
    """Whether a run's plan names a source that brings a benchmark's tasks; its trials stay unread otherwise."""
    with closing(opened(folder)) as store:
        try:
            plan = msgspec.json.decode(store.meta("plan"), type=Plan)
        except msgspec.MsgspecError as fault:
            raise PlanError(str(folder), "plan", str(fault), "a run's plan") from fault
    return any(kind(source) in kinds for source in plan.tasks)


def _read(run: Held) -> _Read:
    warnings = {task.id: task.provenance.warnings for task in run.tasks.values() if task.provenance.warnings}
    return _Read(run.store.meta("run"), rows(run.store, run.tasks, of_harness()), warnings)
