"""Picking jobs by a line of conditions such as "tag:nightly state:active last:failed due<2h -name:test*".

Conditions are joined by "and"; a minus in front turns one round.
"""

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from tidewheel.core import Every, Job, JobState, Outcome, TidewheelError, TriggerError, now, parse_span

Condition = Callable[[Job], bool]

_CONDITION = re.compile(r"(?P<minus>-?)(?P<key>[a-z]+)(?P<sign>[:<>])(?P<value>\S+)")


class QueryError(TidewheelError, ValueError):
    """A condition that cannot be understood."""


def select(jobs: Iterable[Job], text: str) -> list[Job]:
    """The jobs that meet all conditions; raises QueryError."""
    conditions = [_condition(word) for word in text.split()]
    return [job for job in jobs if all(condition(job) for condition in conditions)]


def _condition(word: str) -> Condition:
    match = _CONDITION.fullmatch(word)
    if match is None:
        raise QueryError(f"{word!r} is not a condition such as tag:nightly or due<2h")
    maker = _MAKERS.get((match["key"], match["sign"]))
    if maker is None:
        known = ", ".join(f"{key}{sign}" for key, sign in sorted(_MAKERS))
        raise QueryError(f"{match['key']}{match['sign']} is not one of {known}")
    condition = maker(match["value"])
    return (lambda job: not condition(job)) if match["minus"] else condition


def _by_name(pattern: str) -> Condition:
    return lambda job: fnmatchcase(job.name, pattern)


def _by_task(pattern: str) -> Condition:
    return lambda job: fnmatchcase(job.task, pattern)


def _by_tag(tag: str) -> Condition:
    return lambda job: tag in job.tags


def _by_state(word: str) -> Condition:
    if word not in {state.value for state in JobState}:
        raise QueryError(f"{word!r} is not a state")
    return lambda job: job.state is JobState(word)


def _by_last(word: str) -> Condition:
    if word == "never":
        return lambda job: job.last_run is None
    if word not in {outcome.value for outcome in Outcome}:
        raise QueryError(f"{word!r} is not an outcome")
    return lambda job: job.last_run is not None and job.last_run.outcome is Outcome(word)


def _due_within(text: str) -> Condition:
    limit = now() + _span(text)
    return lambda job: job.next_due is not None and job.next_due < limit


def _due_beyond(text: str) -> Condition:
    limit = now() + _span(text)
    return lambda job: job.next_due is not None and job.next_due > limit


def _paced_under(text: str) -> Condition:
    limit = _span(text)
    return lambda job: isinstance(job.trigger, Every) and job.trigger.span < limit


def _span(text: str):
    try:
        return parse_span(text)
    except TriggerError as error:
        raise QueryError(str(error)) from error


_MAKERS: dict[tuple[str, str], Callable[[str], Condition]] = {
    ("due", "<"): _due_within,
    ("due", ">"): _due_beyond,
    ("last", ":"): _by_last,
    ("name", ":"): _by_name,
    ("pace", "<"): _paced_under,
    ("state", ":"): _by_state,
    ("tag", ":"): _by_tag,
    ("task", ":"): _by_task,
}
