"""Whether what was planted is what the record shows: read from the trace and its trees, without any detector."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.events import TreeSeen
from harness.corpus.playing import Played
from harness.corpus.resolving import Stood, stood
from harness.corpus.script import Called, Proof, Shown, Viewed
from harness.metrics.context.scene import Turn

MISSES = frozenset({"stale", "missed"})


def faults(played: Played) -> tuple[str, ...]:
    """A sentence for everything in which the run is not what its case says; () where it is."""
    return (*_whole(played), *(sentence for each in stood(played) for sentence in _truth(each, played)))


def _whole(played: Played) -> Iterator[str]:
    """The script was played to its end, unless a refusal ended it; and every turn of it is one of the trial."""
    scene = played.scene
    if scene.stop is None:
        yield "the conversation did not end"
    refused = any(each.truth.when == "refused" for each in stood(played))
    missing = [say.name for say in played.case.base.says if say.name not in played.turns]
    if missing and not refused:
        yield f"the turns {', '.join(missing[:5])} were not played"
    for say in played.case.base.says:
        calls = scene.turn(played.turns[say.name]).calls if say.name in played.turns else ()
        if say.mark not in MISSES and any(did.name in ("write", "replace") and not did.ok for did in calls):
            yield f"an edit of {say.name} missed"
    if not any(isinstance(entry.event, TreeSeen) for entry in played.trace):
        yield "no tree was recorded"


def _truth(each: Stood, played: Played) -> Iterator[str]:
    if not each.onset:
        yield f"{each.truth.kind} never came about"
        return
    for proof in each.truth.proofs:
        if not _holds(proof, each, played):
            yield f"{each.truth.kind}: {proof} does not hold"


def _holds(proof: Proof, each: Stood, played: Played) -> bool:
    scene = played.scene
    match proof:
        case Shown(say, path, has, lacks):
            lines = _file(scene.turn(played.turns[say]), path, played)
            return (not has or has in lines) and (not lacks or lacks not in lines)
        case Called(say, tool, ok):
            return any(did.name == tool and did.ok == ok for did in scene.turn(played.turns[say]).calls)
        case Viewed(words, there):
            shown = any(words in scene.words[part].text for part in scene.turn(each.onset).view if part in scene.words)
            return shown == there


def _file(turn: Turn, path: str, played: Played) -> list[str]:
    oid = played.scene.trees.files(turn.tree).get(path)
    return [] if oid is None else played.scene.trees.content(oid).decode("utf-8", "replace").splitlines()
