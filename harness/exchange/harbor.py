"""A run in the folders that Harbor leaves: a job with its result, a folder for each trial with its result and trajectory. Pure."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from harness.metrics.row import Row
from harness.report.overview import About
from harness.report.summary import ASKS_NONE

Json: TypeAlias = dict[str, Any]
NAME: Final = 32
"""Harbor cuts a task's name so in the name of a trial's folder."""
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
_STAMP: Final = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([+-]\d{2}):?(\d{2})")


def folder(about: About, row: Row) -> str:
    """The name of a trial's folder: the task's name and seven letters that are the same each time."""
    mark = hashlib.sha256(f"{about.run} {row.trial}".encode()).hexdigest()[:7]
    return f"{_UNFIT.sub('-', row.task)[:NAME]}__{mark}"


def trial_result(about: About, row: Row) -> Json:
    """result.json of a trial that has ended. A verdict that is none (broken, invalid, pending) has no reward, and says why."""
    name = folder(about, row)
    agent: Json = {"name": row.agent, "version": row.environment.harness or "unknown"}
    if row.model != ASKS_NONE:
        provider, _, model = row.model.partition("/")
        agent["model_info"] = {"name": model, "provider": provider}
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{about.run} {row.trial}")), "task_name": row.task, "trial_name": name,
        "trial_uri": f"longhaul:{about.run}/{row.trial}", "task_id": {"path": row.task}, "source": row.task_source or None,
        "task_checksum": row.digests.task.removeprefix("sha256:"), "config": {"task": {"path": row.task}, "trial_name": name},
        "agent_info": agent, "agent_result": _agent_result(row), "verifier_result": {"rewards": rewards(row)} if decided(row) else None,
        "exception_info": _exception(about, row), "started_at": _stamp(about.created), "finished_at": _stamp(about.finished),
    }  # fmt: skip


def decided(row: Row) -> bool:
    return row.outcome in ("passed", "failed")


def rewards(row: Row) -> dict[str, float]:
    """One key, so that pass@k still counts: 1 for a pass, a script's own figure below it, else 0."""
    if row.outcome == "passed":
        return {"reward": 1.0}
    partial = row.score if "reward by script" in row.flags and row.score is not None else 0.0
    return {"reward": partial if 0.0 <= partial < 1.0 else 0.0}


def _agent_result(row: Row) -> Json:
    told = {
        "trial": row.trial, "attempt": row.attempt, "outcome": row.outcome, "reason": row.reason, "stop": row.stop, "flags": list(row.flags),
        "turns": row.turns, "evidence": list(row.evidence), "fail_to_pass": row.f2p, "pass_to_pass": row.p2p, "items": list(row.items),
    }  # fmt: skip
    return {
        "n_input_tokens": row.tokens.input, "n_cache_tokens": row.tokens.cached, "n_output_tokens": row.tokens.out, "cost_usd": row.cost_usd,
        "metadata": {"longhaul": told},
    }  # fmt: skip


def _exception(about: About, row: Row) -> Json | None:
    """The clock is an exception in Harbor, whose reward counts all the same; so is all that leaves a trial without a verdict."""
    if decided(row) and row.stop != "time":
        return None
    kind = "AgentTimeoutError" if decided(row) else {"broken": "LonghaulBrokenError", "invalid": "LonghaulInvalidError"}.get(row.outcome, "LonghaulPendingError")
    text = "; ".join(row.evidence) or f"{row.outcome}: {row.reason}"
    return {"exception_type": kind, "exception_message": text, "exception_traceback": "", "occurred_at": _stamp(about.finished or about.created)}


def job_result(about: About, rows: Sequence[Row]) -> Json:
    """result.json of the job: counts, and rewards by agent, model and source."""
    ended = [row for row in rows if row.outcome != "pending"]
    broken = [row for row in ended if not decided(row)]
    stats: Json = {
        "n_completed_trials": len(ended), "n_errored_trials": len(broken), "n_running_trials": 0, "n_pending_trials": len(rows) - len(ended),
        "n_cancelled_trials": 0, "n_retries": sum(max(0, row.tries - 1) for row in rows), "evals": {key: _eval(about, held) for key, held in _evals(ended)},
    }  # fmt: skip
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, about.run)), "started_at": _stamp(about.created), "updated_at": _stamp(about.finished or about.created),
        "finished_at": _stamp(about.finished), "n_total_trials": len(rows), "stats": stats,
    }  # fmt: skip


def _evals(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        model = "" if row.model == ASKS_NONE else f"__{_UNFIT.sub('-', row.model)}"
        found.setdefault(f"{row.agent}{model}__{_UNFIT.sub('-', row.task_source or 'tasks')}", []).append(row)
    yield from found.items()


def _eval(about: About, rows: list[Row]) -> Json:
    """Harbor counts a missing reward as 0 in its mean; here what has no verdict stands outside, and beside it."""
    held: dict[str, list[str]] = {}
    for row in rows:
        if decided(row):
            held.setdefault(f"{rewards(row)['reward']:g}", []).append(folder(about, row))
    wrong: dict[str, list[str]] = {}
    for row in rows:
        if (told := _exception(about, row)) is not None:
            wrong.setdefault(told["exception_type"], []).append(folder(about, row))
    return {
        "n_trials": sum(map(decided, rows)), "n_errors": sum(not decided(row) for row in rows), "metrics": [], "reward_stats": {"reward": held},
        "exception_stats": wrong,
    }  # fmt: skip


def _stamp(text: str) -> str | None:
    """An ISO time with a colon in its offset, None for none."""
    found = _STAMP.fullmatch(text)
    return f"{found[1]}{found[2]}:{found[3]}" if found else None
