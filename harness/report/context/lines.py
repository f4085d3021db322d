"""Findings of a population by kind and class: how many, what became of them, why, and per 100 of what they are counted against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harness.core.findings import Finding, Status
from harness.metrics.context.account import Account
from harness.metrics.statistics.floors import Rate, rate
from harness.report.context import kinds

UNKNOWN = "-"
"""The mechanism of what no replay has decided."""


class Line(msgspec.Struct, frozen=True):
    """`total`: all findings; `roots`: those that follow from no other. `candidate` to `undecided`: roots by status. `mechanisms`: roots by why,
    "-" where no replay has decided. `hidden`: roots that no replay has rejected and whose item was not in the view. `rate`: roots that no replay has rejected per one of `of`.
    """

    kind: str
    words: str
    headline: bool
    total: int
    roots: int
    candidate: int
    confirmed: int
    rejected: int
    undecided: int
    mechanisms: dict[str, int]
    hidden: int
    trials: int
    tasks: int
    of: str
    rate: Rate


class Seen(msgspec.Struct, frozen=True):
    """A finding with its trial."""

    account: Account
    finding: Finding


class Split(msgspec.Struct, frozen=True):
    """Findings that count, and those told apart."""

    counted: tuple[Seen, ...]
    unvalidated: tuple[Seen, ...]
    interludes: tuple[Seen, ...]


def split(accounts: Iterable[Account]) -> Split:
    """Of items that nobody validated, and across an interlude: apart. Of a trial that an undeclared cut broke, what the server did alone."""
    sorted_: tuple[list[Seen], list[Seen], list[Seen]] = ([], [], [])
    for account in accounts:
        loose = {item.id for item in account.items if not item.validated}
        aside = {(each.item, each.turn) for each in account.chances if each.aside}
        for finding in account.findings:
            if account.broken and finding.kind[:1] != "A":
                continue
            crossed = finding.kind[:1] in "CDL" and bool({(finding.item, finding.turn), (finding.item, finding.onset)} & aside)
            sorted_[1 if finding.item in loose else 2 if crossed else 0].append(Seen(account, finding))
    return Split(*(tuple(each) for each in sorted_))


def own(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The losses of one trial, each once and without a root. What follows from another loss is counted with that one; what follows from nothing
    but a cut or a clearing (A, B) is counted, once for each item that went with it: it is how an eviction shows. The first of these that no replay
    has rejected stands for them.
    """
    told: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        if finding.kind in kinds.LOSSES and (not finding.root or finding.root[:1] in "AB"):
            before = told.setdefault((finding.root or finding.name, finding.item), finding)
            if before.status is Status.REJECTED and finding.status is not Status.REJECTED:
                told[finding.root or finding.name, finding.item] = finding
    return tuple(msgspec.structs.replace(each, root="") for each in told.values())


def lost(account: Account, good: frozenset[str]) -> tuple[Finding, ...]:
    """Its own losses that count: of kinds in good standing and validated items, across no interlude, of no trial that an undeclared cut broke."""
    return own(each.finding for each in split((account,)).counted if each.finding.kind in good)


def by_kind(seen: Iterable[Seen], accounts: Sequence[kinds.Ready], good: frozenset[str]) -> tuple[Line, ...]:
    """One line for each kind that was found, in order."""
    held: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        held[each.finding.kind].append(each)
    return tuple(line(kind, kinds.words(kind), held[kind], against(kind, accounts), headline=kind in good) for kind in sorted(held))


def against(kind: str, accounts: Sequence[kinds.Ready]) -> tuple[tuple[str, int], ...]:
    """(task, how many) of each trial of what findings of this kind are counted against."""
    word = kinds.against(kind)
    return tuple((each.account.task, each.bases[word]) for each in accounts)


def line(name: str, words: str, seen: Sequence[Seen], of: Sequence[tuple[str, int]], *, headline: bool) -> Line:
    """`of`: as `against` has it."""
    roots = [each for each in seen if not each.finding.root]
    statuses = Counter(each.finding.status for each in roots)
    mechanisms = Counter(str(each.finding.mechanism or UNKNOWN) for each in roots)
    word = kinds.against(name)
    hits = Counter(each.account.task for each in roots if each.finding.status is not Status.REJECTED)
    return Line(
        name, words, headline, len(seen), len(roots),
        statuses[Status.CANDIDATE], statuses[Status.CONFIRMED], statuses[Status.REJECTED], statuses[Status.UNDECIDED],
        dict(sorted(mechanisms.items())), sum(each.finding.visible is False and each.finding.status is not Status.REJECTED for each in roots),
        len({(each.account.task, each.account.trial) for each in seen}), len({each.account.task for each in seen}), word, rate(tuple(_counts(hits, of))),
    )  # fmt: skip


def _counts(hits: Mapping[str, int], of: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """(task, hits, of): a task in which something was lost more often than it was counted had that many."""
    sums: Counter[str] = Counter()
    for task, count in of:
        sums[task] += count
    for task in sorted({*sums, *hits}):
        yield task, hits.get(task, 0), max(sums[task], hits.get(task, 0))
