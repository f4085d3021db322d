"""One run of a task's tests in one container: the work laid in, hidden files over it, the command with the channel, and the reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from harness.core.machine import Ended, Exec
from harness.core.task import CopiedFile, TestIds
from harness.core.trial import TestResult
from harness.grading.desk import Desk
from harness.grading.logs import junit, pytest
from harness.grading.steering import Restored
from harness.grading.watch.heard import Heard, hear
from harness.grading.watch.line import Line, is_simple, runs_pytest, started
from harness.grading.watch.outcome import results
from harness.grading.watch.signs import Expected, contradicted, signs, unproven

PARSERS: dict[str, Callable[[bytes, tuple[str, ...]], tuple[TestResult, ...]]] = {"junit": junit.parse, "pytest": pytest.parse}
REPORT = "/logs/verifier/report.xml"
UNWATCHED = "the runner was not watched: its own report is believed"


class Job(msgspec.Struct, frozen=True):
    """What is run: the work, the graded files (those of the task, or their twins), the channel. `demanded`: ids to be seen failing."""

    check: TestIds
    work: Restored
    files: tuple[CopiedFile, ...]
    line: Line
    demanded: tuple[str, ...] = ()
    detail: str = ""


class Ran(msgspec.Struct, frozen=True):
    """`passes`: every test passed and nothing speaks against it. `late`: ended by its deadline, which a busy machine may do to honest work."""

    laid: bool = True
    passes: bool = False
    late: bool = False
    open: tuple[str, ...] = ()
    """Demanded ids that neither passed nor failed."""


def run(job: Job, desk: Desk) -> Ran:
    """Phases apply, prepare, test, read on record. Raises SandboxError."""
    if not desk.applied(job.work.patch, job.work.back):
        return Ran(laid=False)
    if not _prepared(job, desk):
        return Ran()
    environment = {"LONGHAUL_REPORT": REPORT, "PYTHONDONTWRITEBYTECODE": "1"}
    done = desk.sandbox.exec(started(job.line, job.check.command), deadline=job.check.deadline, environment=environment)
    desk.hush()
    desk.said("test", msgspec.structs.replace(done, stdout=b""))
    return _read(job, done, desk)


def graded_paths(check: TestIds) -> tuple[str, ...]:
    """Where graded tests lie: the files that enter for grading, and those that ids name, which may be the repository's own."""
    named = (ident.partition("::")[0] for ident in wanted(check))
    return tuple(sorted({*(file.path for file in check.files), *named}))


def wanted(check: TestIds) -> tuple[str, ...]:
    """Ids that tests must report: not those that are calls, nor those known to be flaky."""
    others = {*(call.id for call in check.calls), *check.quarantined}
    return tuple(name for name in (*check.fail_to_pass, *check.pass_to_pass) if name not in others)


def _prepared(job: Job, desk: Desk) -> bool:
    """Only now do hidden files exist where the work is; no code of it has run in this container. What stands in their way goes."""
    trouble = ""
    try:
        for folder in job.check.replaced:
            desk.sandbox.remove(PurePosixPath(folder))
        desk.lay(job.files)
    except OSError as fault:
        trouble = f"{fault.filename or 'a graded file'}: could not be laid: {fault.strerror or fault}"
    desk.note("prepare", ok=not trouble, detail=trouble or job.detail, demanded=job.demanded)
    if trouble:
        desk.note("read", ok=False, detail=trouble)
    return not trouble


def _read(job: Job, done: Exec, desk: Desk) -> Ran:
    whole = done.stdout_total == len(done.stdout)
    heard = hear(done.stdout, job.line.nonce, whole=whole)
    expected = Expected(job.line.pair, wanted(job.check), is_simple(job.check.command))
    found, detail = _results(job, done, heard, desk)
    told = signs(heard, done, expected) if heard.sessions or not whole else ()
    told += contradicted(found, _reported(job, desk)) if heard.sessions else ()
    doubt = (unproven(heard, found, expected) if heard.sessions or not whole else "") or ("" if done.ended is Ended.EXITED else f"the tests ended by {done.ended}")
    ok = bool(found) and not doubt
    desk.note(
        "read", ok=ok, results=found, detail=doubt or detail, evidence=told, demanded=job.demanded, log=desk.blobs.put(done.stdout),
        canary=_pair(found, job.line),
    )  # fmt: skip
    passed = {result.id for result in found if result.status == "passed"}
    plain = {result.id for result in found if result.status in ("passed", "xpassed", "failed", "error")}
    return Ran(
        passes=ok and not told and set(expected.wanted) <= passed, late=done.ended is Ended.DEADLINE and not told,
        open=tuple(name for name in job.demanded if name not in plain),
    )  # fmt: skip


def _results(job: Job, done: Exec, heard: Heard, desk: Desk) -> tuple[tuple[TestResult, ...], str]:
    """Of the channel; of the report only what no pytest can tell: names without a file, or all of a runner that is none."""
    names = wanted(job.check)
    plain = tuple(name for name in names if not {".", "/"} & set(name.partition("::")[0]))
    if heard.sessions:
        ours = results(heard.sessions, names)
        others = tuple(result for result in _reported(job, desk) if result.id in plain) if plain else ()
        return (*ours, *others), UNWATCHED if others else ""
    if runs_pytest(job.check.command):
        return (), f"no session of the runner was heard; exit {done.exit_code}, ended by {done.ended}"
    try:
        return PARSERS[job.check.format](_report(job, done, desk), names), UNWATCHED
    except FileNotFoundError:
        return (), f"no report was written; exit {done.exit_code}, ended by {done.ended}"
    except (OSError, ValueError) as fault:
        return (), f"the report can't be read: {fault}"


def _report(job: Job, done: Exec, desk: Desk) -> bytes:
    """What the tested uid wrote: its word, no more. The lines of `pytest -rA` are in the log, where both streams go."""
    return done.stderr if job.check.format == "pytest" else desk.sandbox.read(PurePosixPath(REPORT))


def _reported(job: Job, desk: Desk) -> tuple[TestResult, ...]:
    """The JUnit report as a second witness, where there is one that can be read."""
    try:
        return junit.parse(desk.sandbox.read(PurePosixPath(REPORT)), wanted(job.check)) if job.check.format == "junit" else ()
    except (OSError, ValueError):
        return ()


def _pair(found: tuple[TestResult, ...], line: Line) -> tuple[str, str] | None:
    """The names under which the pair was reported: (must pass, must fail)."""
    ids = [result.id for name in line.pair.names for result in found if result.id.endswith(f"{line.pair.file}::{name}")]
    return (ids[0], ids[-1]) if len(ids) > 1 else None
