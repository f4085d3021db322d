"""Links findings to the one that they follow from, so that a loss counts once; pure, one pass.

A finding follows from an earlier one of the same precedence or a higher one, at most six turns before it, that shares an item, a file or
a milestone with it. How work was handed back (H) is seen at the end of a request whose length says nothing about causes: it follows, however
late, from what became of its milestone itself, from the loss of an item that this rests upon within its own request, and from what became of the
milestones that it depends on and that were last seen not to hold. The link goes to the end of the chain. Nothing is dropped: roots are the findings with `root` "", the total is all.
A root is known no later than what follows from it, so that a live reading and a later one agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from harness.core.findings import Finding, Reached
from harness.core.memory import Milestone
from harness.metrics.context.kept.missed import outcomes, standing
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
    """The latest finding of one rank on a topic: when it began, when it is known, the end of its chain, and the request it showed in."""

    onset: int
    known: int
    root: str
    stage: int


Reachable: TypeAlias = tuple[tuple[int, _Latest], int | None]
"""The latest finding of a rank, and how many turns may lie between it and what follows from it; None for any number."""


def rooted(findings: Iterable[Finding], scene: Scene) -> tuple[Finding, ...]:
    """Linked, in order of turns."""
    milestones = {one.id: one for one in scene.manifest.milestones}
    latest: dict[str, dict[int, _Latest]] = defaultdict(dict)
    done: list[Finding] = []
    held, stages = outcomes(scene), {turn.number: turn.stage for turn in scene.turns}
    for finding in sorted(findings, key=_cause):
        about = topics(finding, milestones)
        near: list[Reachable] = [(late, REACH) for topic in about if topic in latest for late in latest[topic].items()]
        rests = _rests(finding, milestones, held)
        far: list[Reachable] = [(late, None) for topic, stage in rests for late in latest.get(topic, {}).items() if stage in (0, late[1].stage)]
        root = _root(finding, near + far)
        mark = _Latest(finding.onset, finding.known, root or finding.name, stages.get(finding.turn, 0))
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


def _rests(finding: Finding, milestones: Mapping[str, Milestone], held: Mapping[str, tuple[Reached, ...]]) -> Iterator[tuple[str, int]]:
    """(topic, request that a loss of it must have shown in, 0 for any) of what a milestone that was handed back unmet rests upon."""
    ahead = [milestones[finding.item]] if finding.kind[:1] == "H" and finding.item in milestones else []
    seen: set[str] = set()
    while ahead:
        one = ahead.pop()
        seen.add(one.id)
        yield one.id, 0
        yield from ((item, one.stage) for item in one.items)
        unmet = (name for name in one.depends if name in milestones and name not in seen and standing(held.get(name, ()), finding.turn) is False)
        ahead += [milestones[name] for name in unmet]


def _root(finding: Finding, shared: Iterable[Reachable]) -> str:
    """Of what shares a topic, the one of highest precedence, then the earliest."""
    fit = [
        (own, late.onset, late.root) for (own, late), reach in shared
        if own <= rank(finding) and late.known <= finding.known and late.root != finding.name
        and (reach is None or finding.onset - late.onset <= reach)
    ]  # fmt: skip
    return min(fit)[2] if fit else ""
