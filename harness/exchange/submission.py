"""A run as the tools of SWE-bench keep one: predictions as JSON lines, a report for each instance, and a summary by model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.errors import PlanError
from harness.core.events import GradeRan, PatchTaken, Trace
from harness.core.task import Official, TaskSpec
from harness.core.trial import TrialKey
from harness.exchange.folders import Files, encoded
from harness.metrics.row import Row
from harness.metrics.tries import last, lived, of
from harness.report.summary import ASKS_NONE

LOGS: Final = "logs/run_evaluation"
KINDS: Final = ("FAIL_TO_PASS", "PASS_TO_PASS")
ELSEWHERE: Final = "prediction"
"""The agent that stands for whoever made a patch: such a trial is its model's alone."""

Unify: TypeAlias = Callable[[TrialKey, PatchTaken], bytes]
"""The work of a trial as a unified diff. Raises StoreError."""


class Source(Protocol):
    """What of a store is needed."""

    def keys(self) -> dict[str, TrialKey]: ...

    def trace(self, key: TrialKey) -> Trace: ...

    def meta(self, name: str) -> str: ...


class Submission(msgspec.Struct, frozen=True):
    """One trial's last patch under the name it is handed in by; `report` and `output` are empty where nothing was judged."""

    task: str
    name: str
    patch: str
    resolved: bool
    report: dict[str, Any]
    output: bytes = b""
    script: str = ""

    @property
    def row(self) -> dict[str, str]:
        return {"instance_id": self.task, "model_name_or_path": self.name, "model_patch": self.patch}


def submissions(store: Source, rows: Sequence[Row], tasks: dict[str, TaskSpec], get: Callable[[Blob], bytes], unify: Unify) -> Iterator[Submission]:
    """Of every trial that handed something in, in plan order. Raises StoreError."""
    keys = store.keys()
    for row in rows:
        trace = lived(store.trace(keys[row.trial]))
        taken = last(trace, PatchTaken)
        if taken is not None:
            patch = unify(keys[row.trial], taken).decode()
            report, output = _judged(row, trace, tasks[row.task], patch, get)
            yield Submission(row.task, named(row), patch, bool(report.get("resolved")), report, output, _script(tasks[row.task]))


def named(row: Row) -> str:
    """model_name_or_path: agent and model, a further attempt by its number; another's patch keeps the name it came with."""
    word = row.model if row.agent == ELSEWHERE else row.agent if row.model == ASKS_NONE else f"{row.agent}+{row.model}"
    return word if row.attempt == 1 else f"{word}+attempt-{row.attempt}"


def lines(found: Iterable[Submission]) -> bytes:
    """One file of predictions. Raises PlanError where an instance stands twice: whoever reads such a file takes the last."""
    kept: dict[str, Submission] = {}
    for each in found:
        if (first := kept.setdefault(each.task, each)) is not each:
            raise PlanError("", "--to", f"{each.task} by {first.name} and by {each.name}", "a folder, which has a file for each of them")
    return b"".join(json.dumps(each.row).encode() + b"\n" for each in kept.values())


def files(run: str, found: Iterable[Submission]) -> Files:
    """predictions/NAME.jsonl, logs/run_evaluation/RUN/NAME/INSTANCE/..., and NAME.RUN.json, where the package looks for them from this folder.

    Raises PlanError where two names would be one file's.
    """
    by_name: dict[str, list[Submission]] = {}
    for each in found:
        by_name.setdefault(each.name, []).append(each)
    _apart(by_name)
    for name, each_of in by_name.items():
        yield f"predictions/{_plain(name)}.jsonl", lines(each_of)
        yield f"{_plain(name)}.{run}.json", encoded(_summary(each_of))
        for each in each_of:
            yield from _instance(f"{LOGS}/{run}/{_plain(name)}/{_plain(each.task)}", each)


def _apart(names: Iterable[str]) -> None:
    """Raises PlanError for two names of which one folder would hold the works of both."""
    taken: dict[str, str] = {}
    for name in names:
        if (first := taken.setdefault(_plain(name), name)) != name:
            raise PlanError("", "model_name_or_path", f"{first!r} and {name!r}", "names that do not become one folder's name")


def _instance(folder: str, each: Submission) -> Files:
    """What the package leaves of an instance it ran; of an empty patch it leaves nothing."""
    if not each.report or not each.patch:
        return
    yield f"{folder}/report.json", encoded({each.task: each.report})
    yield f"{folder}/patch.diff", each.patch.encode()
    yield f"{folder}/test_output.txt", each.output
    if each.script:
        yield f"{folder}/eval.sh", each.script.encode()


def _judged(row: Row, trace: Trace, task: TaskSpec, patch: str, get: Callable[[Blob], bytes]) -> tuple[dict[str, Any], bytes]:
    """The package's own report where it gave one, else one in its words; ours beside it. Nothing of a trial that has no verdict."""
    if row.outcome not in ("passed", "failed"):
        return {}, b""
    runs = of(trace, GradeRan)
    own = next((run for run in reversed(runs) if run.phase == "official" and run.mode == "official"), None)
    tested = next((run.log for run in reversed(runs) if run.phase == "test" and run.mode == "fresh"), None)
    report = msgspec.json.decode(get(own.log)) if own and own.log else _report(row, task, runs, patch)
    verdict = {"outcome": row.outcome, "reason": row.reason, "evidence": list(row.evidence)}
    return {**report, "longhaul": verdict}, get(tested) if tested else b""


def _report(row: Row, task: TaskSpec, runs: Sequence[GradeRan], patch: str) -> dict[str, Any]:
    """In the package's words, by the results of the fresh run."""
    read = next((run for run in reversed(runs) if run.results and run.mode in ("fresh", "official")), None)
    passed = {result.id for result in read.results if result.status == "passed"} if read else set()
    wanted = (getattr(task.check, "fail_to_pass", ()), getattr(task.check, "pass_to_pass", ()))
    status = {
        kind: {"success": [name for name in names if name in passed], "failure": [name for name in names if name not in passed]}
        for kind, names in zip(KINDS, wanted, strict=True)
    }
    return {
        "patch_is_None": False, "patch_exists": bool(patch), "patch_successfully_applied": row.reason != "unapplied",
        "resolved": row.outcome == "passed", "infra_failure": False, "tests_status": status,
    }  # fmt: skip


def _summary(found: Sequence[Submission]) -> dict[str, Any]:
    """By the package's rules, schema 2: an empty patch is neither resolved nor unresolved, and one without a report an error."""
    empty = {each.task for each in found if not each.patch}
    done = {each.task for each in found if each.report} - empty
    resolved = {each.task for each in found if each.resolved} & done
    ids = {
        "completed": done, "incomplete": set[str](), "empty_patch": empty, "submitted": {each.task for each in found}, "resolved": resolved,
        "unresolved": done - resolved, "infra_failure": set[str](), "ambiguous_failure": set[str](),
        "error": {each.task for each in found} - done - empty,
    }  # fmt: skip
    counts = {f"{kind}_instances": len(names) for kind, names in ids.items() if kind != "incomplete"}
    return {"total_instances": len(found), **counts, **{f"{kind}_ids": sorted(names) for kind, names in ids.items()}, "failure_reasons": {}, "schema_version": 2}


def _script(task: TaskSpec) -> str:
    return str(msgspec.json.decode(task.check.row).get("eval_script", "")) if isinstance(task.check, Official) else ""


def _plain(name: str) -> str:
    """A name as a folder's, as the package makes it; one that would climb is kept below."""
    plain = name.replace("/", "__")
    return f"_{plain}" if plain.strip(".") == "" else plain
