"""Jobs from a TOML file.

    [settings]
    misfire_grace = "5m"

    [jobs.backup]
    trigger = "daily 02:30"
    task = "mytasks.backup:run"
    retry = "3x 1m"
    tags = ["nightly"]
    arguments = { target = "/srv/backup" }
"""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tidewheel import core
from tidewheel.core import Job, Retry, Scheduler, TidewheelError, Trigger, parse_span

_JOB_KEYS = {"trigger", "task", "retry", "tags", "arguments", "paused"}
_SPANS = {"misfire_grace", "lease_term"}


class ConfigError(TidewheelError):
    """A configuration that cannot be used; names the file and the place in it."""


@dataclass(frozen=True)
class Config:
    """What a file asks for."""

    jobs: tuple[Job, ...]
    settings: dict[str, int | timedelta]


def read_config(path: Path) -> Config:
    """Read a file; raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    unknown = sorted(set(data) - {"settings", "jobs"})
    if unknown:
        raise ConfigError(f"{path}: unknown table {unknown[0]!r}")
    jobs = tuple(_job(path, name, table) for name, table in data.get("jobs", {}).items())
    return Config(jobs, _settings(path, data.get("settings", {})))


def apply_config(config: Config, scheduler: Scheduler) -> list[str]:
    """Put the settings in force and bring the jobs in; returns what was done, a line for each job.

    A job that is the same as before keeps its history and its due moment.
    """
    core.configure(**config.settings)
    done = []
    known = {job.name: job for job in scheduler.jobs()}
    for job in config.jobs:
        old = known.get(job.name)
        if old is None:
            scheduler.add(job.clone())
            done.append(f"added {job.name}")
        elif _definition(old) != _definition(job):
            scheduler.add(job.clone(runs=list(old.runs)), replace_existing=True)
            done.append(f"changed {job.name}")
    return done


def _definition(job: Job) -> tuple[Any, ...]:
    return job.task, job.trigger, job.arguments, job.retry, job.tags


def _settings(path: Path, table: dict[str, Any]) -> dict[str, int | timedelta]:
    try:
        found = {name: parse_span(value) if name in _SPANS else value for name, value in table.items()}
        core.Settings(**found)
    except (TypeError, AttributeError, core.TriggerError) as error:
        raise ConfigError(f"{path}: settings: {error}") from error
    return found


def _job(path: Path, name: str, table: dict[str, Any]) -> Job:
    unknown = sorted(set(table) - _JOB_KEYS)
    if unknown:
        raise ConfigError(f"{path}: jobs.{name}: unknown key {unknown[0]!r}")
    try:
        return Job(
            name=name,
            task=table["task"],
            trigger=Trigger.parse(table["trigger"]),
            arguments=dict(table.get("arguments", {})),
            retry=Retry.parse(table.get("retry", "1x")),
            tags=tuple(table.get("tags", ())),
            state=core.JobState.PAUSED if table.get("paused") else core.JobState.ACTIVE,
        )
    except KeyError as error:
        raise ConfigError(f"{path}: jobs.{name}: {error} is missing") from error
    except TidewheelError as error:
        raise ConfigError(f"{path}: jobs.{name}: {error}") from error
