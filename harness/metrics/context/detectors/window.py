"""What the server did to the view: A1 prompt cut, A2 messages dropped, A3 shifted while it wrote, A4 refused; A5 reloaded, A6 read again, A7 thinking lost.

Reads the ledger's cuts (counts, independent counts, refusals) and the server's own times. A1 to A3 took something from sight: their
mechanism is eviction by definition and needs no replay. A4 was said aloud and the agent heard it. Known false positives: A6 is told by
the time of reading where the server counts no cached tokens, and a machine that is busy with something else reads slowly, too; none is
known of A1 to A4. Known lateness: what an A2 takes may be so little that the count does not fall; without an independent count it is told at the
next prompt that shows it, a few turns on. The tolerance stays: templates that render their own words anew save as much.
Scorecard: found A1 200 of 200, A2 200 of 200, A3 200 of 200, A4 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding, Mechanism, Status
from harness.metrics.context.ledger import Cut
from harness.metrics.context.scene import Scene, Turn

KINDS = ("A1", "A2", "A3", "A4", "A5", "A6", "A7")
VERSION = 1
TO_TARGET = frozenset({"A1", "A2", "A3", "A4"})
TOOK = frozenset({"A1", "A2", "A3"})
RELOAD_S = 1.0
"""Loading takes milliseconds for a model in memory; a second is a new load (as the adapter's own warning has it)."""
WORTH_S = 0.5
"""A shorter reading says nothing of what was cached."""
AGAIN = 0.5
"""Share of the last prompt that must have been cached for it not to count as read again."""
CLOSE = 0.7
"""Share of a whole reading's time, at the pace of the trial's new words, that counts as one."""
NEW = 64
"""New tokens that a pace can be taken from."""


def find(scene: Scene) -> Iterator[Finding]:
    """In the order of the turns, each known at its own turn's end."""
    cuts: dict[int, list[Cut]] = {}
    for cut in scene.ledger.cuts:
        cuts.setdefault(cut.turn, []).append(cut)
    before: Turn | None = None
    pace: float | None = None
    for turn in scene.turns:
        for cut in cuts.get(turn.number, []):
            took = cut.kind in TOOK
            detail = f"{cut.detail} ({'as the arm declares' if cut.declared else 'undeclared'}){_gone(scene, cut)}" if took else cut.detail
            yield Finding(
                cut.kind, "", turn.number, turn.number, turn.number, detail, cut.evidence, fill=turn.fill, status=Status.CONFIRMED,
                mechanism=Mechanism.EVICTION if took else None, tokens=cut.tokens, lost=scene.ledger.lost(turn.number) if took else (),
            )  # fmt: skip
        yield from _reload(before, turn)
        yield from _again(before, turn, pace)
        yield from _thinking(scene, turn)
        pace = _pace(before, turn, pace)
        before = turn if turn.prompt is not None else before


def _gone(scene: Scene, cut: Cut) -> str:
    """Tokens and items that went with it, stated ones before those that a machine found; a few by name, for all of them stand in the finding."""
    stated = {item.id for item in scene.manifest.items}
    lost = sorted(scene.ledger.lost(cut.turn), key=lambda name: name not in stated)
    tokens = f"; {cut.tokens:,} tokens" if cut.tokens is not None else ""
    rest = f" and {len(lost[3:])} more" if lost[3:] else ""
    return tokens + (f"; gone from sight: {', '.join(lost[:3])}{rest}" if lost else "")


def _reload(before: Turn | None, turn: Turn) -> Iterator[Finding]:
    load = turn.replied.timing.load if turn.replied else None
    if before is not None and load is not None and load > RELOAD_S:
        yield _told("A5", turn, f"the server spent {load:.1f} s loading the model between turns", turn.prompt)


def _again(before: Turn | None, turn: Turn, pace: float | None) -> Iterator[Finding]:
    prefill = turn.replied.timing.prefill if turn.replied else None
    if before is None or not _grew(before, turn) or prefill is None or prefill < WORTH_S or before.prompt is None or turn.prompt is None:
        return
    if turn.cached is not None:
        if turn.cached < AGAIN * before.prompt:
            yield _told("A6", turn, f"only {turn.cached} of {before.prompt} earlier prompt tokens were cached", before.prompt - turn.cached)
    elif pace is not None and turn.prompt > 4 * (turn.prompt - before.prompt) and prefill > CLOSE * pace * turn.prompt:
        words = f"reading took {prefill:.1f} s, as long as the whole prompt takes: its beginning was read again"
        yield _told("A6", turn, words, before.prompt, Status.CANDIDATE)


def _thinking(scene: Scene, turn: Turn) -> Iterator[Finding]:
    if turn.replied is None or turn.replied.thinking_kept is not False:
        return
    shown = [scene.words[part] for part in turn.view if part in scene.words and scene.words[part].kind == "thinking"]
    tokens = sum(words.tokens for words in shown)
    yield _told("A7", turn, "earlier thinking was sent back and is not in the prompt that the model was given", tokens)


def _told(kind: str, turn: Turn, words: str, tokens: int | None, status: Status = Status.CONFIRMED) -> Finding:
    return Finding(kind, "", turn.number, turn.number, turn.number, words, turn.seqs[:1], fill=turn.fill, status=status, tokens=tokens)


def _grew(before: Turn, turn: Turn) -> bool:
    return turn.view[: len(before.view)] == before.view


def _pace(before: Turn | None, turn: Turn, pace: float | None) -> float | None:
    """Seconds of reading per new token, from turns that only added words."""
    prefill = turn.replied.timing.prefill if turn.replied else None
    if before is None or before.prompt is None or turn.prompt is None or not prefill or not _grew(before, turn):
        return pace
    fresh = turn.prompt - before.prompt
    slow = pace is not None and prefill > CLOSE * pace * turn.prompt and turn.prompt > 4 * fresh
    return pace if fresh < NEW or slow else prefill / fresh
