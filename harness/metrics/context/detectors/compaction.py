"""Detects what a policy's clearing took: B1 an item is gone, B2 stands there with a wrong value, B3 is then violated, asked for or looked up again.

Inputs: the turns before which the agent (or the provider) edited the view, the ledger's sights of manifest items, opportunities, words.
B0, kept apart and no failure: an item that can be had again (`recoverable`) and was seen again within PROMPT turns.
Silent: items out of their validity, never seen, still stated by a summary or kept part, or lost to a cut of the server (class A) alone.
Known false positives: a paraphrase that keeps the meaning without any fingerprint (a recall probe decides); a summary that names a former
value as such while the new one has fallen out. Known misses: a distortion beside an intact copy that is still visible.
Scorecard: found B1 200 of 200, B2 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from harness.core.chat import Origin
from harness.core.findings import Finding
from harness.core.memory import Item
from harness.metrics.context.said.distorted import content, exposes, unbanned, wrong
from harness.metrics.context.scene import Scene, Turn, Words
from harness.metrics.context.seen.sighted import cut_at, due, sighted

KINDS: tuple[str, ...] = ("B0", "B1", "B2", "B3")
VERSION = 3
TO_TARGET: frozenset[str] = frozenset({"B1"})
WINDOW = 10
"""Turns within which a violation, a question or a new look-up is put down to the loss."""
PROMPT = 3
"""Turns within which seeing it again makes the loss a cost alone: one to notice, one to look, one spare."""
ASKED_WORDS = 2
"""Content words that a question must share with an item to be about it."""
PROVIDERS = re.compile(r"applied_edits|clear_tool_uses|cleared_input_tokens|compact_\d|compaction", re.IGNORECASE)
"""How a provider's own clearing shows in the warnings of a reply."""
ARMS = "view "
"""Views that an arm of a replay shows on purpose are treatments, no losses."""
MACHINE = ("file:", "result:", "edit:")
"""Items that every clearing takes on purpose; their share is a statistic, not a finding each."""


def find(scene: Scene) -> Iterator[Finding]:
    """Losses at each policy action, each followed by what came of it."""
    items = {item.id: item for item in scene.manifest.items if not item.id.startswith(MACHINE)}
    cuts = cut_at(scene)
    for turn in scene.turns[1:]:
        if not _acted(turn):
            continue
        fresh = _fresh(scene, turn)
        lost = [items[name] for name in scene.ledger.lost(turn.number) if name in items]
        for item in lost:
            if scene.ledger.valid(item.id, turn.number) and not _by_cut(scene, item, turn, cuts.get(turn.number, frozenset())):
                yield from _told(scene, item, _loss(scene, item, turn, fresh))
        for item in items.values() if fresh else ():
            if item not in lost and scene.ledger.valid(item.id, turn.number):
                yield from _told(scene, item, _without_not(scene, item, turn, fresh))


def _acted(turn: Turn) -> bool:
    warnings = turn.replied.warnings if turn.replied is not None else ()
    return any(not edit.policy.startswith(ARMS) for edit in turn.edits) or any(PROVIDERS.search(warning) for warning in warnings)


def _fresh(scene: Scene, turn: Turn) -> tuple[Words, ...]:
    """What the policy put into the view: stand-ins, and the agent's own new words."""
    new = {name for edit in turn.edits for _, name in edit.replaced}
    shown = (scene.words[part] for part in turn.view if part in scene.words)
    own = (Origin.HARNESS, Origin.MODEL)
    return tuple(words for words in shown if words.turn == turn.number and (words.message in new or words.origin in own))


def _by_cut(scene: Scene, item: Item, turn: Turn, cut: frozenset[str]) -> bool:
    """It was still sent: the server took it, not the policy."""
    sent = (part for part in turn.view if part in cut and part in scene.words)
    return any(exposes(item, scene.words[part].text) for part in sent)


