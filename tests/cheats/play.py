"""A case as a whole trial: the oracle does it in a container, the engine takes it out, the examiner judges it, the verdict is read from the trace."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import msgspec

from harness.core.blob import Blob
from harness.core.events import Entry, GradeRan
from harness.core.grammar import violations
from harness.core.ports import Grader
from harness.core.task import ImageBuild
from harness.core.trial import Outcome, TrialKey, Verdict
from harness.engine.trial import run_trial
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from harness.plan import AgentEntry, Plan
from harness.settings import read
from harness.wiring.shop import Shop, shop
from tests.cheats.case import Case
from tests.cheats.ground import task

PLAN = Plan(("cheats",), agents=(AgentEntry("oracle"),))


class Played(msgspec.Struct, frozen=True):
    """`stopped`: what of the grading speaks against it, in words; `faults`: violations of the record's grammar."""

    case: Case
    verdict: Verdict
    stopped: str
    faults: tuple[str, ...]
    runs: tuple[GradeRan, ...] = ()
    logs: tuple[bytes, ...] = ()
    """What each of these phases left as its log, or nothing."""

    @property
    def fooled(self) -> bool:
        """Whether a plain grader believed it."""
        return any(run.detail == "fooled" for run in self.runs)


class KeptBlobs:
    """Blobs in memory, for as long as a case lasts."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> Blob:
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        self._held[blob.sha256] = data
        return blob

    def get(self, blob: Blob) -> bytes:
        return self._held[blob.sha256]


class Silent:
    def see(self, key: TrialKey, entry: Entry) -> None:
        pass


class Stage(msgspec.Struct, frozen=True):
    """A folder for trees, and the one image's context."""

    folder: Path
    build: ImageBuild

    def play(self, case: Case, grader: Grader | None = None) -> Played:
        """One trial. `grader`: another than the examiner."""
        name = case.name.replace(" ", "-")
        spec = task(case.kind, self.build, name, case.solution)
        key = TrialKey("cheats", name, "oracle", "none", "", 1)
        held, kept = self._shop(), KeptBlobs()
        world = held.world(spec, key, kept, Silent())
        if grader is not None:
            world = msgspec.structs.replace(world, grader=grader)
        entries: list[Entry] = []
        run_trial(held.job(spec, key, "cheat", None), world, entries.append)
        trace = tuple(entries)
        verdict = judge(spec.check, trace)
        runs = of(trace, GradeRan)
        logs = tuple(kept.get(run.log) if run.log else b"" for run in runs)
        return Played(case, verdict, _stopped(verdict, runs), violations(trace), runs, logs)

    def _shop(self) -> Shop:
        """One for each thread: connections are not shared."""
        if not hasattr(_MINE, "shop"):
            _MINE.shop = shop(self.folder, PLAN, read(os.environ), "cheats", lambda: None, lambda line: None)
        found: Shop = _MINE.shop
        return found


_MINE = threading.local()


def _stopped(verdict: Verdict, runs: tuple[GradeRan, ...]) -> str:
    if verdict.outcome is Outcome.PASSED:
        return ""
    modes = [run.mode for run in runs if run.phase == "read"]
    where = "twin" if verdict.reason == "tampered" and "twin" in modes and not any(run.evidence for run in runs if run.mode == "fresh") else ""
    words = verdict.evidence[0] if verdict.evidence else ""
    return f"{where}: {words}" if where else words
