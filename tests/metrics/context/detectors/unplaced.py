"""Findings without their place in a trial: turns told by their stage's name and their offset in it, so that two orders of stages can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from harness.core.findings import Finding, Status
from harness.core.memory import Milestone
from harness.metrics.context.scene import Scene

At = tuple[str, int]
"""A turn: the name of its stage, and its number there, from 0."""


class Told(msgspec.Struct, frozen=True, order=True):
    """A finding in the words of its stage. `item`: a milestone's id with its stage renamed; `detail`: without digits, which tell turns and
    requests; `evidence`: the turns that it lies in; `root`: kind, turn and item of what it follows from, "" where it follows from nothing.
    `known`: no later than the stage's last turn, since a wait in turns may run on into whatever comes next. Left out: distance, turns and
    fill since the item was seen, and tokens, which all hang on what came in between.
    """

    turn: At
    kind: str
    item: str
    onset: At
    known: At
    status: Status
    mechanism: str
    visible: str
    detail: str
    evidence: tuple[At, ...]
    lost: tuple[str, ...]
    root: str


def unplaced(found: Iterable[Finding], scene: Scene, stages: Sequence[str]) -> list[Told]:
    """Sorted. `stages`: their names, in the order in which they were played."""
    ones = tuple(found)
    where = _turns(scene, stages)
    named = {one.id: one for one in scene.manifest.milestones}
    plain = {one.name: (one.kind, _item(one.item, named, stages), where[one.turn]) for one in ones}
    assert len(plain) == len(ones), "two findings of one name"
    holds = {seq: where[turn.number] for turn in scene.turns for seq in range(turn.seqs[0], turn.seqs[1] + 1)}
    return sorted(_told(one, plain, where, holds) for one in ones)


def _turns(scene: Scene, stages: Sequence[str]) -> dict[int, At]:
    first: dict[int, int] = {}
    for turn in scene.turns:
        first.setdefault(turn.stage, turn.number)
    return {turn.number: (stages[turn.stage - 1], turn.number - first[turn.stage]) for turn in scene.turns}


def _item(item: str, milestones: Mapping[str, Milestone], stages: Sequence[str]) -> str:
    one = milestones.get(item)
    return item if one is None else f"{stages[one.stage - 1]}.{one.point.partition('.')[2]}"


def _told(one: Finding, plain: Mapping[str, tuple[str, str, At]], where: Mapping[int, At], holds: Mapping[int, At]) -> Told:
    kind, item, turn = plain[one.name]
    ends = dict(where.values())
    known = where[one.known] if where[one.known][0] == turn[0] else (turn[0], ends[turn[0]])
    evidence = tuple(sorted({holds[seq] for seq in one.evidence}))
    detail, root = re.sub(r"\d+", "#", one.detail), _name(*plain[one.root]) if one.root else ""
    return Told(turn, kind, item, where[one.onset], known, one.status, str(one.mechanism), str(one.visible), detail, evidence, one.lost, root)


def _name(kind: str, item: str, turn: At) -> str:
    return f"{kind}@{turn[0]}+{turn[1]}:{item}"
