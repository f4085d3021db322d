"""One worker of the trials measurement: a real shop, one trial to warm up, then its share, and its own processor seconds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec

from benchmarks.sandbox_measure import PLACE
from benchmarks.thirty import ROUNDS
from harness.core.events import GradeRan
from harness.core.ports import Blobs, GradeOrder, Record, Sandboxes
from harness.core.task import Brief, Provenance, Request, TaskSpec, TestIds
from harness.engine.trial import run_trial
from harness.log import EventLog
from harness.metrics.row import row
from harness.plan import NO_MODEL, AgentEntry, Combination, Plan
from harness.settings import read
from harness.store.sqlite import RunStore
from harness.wiring.shop import Shop, shop

AGENT = "benchmarks.thirty"
PLAN = Plan(("bundled",), agents=(AgentEntry(AGENT),), tries=1)
PAIR = Combination(AGENT, NO_MODEL)
REPORT = '<testsuite><testcase classname="tests.test_files" name="test_written"/></testsuite>'
# A check that costs next to nothing by itself: what is measured is the grading around it.
COMMAND = f"test $(wc -l < log) = {ROUNDS} && printf '%s' '{REPORT}' > $LONGHAUL_REPORT"
TASK = TaskSpec(
    "thirty", "sha256:thirty", Brief((Request("r1", "Thirty calls."),)), PLACE,
    TestIds(COMMAND, "junit", ("tests/test_files.py::test_written",), ()), Provenance("benchmark"),
)  # fmt: skip


class NoGrading:
    """Judges nothing, for the trials measured without grading."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        record(GradeRan("apply", "none", ok=True, exit_code=None, ended=None, seconds=0.0))


def perform(store: RunStore, open_shop: Shop, short: str, *, graded: bool) -> None:
    """A trial as `longhaul worker` runs it. Raises AssertionError where it did not do all it should."""
    key = store.keys()[short]
    pen = store.begin(key)
    world = open_shop.world(TASK, key, store.blobs, EventLog(store.folder / "run.log", "benchmark"))
    world = world if graded else msgspec.structs.replace(world, grader=NoGrading())
    run_trial(open_shop.job(TASK, key, short, None), world, pen)
    store.settle(key, pen)
    told = row(short, key, TASK, store.trace(key))
    assert told.calls.ok == 3 * ROUNDS, told
    assert told.outcome == "passed" or not graded, told


def cpu_seconds() -> float:
    """User and system time of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """`FOLDER GRADED SHORT...`: says ready after the first trial, works when told to, then says its processor seconds."""
    folder, graded, first, *rest = sys.argv[1:]
    store = RunStore(Path(folder))
    open_shop = shop(store.folder, PLAN, read(), "benchmark", lambda: None, lambda _text: None)
    perform(store, open_shop, first, graded=graded == "graded")
    print("ready", flush=True)
    sys.stdin.readline()
    began = cpu_seconds()
    for short in rest:
        perform(store, open_shop, short, graded=graded == "graded")
    print(cpu_seconds() - began, flush=True)


if __name__ == "__main__":
    main()
