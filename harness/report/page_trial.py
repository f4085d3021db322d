"""What of each trial goes into a page: a line in its list, and blocks that are read when somebody opens it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from harness.core.events import GradeRan, Trace
from harness.core.task import Check, RewardScript
from harness.core.trial import TestResult, TrialKey
from harness.metrics.row import Row
from harness.metrics.tries import latest, of
from harness.report.detail import Sources, tries
from harness.report.page_redaction import redacted_try
from harness.report.page_wire import sent
from harness.report.page_words import Shelf

BRIEFLY = 3
"""Sentences of a verdict that the list can be searched for; the trial's own view has all."""
LONGEST = 300


def listed(row: Row) -> dict[str, object]:
    """The row as the list needs it."""
    told: dict[str, object] = msgspec.to_builtins(row)
    for name in ("digests", "environment", "task_created", "task_source", "languages", "host", "money"):
        del told[name]
    return told | {"evidence": [sentence[:LONGEST] for sentence in row.evidence[:BRIEFLY]]}


class Order(msgspec.Struct, frozen=True):
    """A trial to be told, with all that its trace does not hold. `wanted`: kind and id of each deciding test."""

    trial: str
    key: TrialKey
    evidence: tuple[str, ...]
    wanted: tuple[tuple[str, str], ...]
    redacted: bool


def order(row: Row, key: TrialKey, check: Check, *, redacted: bool) -> Order:
    """What is needed of row and check; a check's hidden files are not."""
    named = () if isinstance(check, RewardScript) else (("FAIL_TO_PASS", check.fail_to_pass), ("PASS_TO_PASS", check.pass_to_pass))
    return Order(row.trial, key, row.evidence, tuple((kind, name) for kind, names in named for name in names), redacted)


def blocks(wish: Order, trace: Trace, sources: Sources) -> Iterator[tuple[str, object]]:
    """Name and value of each block of a trial: itself, its bodies on the wire, each long text; one at a time. Redacted: figures alone."""
    shelf = Shelf(wish.trial, sources.get)
    if wish.redacted:
        bare = Sources(sources.get, lambda pairs: [_Nothing()] * len(list(pairs)))
        yield wish.trial, {"tries": [msgspec.to_builtins(redacted_try(each)) for each in tries(trace, shelf, bare)], "evidence": [], "tests": []}
        return
    told = [msgspec.to_builtins(each) for each in tries(trace, shelf, sources)]
    yield wish.trial, {"tries": told, "evidence": wish.evidence, "tests": [list(test) for test in deciding(wish.wanted, trace)]}
    bodies = [msgspec.to_builtins(body) for body in sent(trace, sources.get)]
    if bodies:
        yield f"{wish.trial}.wire", bodies
    yield from shelf.rest()


class _Nothing:
    """No difference: a redacted page asks for none."""

    text, total = b"", 0


def deciding(wanted: Sequence[tuple[str, str]], trace: Trace) -> Iterator[tuple[str, str, str, float | None]]:
    """Kind, id, status and seconds of each test that the verdict rests on, those that did not pass first."""
    runs = [run for run in of(latest(trace), GradeRan) if run.phase in ("read", "official")]
    seen: dict[str, list[TestResult]] = {}
    for result in runs[-1].results if runs else ():
        seen.setdefault(result.id, []).append(result)
    if runs:
        yield from sorted((_test(kind, name, seen.get(name, ())) for kind, name in wanted), key=lambda test: test[2] == "passed")


def _test(kind: str, name: str, results: Sequence[TestResult]) -> tuple[str, str, str, float | None]:
    """A name must be reported exactly once: repeats never count as passed."""
    if not results:
        return kind, name, "not reported", None
    if len(results) > 1:
        return kind, name, f"reported {len(results)} times: {', '.join(result.status for result in results)}"[:LONGEST], None
    return kind, name, results[0].status, results[0].seconds
