"""One trial's course as lanes over turns: how full the window was, what could be seen of each item, what was found; for text and page alike."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from harness.core.findings import Finding
from harness.metrics.context.account import Account, Chance, Compaction, Held, Pulse, Taken
from harness.report.context import kinds

UNSEEN, SEEN, SHOWN, KEPT, SLIPPED, LOST = "unseen", "seen", "shown", "kept", "slipped", "lost"
"""What a turn shows of an item, the strongest word last."""
WORDS = {
    UNSEEN: "holds, not in the view", SEEN: "in the view", SHOWN: "shown", KEPT: "honoured", SLIPPED: "slipped and put right", LOST: "violated",
}  # fmt: skip


class Track(msgspec.Struct, frozen=True):
    """An item over the turns. `words[i]`: what turn i + 1 shows of it, "" where it does not hold and can't be seen."""

    item: Held
    words: tuple[str, ...]
    chances: tuple[Chance, ...]


class Class(msgspec.Struct, frozen=True):
    """Findings of one letter, in order of turns."""

    letter: str
    words: str
    findings: tuple[Finding, ...]


class Lane(msgspec.Struct, frozen=True):
    """`stages`: (first turn, request) of each. `last`: number of turns."""

    trial: str
    task: str
    model: str
    agent: str
    variant: str
    stop: str
    inferred: bool
    last: int
    pulses: tuple[Pulse, ...]
    stages: tuple[tuple[int, int], ...]
    tracks: tuple[Track, ...]
    classes: tuple[Class, ...]
    cuts: tuple[Taken, ...]
    compactions: tuple[Compaction, ...]


def lane(account: Account) -> Lane:
    """Classes by letter, items in the manifest's order."""
    stages: dict[int, int] = {}
    for pulse in account.pulses:
        stages.setdefault(pulse.stage, pulse.turn)
    found: dict[str, list[Finding]] = defaultdict(list)
    for each in account.findings:
        found[each.kind[:1]].append(each)
    return Lane(
        account.trial, account.task, account.model, account.agent, account.variant, account.stop, account.inferred, len(account.pulses), account.pulses,
        tuple((turn, stage) for stage, turn in stages.items()), tuple(_track(account, item) for item in account.items),
        tuple(Class(letter, kinds.LETTERS.get(letter, ""), tuple(found[letter])) for letter in sorted(found)), account.cuts, account.compactions,
    )  # fmt: skip


def _track(account: Account, item: Held) -> Track:
    last = len(account.pulses)
    words = [""] * last
    if item.born is not None:
        until = last + 1 if item.ended is None else item.ended
        words[item.born - 1 : until - 1] = [UNSEEN] * max(0, min(until - 1, last) - item.born + 1)
    for first, end in item.spans:
        words[first - 1 : end] = [SEEN] * (min(end, last) - first + 1)
    for turn in item.shows:
        words[turn - 1] = SHOWN
    chances = tuple(each for each in account.chances if each.item == item.id)
    for word, mine in ((KEPT, _kept), (SLIPPED, _slipped), (LOST, _lost)):
        for each in chances:
            if mine(each):
                words[each.turn - 1] = word
    return Track(item, tuple(words), chances)


def outcome(each: Chance) -> str:
    """What came of an opportunity, and the turn that undid a violation: within its grace, or after it, when it stays one."""
    if each.repaired is not None:
        return f"{'slipped' if each.honoured else 'violated'}, put right at turn {each.repaired}"
    if each.honoured:
        return "honoured"
    return "violated" if each.mended is None else f"violated, put right late, at turn {each.mended}"


def _kept(each: Chance) -> bool:
    return each.honoured and each.repaired is None


def _slipped(each: Chance) -> bool:
    return each.honoured and each.repaired is not None


def _lost(each: Chance) -> bool:
    return not each.honoured
