"""What a study keeps with each of its runs from the first moment: its claims and rules, written down before any outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from harness.answer.study.claims import Claim, Study
from harness.answer.study.designs import Leg
from harness.answer.study.promise import Promise
from harness.cli.context.lineage import made_of
from harness.cli.context.study_plan import StudyPlan
from harness.cli.preparing.pins import parted
from harness.cli.record.runs import Held, recorded
from harness.cli.resume import over
from harness.core.errors import HarnessError, PlanError
from harness.core.probe import Probe
from harness.settings import Settings
from harness.store.sqlite import RunStore, reading
from harness.wiring.forking import FORK, UNBORN
from harness.wiring.replays import probe_of

STUDY = "study"
"""The fact of a run under which it stands."""


class Record(msgspec.Struct, frozen=True):
    """`id`: of the study, alike in all of its runs; `leg`: which of `legs` this run is; `written`: when, before the first trial."""

    study: Study
    id: str
    leg: str
    written: str
    measure: str
    plan: StudyPlan
    legs: tuple[Leg, ...]
    claims: tuple[Claim, ...]
    promises: tuple[Promise, ...]


def of(opened: Held, settings: Settings) -> Record:
    """Of its replays, too: after a study they are the last run. Raises PlanError for a run that is no part of one."""
    word = opened.store.meta(STUDY)
    try:
        if word:
            return msgspec.json.decode(word, type=Record)
    except msgspec.MsgspecError as fault:
        raise PlanError(str(opened.store.folder), "", f"a study that can't be read: {fault}", "the record of a study of this version") from fault
    for _, each in _known(settings):
        if opened.store.meta("name") == replays_of(each):
            return each
    raise PlanError("", "RUN", f"{opened.store.meta('run')}, which is no part of a study", "a run that `longhaul study NAME PLAN` made")


def runs(record: Record, settings: Settings) -> dict[str, Path]:
    """Leg -> the folder of its run, those that there are."""
    return {other.leg: path for path, other in _known(settings) if other.id == record.id}


def changes(record: Record, pins: Mapping[str, str], settings: Settings) -> dict[str, tuple[str, str]]:
    """Field -> (then, now) of what is not as it was when the study's earlier runs began; a window may be what its legs differ in."""
    then: dict[str, str] = {}
    for path in sorted(runs(record, settings).values()):  # the newest word of each field: what was accepted once need not be again
        with closing(reading(path)) as store:
            then |= msgspec.json.decode(store.meta("pins") or "{}", type=dict[str, str])
    return {field: each for field, each in parted(then, pins).items() if not field.endswith(": window")}


def _known(settings: Settings) -> Iterator[tuple[Path, Record]]:
    """Every run of any study, the oldest first; a damaged one is of none."""
    for path in recorded(settings):
        with suppress(HarnessError, msgspec.MsgspecError), closing(reading(path)) as store:
            if word := store.meta(STUDY):
                yield path, msgspec.json.decode(word, type=Record)


def replays_of(record: Record) -> str:
    """The name of the probes that the study itself begins: what else a user replays of its runs was written down nowhere before."""
    return f"replays of study {record.id}"


def probe_folder(record: Record, run: Path, settings: Settings) -> Path | None:
    """The newest probe that the study began of this run; one that was ended before its past was copied is none, for it can't go on."""
    for path in reversed(recorded(settings)):
        with suppress(HarnessError), closing(reading(path)) as store:
            probe = probe_of(store) if store.meta("name") == replays_of(record) and store.meta(FORK) != UNBORN else None
            if probe is not None and _of(probe, store, run):
                return path
    return None


def unreplayed(record: Record, settings: Settings) -> list[str]:
    """Legs whose replays are not begun, or not over. Raises PlanError for a record that can't be read."""
    known = runs(record, settings)
    probes = {leg.name: probe_folder(record, known[leg.name], settings) if leg.name in known else None for leg in record.legs if leg.probed}
    return [leg for leg, path in probes.items() if path is None or not over(path)]


def _of(probe: Probe, store: RunStore, run: Path) -> bool:
    """One without points says nothing, so that nothing has to be proven of it."""
    if not probe.points:
        return probe.run == run.name
    with closing(reading(run)) as parent:
        return made_of(parent, store, probe)