def _loss(scene: Scene, item: Item, turn: Turn, fresh: tuple[Words, ...]) -> Finding | None:
    before = scene.turn(turn.number - 1)
    # A summary is the last turn's own reply before it stands in the view: its words vouch for nothing.
    new = {words.text for words in fresh}
    known = (scene.words[part].text for part in (*before.view, *before.parts) if part in scene.words and scene.words[part].text not in new)
    slip = wrong(item, [words.text for words in fresh], known) if fresh else ""
    at, policy = turn.number, ", ".join(dict.fromkeys(edit.policy for edit in turn.edits)) or "the provider"
    if slip:
        return _made(scene, Finding("B2", item.id, at, at, at, f"after {policy}: {slip}", (turn.seq,)))
    again = None if item.recoverable == "no" else _seen_again(scene, item, at)
    if again is not None:
        return _made(scene, Finding("B0", item.id, at, at, again, f"recovered at turn {again} after {policy}", (turn.seq,)))
    until = at if item.recoverable == "no" else due(scene, at + PROMPT)
    return None if until is None else _made(scene, Finding("B1", item.id, at, at, until, f"gone after {policy}", (turn.seq,)))


def _seen_again(scene: Scene, item: Item, at: int) -> int | None:
    turns = range(at + 1, min(at + PROMPT, len(scene.turns)) + 1)
    return next((turn for turn in turns if scene.ledger.sight(item.id, turn).visible), None)


def _made(scene: Scene, finding: Finding) -> Finding:
    """With the item's distance as it was when it was last seen, a turn before."""
    before = scene.ledger.sight(finding.item, finding.onset - 1)
    made = sighted(scene, finding)
    return made if made.visible else msgspec.structs.replace(made, distance=before.distance, apart=before.apart)


def _without_not(scene: Scene, item: Item, turn: Turn, fresh: tuple[Words, ...]) -> Finding | None:
    """A ban that is told on as if it were leave, with no intact copy beside it."""
    sight = scene.ledger.sight(item.id, turn.number)
    ours = {words.id for words in fresh}
    if not sight.visible or sight.part not in ours:
        return None
    sentence = unbanned(item, [words.text for words in fresh])
    others = (part for part in turn.view if part not in ours and part in scene.words)
    if not sentence or any(exposes(item, scene.words[part].text) for part in others):
        return None
    at = turn.number
    return sighted(scene, Finding("B2", item.id, at, at, at, f"the ban is told without its negation: {sentence[:120]!r}", (turn.seq,)))


def _told(scene: Scene, item: Item, loss: Finding | None) -> Iterator[Finding]:
    """The loss, and the first thing that came of it."""
    if loss is None:
        return
    yield loss
    came = [] if loss.kind == "B0" else sorted(_came(scene, item, loss), key=lambda each: (each.known, each.turn, each.detail))
    if came:
        first = came[0]
        known = max(first.known, loss.known)
        # The sight at `turn` would be that of the repair; that of the loss says why.
        yield msgspec.structs.replace(
            loss, kind="B3", turn=first.turn, known=known, detail=first.detail, evidence=(*loss.evidence, *first.evidence), root=loss.name
        )


def _came(scene: Scene, item: Item, loss: Finding) -> Iterator[Finding]:
    last = min(loss.onset + WINDOW, len(scene.turns))
    for chance in scene.opportunities:
        if chance.item == item.id and loss.onset <= chance.turn <= last and not chance.honoured and chance.repaired is None:
            detail = f"violated at turn {chance.turn} ({chance.subject})"
            yield Finding("B3", item.id, chance.turn, loss.onset, chance.settled, detail, chance.evidence)
    for number in range(loss.onset, last + 1):
        turn = scene.turn(number)
        if _asks(item, turn.said):
            yield Finding("B3", item.id, number, loss.onset, number, "asked for again", (turn.seq,))
        if number > loss.onset and _looked_up(scene, item, number):
            yield Finding("B3", item.id, number, loss.onset, number, "looked up again", (turn.seq,))
            return


def _asks(item: Item, said: str) -> bool:
    questions = [each for each in re.split(r"(?<=[.!?\n])", said) if each.endswith("?")]
    return any(len(content(item.text) & content(question)) >= ASKED_WORDS for question in questions)


def _looked_up(scene: Scene, item: Item, turn: int) -> bool:
    sight = scene.ledger.sight(item.id, turn)
    words = scene.words.get(sight.part)
    return sight.visible and words is not None and words.turn == turn and words.origin in (Origin.TOOL, Origin.OWN_FILE)
