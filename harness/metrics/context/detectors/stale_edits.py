"""Detects edits of a passage that the agent itself has replaced already (G4): it works on a file as it was, not as it is.

Inputs: failed calls of `replace`, the recorded versions of the file, who made the difference that took the passage away; the ledger's
sight of that edit. The passage must stand in an earlier version, character for character, and not in the present one. One finding for
a burst: tries of the same file against the same vanished version count once.

Known false positives: a passage copied from elsewhere that happens to equal one it replaced. Passages that no version ever held (white space, escapes, slips of the pen), passages
that occur several times, differences by formatters or by others, and two edits in one reply, the second of which could not know what
came of the first, are silent.
Scorecard: found G4 255 of 255; precision 1.000; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding
from harness.metrics.context.done.history import Change, history
from harness.metrics.context.done.pathnames import inside
from harness.metrics.context.scene import Did, Scene, Turn
from harness.metrics.context.seen.sighted import entries, sighted

KINDS: tuple[str, ...] = ("G4",)
VERSION = 3
TO_TARGET: frozenset[str] = frozenset(KINDS)


def find(scene: Scene) -> Iterator[Finding]:
    """In order of calls."""
    told: set[tuple[str, int, str]] = set()
    for turn in scene.turns:
        for did in turn.calls:
            found = _stale(scene, turn, did) if did.name == "replace" and not did.ok and not did.problem else None
            now = _now(scene, did, found) if found else ""
            if found and (found.path, found.seq, now) not in told:
                told.add((found.path, found.seq, now))
                yield _finding(scene, turn, did, found)


def _stale(scene: Scene, turn: Turn, did: Did) -> Change | None:
    """The agent's change that took away what this call looks for."""
    path, old = ((did.arguments or {}).get(name) for name in ("path", "old"))
    files = scene.trees.files(did.before) if did.before else {}
    name = inside(path, files) if isinstance(path, str) else ""
    if not name or not isinstance(old, str) or not old or _has(scene, files[name], old):
        return None
    past = [change for change in history(scene).versions.get(name, ()) if change.turn <= turn.number]
    gone = next((change for change in reversed(past) if change.old and _has(scene, change.old, old)), None)
    return gone if gone is not None and gone.author == "agent" and gone.turn < turn.number else None


def _has(scene: Scene, oid: str, text: str) -> bool:
    """As `replace` compares: bytes, CRLF taken for LF."""
    sought = text.encode("utf-8", "replace")
    data = scene.trees.content(oid)
    return sought in data or (b"\r\n" in data and sought.replace(b"\r\n", b"\n") in data.replace(b"\r\n", b"\n"))


def _now(scene: Scene, did: Did, found: Change) -> str:
    return scene.trees.files(did.before).get(found.path, "")


def _finding(scene: Scene, turn: Turn, did: Did, gone: Change) -> Finding:
    detail = f"looks for what its own change at turn {gone.turn} replaced"
    number = turn.number
    found = Finding("G4", gone.path, number, number, number, detail, entries(scene, number, gone.seq, did.seq))
    return sighted(scene, found, f"edit:{gone.path}@{gone.turn}")
