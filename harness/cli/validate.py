"""`longhaul validate`: a task is healthy when idle fails and the oracle passes every time; anything else is said with the evidence."""

from __future__ import annotations

import sys

import msgspec
import typer
from rich.console import Console

from harness.cli.evening import Evening
from harness.cli.founding import found as begin
from harness.cli.layout import lay, tell
from harness.cli.prelude import Ready
from harness.cli.reading import Reading, reading
from harness.core.errors import TaskError
from harness.core.ports import Images
from harness.core.task import TaskSpec, TestIds
from harness.core.trial import Reason, TrialKey
from harness.metrics.row import Row
from harness.plan import NO_MODEL, AgentEntry, Combination, Plan
from harness.settings import Settings, read
from harness.wiring.shop import images
from harness.wiring.sources import Found, collect

SHOWN = 5
FIGURES = ("source tokens", "necessary reading")


class Health(msgspec.Struct, frozen=True):
    """Of one task, proved by trials of `run`. `reason` is one of the reasons of `invalid`, or "" for a healthy task; `oracle` is (passed, runs)."""

    task: str
    digest: str
    healthy: bool
    reason: str
    oracle: tuple[int, int]
    idle: str
    reading: Reading | None
    evidence: tuple[str, ...]
    run: str = ""
    trial: str = ""
    """The trial that tells most of an unhealthy task, "" for a healthy one."""


def validate(
    source: str = typer.Argument("bundled", help="bundled, harbor:DIR, swebench:FILE, with an optional #glob."),
    runs: int = typer.Option(5, "-n", min=1, help="How often the oracle must pass."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.validate/1."),
) -> int:
    """Prove tasks: idle must fail, the oracle must pass every time.

    Example: longhaul validate bundled -n 5
    """
    console = Console(stderr=as_json)
    settings = read()
    found = collect((source,), settings)
    run, rows = _trials(source, runs, found.tasks, (settings, console, no_build)) if found.tasks else ("", ())
    told = tuple(health(task, tuple(row for row in rows if row.task == task.id), run) for task in found.tasks)
    if as_json:
        body = {"schema": "longhaul.validate/1", "tasks": msgspec.to_builtins(told), "faults": [str(fault) for fault in found.faults]}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        _show(told, found, console)
        if run:
            tell(console, f"record: longhaul report {run}")
    return 0 if all(each.healthy for each in told) and not found.faults else 1


def _trials(source: str, runs: int, tasks: tuple[TaskSpec, ...], parts: tuple[Settings, Console, bool]) -> tuple[str, tuple[Row, ...]]:
    """The oracle `runs` times and idle as often: a run like any other, so that its record can be looked into."""
    settings, console, no_build = parts
    plan = Plan((source,), name="validate", attempts=runs, agents=(AgentEntry("oracle"), AgentEntry("idle")))
    if no_build:
        plan = msgspec.structs.replace(plan, allow=msgspec.structs.replace(plan.allow, build=False))
    shelf = images(plan, settings)
    unbuilt = frozenset(task.id for task in tasks if not _prepared(shelf, task, console, strict=no_build))
    pairs = (Combination("oracle", NO_MODEL), Combination("idle", NO_MODEL))
    unsolved = frozenset(task.id for task in tasks if task.solution is None)
    ready = Ready(plan, tasks, pairs)
    store = begin(ready, settings, "validate", skip=lambda key: _spared(key, unsolved | unbuilt))
    evening = Evening(ready, settings, console, "lines", store)
    evening.pass_by(table=False)
    return evening.run, evening.rows()


def _prepared(shelf: Images, task: TaskSpec, console: Console, *, strict: bool) -> bool:
    """Whether the image is ready. A task that spoils its own is invalid, and its idle trial records why; `strict`: the user refused it."""
    try:
        shelf.prepare(task.place, lambda text: tell(console, text))
    except TaskError as fault:
        if strict:
            raise
        tell(console, f"{task.id}: {fault}")
        return False
    return True


def _spared(key: TrialKey, unsolved: frozenset[str]) -> bool:
    """Idle once is enough: a task that idle passes once is worthless. An oracle without a solution or an image has nothing to show."""
    return key.attempt > 1 if key.agent == "idle" else key.task in unsolved


def health(task: TaskSpec, rows: tuple[Row, ...], run: str = "") -> Health:
    """Pure: the rows of a task's oracle and idle trials, judged."""
    oracle = [row for row in rows if row.agent == "oracle"]
    idle = [row for row in rows if row.agent == "idle"]
    passed = sum(row.outcome == "passed" for row in oracle)
    reason, evidence, trial = _judged(task, oracle, idle, passed)
    outcome = idle[0].outcome if idle else "pending"
    return Health(task.id, task.digest, not reason, reason, (passed, len(oracle)), outcome, reading(task), evidence, run, trial)


def _judged(task: TaskSpec, oracle: list[Row], idle: list[Row], passed: int) -> tuple[str, tuple[str, ...], str]:
    """A reason of `invalid` or "", the sentences for it, and the trial that tells most of it."""
    broken = [row for row in (*oracle, *idle) if row.outcome in ("broken", "pending")]
    if broken:
        return Reason.CANNOT_RUN, broken[0].evidence or ("the trial did not end",), broken[0].trial
    stuck = [row for row in (*oracle, *idle) if row.reason == Reason.CANNOT_RUN]
    if stuck:
        return Reason.CANNOT_RUN, stuck[0].evidence, stuck[0].trial
    solved = [row for row in idle if row.outcome == "passed"]
    if solved:
        return Reason.IDLE_PASSES, ("doing nothing solves it",), solved[0].trial
    if isinstance(task.check, TestIds) and (task.check.regression_only or not task.check.fail_to_pass):
        kept = [row for row in idle if row.p2p and row.p2p[0] == row.p2p[1]]
        return ("", (), "") if kept or not idle else (Reason.CANNOT_RUN, idle[0].evidence, idle[0].trial)
    lost = [row for row in oracle if row.outcome != "passed"]
    if task.solution is None or not lost:
        return "", (), ""
    if passed == 0:
        silent = all(row.reason == Reason.UNTESTED for row in lost)  # no test was reported by any: the runner itself is at fault
        return Reason.CANNOT_RUN if silent else Reason.ORACLE_FAILS, lost[0].evidence, lost[0].trial
    return Reason.FLAKY, (f"the oracle passed {passed} of {len(oracle)} times",), lost[0].trial


def _show(told: tuple[Health, ...], found: Found, console: Console) -> None:
    lay(console, ("task", "healthy", "oracle", "idle", *FIGURES), [_row(each) for each in told], figures=FIGURES)
    for each in told:
        for sentence in each.evidence[:SHOWN]:
            tell(console, f"{each.task}: {sentence}")
        if (hidden := len(each.evidence) - SHOWN) > 0:
            tell(console, f"{each.task}: ... {hidden} more")
        if each.trial:
            tell(console, f"{each.task}: its log: longhaul show {each.run} {each.trial}")
    for fault in found.faults:
        tell(console, f"refused {fault}")


IDLE = {"failed": "fails, as it must", "passed": "passes, as it must not", "invalid": "nothing to solve", "broken": "broken", "pending": "did not end"}


def _row(each: Health) -> tuple[str, ...]:
    held = each.reading
    figures = (f"{held.tokens:,}", f"{100 * held.share:.0f} %") if held else ("-", "-")
    oracle = f"passes {each.oracle[0]} of {each.oracle[1]}" if each.oracle[1] else "none"
    return each.task, "yes" if each.healthy else f"no: {each.reason}", oracle, IDLE[each.idle], *figures
