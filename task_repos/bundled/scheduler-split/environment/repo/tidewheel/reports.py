"""Figures about past runs, and tables of jobs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from tidewheel import core as engine


@dataclass(frozen=True)
class Health:
    """How a job has fared."""

    job: str
    runs: int
    failed: int
    misfired: int
    typical: timedelta | None
    worst_lateness: timedelta

    @property
    def rate(self) -> float | None:
        """The share of runs that succeeded; None without any."""
        return None if self.runs == 0 else (self.runs - self.failed - self.misfired) / self.runs


def health(job: engine.Job) -> Health:
    """Sum up the history of a job."""
    outcomes = Counter(run.outcome for run in job.runs)
    durations = [run.duration for run in job.runs if run.outcome is not engine.Outcome.MISFIRED]
    return Health(
        job=job.name,
        runs=len(job.runs),
        failed=outcomes[engine.Outcome.FAILED],
        misfired=outcomes[engine.Outcome.MISFIRED],
        typical=median(durations) if durations else None,
        worst_lateness=max((run.lateness for run in job.runs), default=timedelta(0)),
    )


def streak(runs: Sequence[engine.Run]) -> tuple[engine.Outcome, int] | None:
    """The outcome of the newest run and how many in a row ended so."""
    if not runs:
        return None
    last = runs[-1].outcome
    length = 0
    for run in reversed(runs):
        if run.outcome is not last:
            break
        length += 1
    return last, length


def job_table(jobs: Iterable[engine.Job]) -> str:
    """Jobs in columns: name, state, next due moment, last outcome, trigger."""
    rows = [("job", "state", "next", "last", "trigger")]
    rows += [_job_row(job) for job in jobs]
    return _columns(rows)


def health_table(jobs: Iterable[engine.Job]) -> str:
    """The health of jobs in columns, the sickest first."""
    found = sorted((health(job) for job in jobs), key=lambda each: (1.0 if each.rate is None else each.rate, each.job))
    rows = [("job", "runs", "failed", "misfired", "typical", "latest")]
    for each in found:
        typical = "-" if each.typical is None else engine.format_span(each.typical)
        latest = engine.format_span(each.worst_lateness)
        rows.append((each.job, str(each.runs), str(each.failed), str(each.misfired), typical, latest))
    return _columns(rows)


def _job_row(job: engine.Job) -> tuple[str, ...]:
    due = "-" if job.next_due is None else f"{job.next_due:%Y-%m-%d %H:%M}"
    last = "-" if job.last_run is None else job.last_run.outcome.value
    return job.name, job.state.value, due, last, job.trigger.notation()


def _columns(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"
