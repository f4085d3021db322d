"""Jobs from a crontab: lines become jobs that log their command, to be given a task by hand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tidewheel.core import Cron, Job, TriggerError, log_message
from tidewheel.core import REGISTRY as _REGISTRY

_ASSIGNMENT = re.compile(r"\w+\s*=")


@dataclass(frozen=True)
class Skipped:
    """A line that is no job, and why."""

    number: int
    text: str
    reason: str


def read_crontab(lines: Iterable[str]) -> tuple[list[Job], list[Skipped]]:
    """The jobs of a crontab, and the lines that could not be used."""
    jobs: list[Job] = []
    skipped: list[Skipped] = []
    for number, text in _entries(lines):
        try:
            jobs.append(_job(text, len(jobs) + 1))
        except TriggerError as error:
            skipped.append(Skipped(number, text, str(error)))
    return jobs, skipped


def _entries(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#") and not _ASSIGNMENT.match(text):
            yield number, text


def _job(text: str, ordinal: int) -> Job:
    if text.startswith("@reboot"):
        raise TriggerError("@reboot has no place in time")
    width = 1 if text.startswith("@") else 5
    words = text.split(maxsplit=width)
    if len(words) <= width:
        raise TriggerError(f"{text!r} has no command")
    trigger = Cron.from_notation(" ".join(words[:width]))
    command = words[width]
    return Job(
        name=f"{ordinal:02d}-{_slug(command)}",
        task=_REGISTRY.reference(log_message),
        trigger=trigger,
        arguments={"text": command},
        tags=("crontab",),
    )


def _slug(command: str) -> str:
    program = command.split()[0].rsplit("/", 1)[-1]
    return re.sub(r"[^\w.-]", "-", program) or "command"
