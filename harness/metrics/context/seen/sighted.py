"""A finding with what the ledger knows of its item at its onset, and whether the view at a turn is known or only inferred."""

from __future__ import annotations

import msgspec

from harness.core.findings import Finding
from harness.metrics.context.scene import Scene


def sighted(scene: Scene, finding: Finding, *items: str) -> Finding:
    """With the sight of the first of `items` that the ledger follows, else of the finding's own item, at its onset.

    Where it follows none of them, visibility and distance stay as they are.
    """
    item = next((item for item in (*items, finding.item) if item in scene.ledger.items), None)
    if item is not None:
        sight = scene.ledger.sight(item, finding.onset)
        return msgspec.structs.replace(
            finding, visible=sight.visible, distance=sight.distance, apart=sight.apart, fill=sight.fill, inferred=sight.inferred
        )
    return msgspec.structs.replace(finding, fill=scene.turn(finding.onset).fill, inferred=inferred(scene, finding.onset))


def of_request(scene: Scene, finding: Finding, stage: int) -> Finding:
    """With the sight of the request's own words at the finding's onset, where the record holds them."""
    given = next(((message, first) for index, message, first in scene.requests if index == stage), None)
    view = scene.turn(finding.onset).view
    if given is None or not view:
        return finding
    cut = cut_at(scene).get(finding.onset, frozenset())
    at = [k for k, part in enumerate(view) if part not in cut and part in scene.words and scene.words[part].message == given[0]]
    distance = sum(scene.words[part].tokens for part in view[at[-1] + 1 :] if part in scene.words) if at else None
    return msgspec.structs.replace(finding, visible=bool(at), distance=distance, apart=finding.onset - given[1] if at else None)


def inferred(scene: Scene, turn: int) -> bool:
    """Whether what the server made of the view sent at this turn is not known. A ledger without items can't tell: False."""
    item = next(iter(scene.ledger.items), None)
    return item is not None and scene.ledger.sight(item, turn).inferred


def cut_at(scene: Scene) -> dict[int, frozenset[str]]:
    """Parts that were sent but lost on the server, by turn."""
    lost: dict[int, frozenset[str]] = {}
    for cut in scene.ledger.cuts:
        lost[cut.turn] = lost.get(cut.turn, frozenset()) | frozenset(cut.parts)
    return lost


def due(scene: Scene, turn: int) -> int | None:
    """The turn at whose end something that is awaited until `turn` is known; the last one where the conversation ended before, None if neither."""
    if turn <= len(scene.turns):
        return turn
    return len(scene.turns) if scene.stop is not None else None


def entries(scene: Scene, turn: int, *seqs: int) -> tuple[int, ...]:
    """Evidence in order, without the zeros of what no call did; the turn's own question where nothing is left."""
    return tuple(sorted({seq for seq in seqs if seq})) or (scene.turn(turn).seq,)
