"""Detects looking again at what is known: E1 the same observation still stands in the view, E2 it stood there once and was cleared since.

Inputs: calls with arguments, trees before and after, digests of outputs; the view of the turn; the server's cuts; the tokens of parts.
Two observations are the same when path or command, the watched files (else the whole tree) all the while in between, and the output agree;
and a reading of lines is the same as one earlier look by the same tool that showed all of them of the same content.
Silent: an agent that asks nobody, which has no view; waits, polls, empty outputs, failures; and E3, justified: something changed meanwhile;
a look after a failed edit; what the request names and wants several times; the first re-run of failing tests; tests and `git status` at a new request; a look at a file of long ago or of an
earlier request right before it is edited; some of the lines of an earlier look right before that, however long ago: who is about to change
them narrows down.
Known false positives: a model that reads a file once more on purpose to have it near the end of a long prompt; a file outside the tree
(/tmp) that changed and was changed back. Known misses: lines that only several earlier looks together have shown; another tool or command that shows the same lines.
Only E1 is a candidate for retention; E2 is a cost of clearing.
Scorecard: found E1 200 of 200, E2 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator

import msgspec

from harness.core.chat import PartId
from harness.core.findings import Finding
from harness.metrics.context.done import commands, runners
from harness.metrics.context.scene import Did, Scene, Turn
from harness.metrics.context.seen.looks import Look, covers, looks
from harness.metrics.context.seen.sighted import cut_at, due, sighted
from harness.metrics.context.seen.wished import repeating

KINDS: tuple[str, ...] = ("E1", "E2")
VERSION = 5
TO_TARGET: frozenset[str] = frozenset({"E1"})
FAR = 5
"""Turns after which a second look right before an edit is care, not waste: `replace` wants the passage character for character."""
SOON = 3
"""Turns within which that edit must follow; a look and its edit are one to three steps of the same thought."""
NOTHING = hashlib.sha256(b"").hexdigest()
VIEWERS = frozenset({"cat", "head", "tail", "nl", "wc", "grep", "less", "more", "sed"})
"""Programs that show the files they name and no others."""
KEPT = 40
"""Looks at one file that a further one is held against, the latest: no one keeps more pieces of a file apart."""


class Looked(msgspec.Struct, frozen=True):
    """One observation. `paths`: the files watched, () for the whole tree; `at`: where its tree stands in the walk; `order`: of the call;
    `look`: the lines it showed, None where they can't be told or some were left out; `part`: what showed it; `partial`: only some of the lines of
    the earlier look were asked for.
    """

    turn: int
    stage: int
    did: Did
    part: PartId
    paths: tuple[str, ...]
    at: int
    order: int
    times: int = 1
    look: Look | None = None
    partial: bool = False


class Walk(msgspec.Struct):
    """The pass so far: trees in order, the last look by what was looked at, the looks at each file's lines, the last edit of each path that failed."""

    trees: list[str]
    looks: dict[tuple[str, str, str], Looked]
    missed: dict[str, int]
    outputs: dict[str, PartId]
    shown: dict[tuple[str, str], list[Looked]] = msgspec.field(default_factory=dict)
    order: int = 0


def find(scene: Scene) -> Iterator[Finding]:
    """E1 and E2 in the order of the turns, at most one a turn for each path and one for all commands."""
    cuts = cut_at(scene)
    outputs = {words.call: words.id for words in reversed(tuple(scene.words.values())) if words.kind == "output"}
    walk = Walk([scene.base], {}, {}, outputs)
    wished = repeating(scene)
    for turn in scene.turns:
        told: set[str] = set()
        for did in turn.calls:
            pair = _step(scene, walk, turn, did, cuts.get(turn.number, frozenset()))
            if pair is None or not turn.view or commands.path(did) in told or _wanted(did, wished.get(turn.stage, "")):
                continue
            finding = _finding(scene, pair, turn, cuts.get(turn.number, frozenset()))
            if finding is not None:
                told.add(finding.item)
                yield finding


def _wanted(did: Did, wished: str) -> bool:
    """Whether the request, which asks for repetition, names this very command or path."""
    line = commands.path(did) or commands.command(did).strip()
    return bool(wished and line) and line in wished


def _step(scene: Scene, walk: Walk, turn: Turn, did: Did, cut: frozenset[str]) -> tuple[Looked, Looked] | None:
    """Take a call into the walk; the earlier look and this one, where this one repeats it without a reason."""
    walk.order += 1
    for tree in (did.before, did.after):
        if tree != walk.trees[-1]:
            walk.trees.append(tree)
    _note_miss(walk, did)
    if not commands.observes(did) or not did.before or did.digest.endswith(NOTHING):
        return None
    key = (did.name, commands.path(did) or commands.command(did).strip(), did.digest)
    now = Looked(
        turn.number, turn.stage, did, _part(scene, walk, did), _watched(scene, did), len(walk.trees) - 1, walk.order, look=_look(did)
    )
    before = walk.looks.get(key)
    same = before is not None and _same(scene, walk, before, now)
    walk.looks[key] = msgspec.structs.replace(now, times=before.times + 1) if before is not None and same else now
    wider = _wider(scene, walk, now, frozenset(turn.view) - cut)
    if before is None or not same:
        before, now = wider, msgspec.structs.replace(now, partial=True)
    return (before, now) if before is not None and not _justified(walk, before, now) else None


