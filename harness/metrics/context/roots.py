"""Links findings to the one that they follow from, so that a loss counts once; pure, one pass.

A finding follows from an earlier one of the same precedence or a higher one, at most six turns before it, that shares an item, a file or
a milestone with it. The link goes to the end of the chain. Nothing is dropped: roots are the findings with `root` "", the total is all.
A root is known no later than what follows from it, so that a live reading and a later one agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from harness.core.findings import Finding
from harness.core.memory import Milestone
from harness.metrics.context.kept.placed import scope
from harness.metrics.context.predicates.globs import plain
from harness.metrics.context.scene import Scene

REACH = 6
"""Turns between onsets: what comes later has had time for causes of its own."""
PRECEDENCE = ("A", "B", "LCD", "G", "I", "E", "F", "H", "J", "K")
RANK = {letter: rank for rank, letters in enumerate(PRECEDENCE) for letter in letters}
MARKED = ("file:", "edit:", "name:", "result:", "sentence:")
"""Beginnings of items that were found by machine."""


class _Latest(msgspec.Struct, frozen=True):
    """The latest finding of one rank on a topic: when it began, when it is known, and the end of its chain."""

    onset: int
    known: int
    root: str


def rooted(findings: Iterable[Finding], scene: Scene) -> tuple[Finding, ...]:
    """Linked, in order of turns."""
    milestones = {one.id: one for one in scene.manifest.milestones}
    latest: dict[str, dict[int, _Latest]] = defaultdict(dict)
    done: list[Finding] = []
    for finding in sorted(findings, key=_cause):
        about = topics(finding, milestones)
        root = _root(finding, [latest[topic] for topic in about if topic in latest])
        mark = _Latest(finding.onset, finding.known, root or finding.name)
        for topic in about:
            latest[topic][rank(finding)] = mark
        done.append(msgspec.structs.replace(finding, root=root))
    return tuple(sorted(done, key=order))


def order(finding: Finding) -> tuple[object, ...]:
    """Findings as they are listed."""
    return finding.turn, finding.onset, finding.kind, finding.item, finding.known, finding.detail


def rank(finding: Finding) -> int:
    """0 for what may be the cause of anything."""
    return RANK.get(finding.kind[:1], len(PRECEDENCE))


def _cause(finding: Finding) -> tuple[object, ...]:
    """What may be a cause comes before what may follow from it."""
    return finding.onset, rank(finding), finding.known, *order(finding)


def topics(finding: Finding, milestones: Mapping[str, Milestone]) -> tuple[str, ...]:
    """Items, files and milestones that it is about: its item's, those that it lost, and what a milestone rests upon and looks at."""
    found: dict[str, None] = {}
    for item in (finding.item, *finding.lost):
        bare = next((item.removeprefix(mark) for mark in MARKED if item.startswith(mark)), item)
        path = bare.partition("::")[0]
        path = path.rpartition("@")[0] if item.startswith("edit:") else path
        found |= dict.fromkeys((item, path))
        milestone = milestones.get(item)
        if milestone is not None:
            found |= dict.fromkeys((*milestone.items, *(glob for glob in scope(milestone) if plain(glob))))
    return tuple(topic for topic in found if topic)


def _root(finding: Finding, shared: list[dict[int, _Latest]]) -> str:
    """Of what shares a topic, the one of highest precedence, then the earliest."""
    fit = [
        (own, late.onset, late.root) for ranks in shared for own, late in ranks.items()
        if own <= rank(finding) and finding.onset - late.onset <= REACH and late.known <= finding.known
    ]  # fmt: skip
    return min(fit)[2] if fit else ""
