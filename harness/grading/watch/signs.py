"""Signs of forging in a reading: what an honest run can't say. Pure; a sign is a sentence, and one is enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.core.machine import Ended, Exec
from harness.core.trial import TestResult
from harness.grading.watch.heard import Heard, Phase, Session
from harness.grading.watch.outcome import by_test, status
from harness.grading.watch.pair import Pair

SLACK_S = 1.0
"""By which a session may say it took longer than its process was seen to run: clocks and start-up."""


LAST_STATUS = 5
"""pytest's own exit statuses end here."""


class Expected(msgspec.Struct, frozen=True):
    """What the reader knows: the pair that was laid in, ids that must be reported, whether the exit status is the runner's own."""

    pair: Pair
    wanted: tuple[str, ...]
    simple: bool


def signs(heard: Heard, done: Exec, expected: Expected) -> tuple[str, ...]:
    """Empty for every honest run, also one that crashed, was killed, said more than is kept, or failed."""
    over = done.ended is Ended.EXITED
    foreign = heard.foreign + (heard.torn and over)
    found = [f"{foreign} lines on the channel are not the runner's"] if foreign else []
    if not heard.whole:
        return tuple(found)
    for session in heard.sessions:
        found += _of_session(session, done, expected.pair)
    found += _of_pair(heard.sessions, expected)
    ends = [session.end for session in heard.sessions]
    # Who was killed, or crashed while it went down, has lost only the exit status.
    own = over and 0 <= done.exit_code <= LAST_STATUS
    if expected.simple and own and len(ends) == 1 and ends[0] is not None and ends[0].status != done.exit_code:
        found.append(f"the runner told exit status {ends[0].status}, its process ended with {done.exit_code}")
    return tuple(found)


def _of_session(session: Session, done: Exec, pair: Pair) -> Iterator[str]:
    if session.disorder:
        yield "lines of the channel are out of order, repeated, unknown, or follow its end"
    tests = by_test(session)
    known = frozenset(session.ids)
    if known:
        yield from (f"{name}: reported, never collected" for name in tests if name not in known)
    yield from (f"{name}: reported twice" for name, phases in tests.items() if _twice(phases))
    if session.end is None:
        return
    if session.end.status == 0 and session.end.failed == 0 and any(_failed(name, phases, pair) for name, phases in tests.items()):
        yield "the session says that nothing failed, and told failures"
    if session.end.lines != session.lines - 1:
        yield f"the session says {session.end.lines} lines came before its end, {session.lines - 1} did"
    if session.end.seconds > done.seconds + SLACK_S:
        yield f"the session says it took {session.end.seconds:g} s, its process ran {done.seconds:.3g} s"


def _failed(name: str, phases: list[Phase], pair: Pair) -> bool:
    """Failed at its last try; the pair is out of the runner's count."""
    last = {phase.when: phase.outcome for phase in phases}
    return "failed" in last.values() and f"{pair.file}::" not in name


def _twice(phases: list[Phase]) -> bool:
    """A test that passed twice; where a first try failed, it is a rerun, and no pass."""
    calls = [phase for phase in phases if phase.made and phase.when == "call"]
    return len(calls) > 1 and all(phase.outcome == "passed" for phase in calls)


def _of_pair(sessions: Iterable[Session], expected: Expected) -> Iterator[str]:
    """A pair whose tests could not be set up says nothing; one that ran must end as it must."""
    good, bad = expected.pair.names
    for session in sessions:
        if session.phases and session.end and session.end.status == 0 and not session.unpaired and not _paired(session, expected.pair):
            yield "the session says that all went well, and the pair of unknown tests was not reported"
        for name, phases in by_test(session).items():
            told = {phase.outcome for phase in phases if phase.when == "call"}
            if name.endswith(f"{expected.pair.file}::{bad}") and told and "failed" not in told:
                yield f"{name}: must fail, and was reported {status(phases)}"
            if name.endswith(f"{expected.pair.file}::{good}") and told and told != {"passed"}:
                yield f"{name}: must pass, and was reported {status(phases)}"


def _paired(session: Session, pair: Pair) -> bool:
    return sum(f"{pair.file}::" in name for name in by_test(session)) > 1


def unproven(heard: Heard, results: Iterable[TestResult], expected: Expected) -> str:
    """Why a reading in which every wanted test passed can't be believed: "" where it can."""
    if not heard.whole:
        return "more was said on the channel than is kept"
    seen = {result.id for result in results}
    if not set(expected.wanted) <= seen:
        return ""
    for session in heard.sessions:
        if session.end is None:
            return "a session of the runner never ended"
        if session.unpaired:
            return f"the pair of unknown tests could not be made: {session.unpaired}"
        if session.phases and not _paired(session, expected.pair):
            return "the pair of unknown tests was not reported"
    return ""


def contradicted(found: Iterable[TestResult], reported: Iterable[TestResult]) -> tuple[str, ...]:
    """Tests that passed on the channel and did not in the runner's own report, where that names them once."""
    passed = {result.id for result in found if result.status == "passed"}
    said: dict[str, list[str]] = {}
    for result in reported:
        said.setdefault(result.id, []).append(result.status)
    return tuple(
        f"{name}: passed on the channel, {told[0]} in the report"
        for name, told in said.items()
        if name in passed and len(told) == 1 and told[0] != "passed"
    )