def _look(did: Did) -> Look | None:
    """The lines of the one file that a call showed."""
    found = looks(did)
    return found[0] if len(found) == 1 and found[0].whole else None


def _wider(scene: Scene, walk: Walk, now: Looked, view: frozenset[str]) -> Looked | None:
    """An earlier look that showed all of these lines, one in the view before one that is not; takes this one into the walk."""
    if now.look is None or not now.paths:
        return None
    held = walk.shown.setdefault((now.did.name, now.look.path), [])
    if held and (held[-1].paths != now.paths or not _unchanged(scene, walk, held[-1], now)):
        held.clear()
    del held[:-KEPT]
    wide = [each for each in held if each.look is not None and covers(each.look, now.look) and each.turn < now.turn]
    held.append(now)
    return next((each for each in reversed(wide) if each.part in view), wide[-1] if wide else None)


def _note_miss(walk: Walk, did: Did) -> None:
    if did.name in commands.EDITS and not did.ok:
        walk.missed[commands.path(did)] = walk.order
    elif commands.failed(did) and any(word in commands.command(did) for word in ("patch", "git apply", "sed -i")):
        walk.missed[""] = walk.order


def _part(scene: Scene, walk: Walk, did: Did) -> PartId:
    """The part that showed the output to the model."""
    words = scene.words.get(did.part)
    return did.part if words is not None and words.kind != "call" else walk.outputs.get(did.id, did.part)


def _watched(scene: Scene, did: Did) -> tuple[str, ...]:
    """The files of the tree whose content alone decides what is shown; () where any file may."""
    files = scene.trees.files(did.before)
    if did.name == "read":
        return (commands.path(did),) if commands.path(did) in files else ()
    words = commands.command(did).split()
    if not words or words[0] not in VIEWERS or set(";&|><$`*?") & set(commands.command(did)):
        return ()
    named = tuple(posixpath.normpath(word.strip("'\"")) for word in words[1:])
    return tuple(path for path in named if path in files)


def _same(scene: Scene, walk: Walk, before: Looked, now: Looked) -> bool:
    """The same output of the same state, which did not change and change back in between."""
    elsewhere = now.did.name == "shell" and before.did.output != now.did.output  # the folder that it ran in ends it
    if before.turn == now.turn or before.paths != now.paths or elsewhere:
        return False
    return before.at == now.at if not now.paths else _unchanged(scene, walk, before, now)


def _unchanged(scene: Scene, walk: Walk, before: Looked, now: Looked) -> bool:
    """No tree in between has other content of the files that were looked at."""
    return len({_blobs(scene, tree, now.paths) for tree in walk.trees[before.at : now.at + 1] if tree}) == 1


def _blobs(scene: Scene, tree: str, paths: tuple[str, ...]) -> tuple[str | None, ...]:
    files = scene.trees.files(tree)
    return tuple(files.get(path) for path in paths)


def _justified(walk: Walk, before: Looked, now: Looked) -> bool:
    names = (commands.path(now.did) or commands.command(now.did), "")
    missed = (order for path, order in walk.missed.items() if not path or path in names[0])
    if any(before.order < order < now.order for order in missed):
        return True
    if commands.asks_state(now.did) and before.stage != now.stage:
        return True
    return runners.tests(now.did) and commands.failed(now.did) and before.times == 1


def _finding(scene: Scene, pair: tuple[Looked, Looked], turn: Turn, cut: frozenset[str]) -> Finding | None:
    """None where it is not known yet, or is a look before an edit."""
    before, now = pair
    careful = now.partial or now.turn - before.turn >= FAR or before.stage != now.stage
    if careful and now.paths and _edited(scene, now):
        return None
    known = due(scene, now.turn + SOON) if careful and now.paths else now.turn
    if known is None:
        return None
    visible = before.part in turn.view and before.part not in cut
    words = scene.words.get(before.part)  # the same words as this output, which nobody has counted yet
    path = commands.path(now.did)
    finding = Finding(
        "E1" if visible else "E2", path, now.turn, now.turn, known,
        f"{path or commands.command(now.did).strip() or now.did.name} was seen at turn {before.turn} and has not changed since",
        (before.did.seq, now.did.seq), tokens=words.tokens if words is not None else None,
    )  # fmt: skip
    distance = _distance(scene, turn, before.part) if visible else None
    return msgspec.structs.replace(sighted(scene, finding), visible=visible, distance=distance, apart=now.turn - before.turn)


def _edited(scene: Scene, now: Looked) -> bool:
    """Whether a call after the look changes, or tries to change, one of its files within SOON turns."""
    calls = [did for turn in scene.turns[now.turn - 1 : now.turn + SOON] for did in turn.calls]
    later = calls[calls.index(now.did) + 1 :]
    return any((did.name in commands.EDITS and commands.path(did) in now.paths) or _changes(scene, did, now.paths) for did in later)


def _changes(scene: Scene, did: Did, paths: tuple[str, ...]) -> bool:
    return did.before != did.after and bool(did.after) and _blobs(scene, did.before, paths) != _blobs(scene, did.after, paths)


def _distance(scene: Scene, turn: Turn, part: PartId) -> int:
    """Tokens from the end of the part to the end of the prompt."""
    after = turn.view[turn.view.index(part) + 1 :]
    return sum(scene.words[ident].tokens for ident in after if ident in scene.words)
