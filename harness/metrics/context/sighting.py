"""Fills into a finding what the model could see of its item when it went wrong; pure."""

from __future__ import annotations

import msgspec

from harness.core.findings import Finding
from harness.metrics.context.scene import Scene
from harness.metrics.context.sighted import inferred


def sighted(finding: Finding, scene: Scene, *items: str) -> Finding:
    """With the sight of the first of `items` that the ledger knows (else of the finding's own item), at its onset."""
    known = scene.ledger.items
    item = next((item for item in (*items, finding.item) if item in known), None)
    if item is None:
        return msgspec.structs.replace(finding, fill=scene.turn(finding.onset).fill, inferred=inferred(scene, finding.onset))
    sight = scene.ledger.sight(item, finding.onset)
    return msgspec.structs.replace(
        finding, visible=sight.visible, distance=sight.distance, apart=sight.apart, fill=sight.fill, inferred=sight.inferred,
    )  # fmt: skip


def entries(scene: Scene, turn: int, *seqs: int) -> tuple[int, ...]:
    """Evidence in order, without the zeros of what no call did; the turn's own question where nothing is left."""
    return tuple(sorted({seq for seq in seqs if seq})) or (scene.turn(turn).seq,)
