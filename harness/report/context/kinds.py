"""Classes and kinds of findings in words, and what each is counted against; a rate of one thing per another means nothing else."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.metrics.context.account import Account, Chance

LETTERS: Final = {
    "A": "the server showed less than was sent", "B": "a clearing of the view took it", "C": "a standing rule", "D": "a fact or decision needed later",
    "E": "looking again at what is known", "F": "stuck", "G": "its own work undone", "H": "how work was handed back", "I": "state that is not there",
    "J": "calls that are not well formed", "K": "refusals", "L": "a version that is no longer valid",
}  # fmt: skip
KINDS: Final = {
    "A1": "prompt cut", "A2": "messages dropped", "A3": "shifted while answering", "A4": "refused as too long", "A5": "model loaded again",
    "A6": "prompt read again", "A7": "earlier thinking lost", "B0": "gone and seen again", "B1": "item gone", "B2": "item distorted", "B3": "gone, then missed",
    "C1": "kept, then lost", "C2": "never taken up", "C3": "missed at its one late use", "C4": "slip put right", "D1": "not in the work that needed it",
    "E1": "same observation still in view", "E2": "same observation, cleared since", "F1": "same steps over and over", "F2": "back and forth",
    "F3": "no progress", "G1": "milestone broken again", "G2": "file set back", "G3": "break not noticed", "G4": "edit of a text that is gone",
    "G5": "function written twice", "H1": "claimed and not so", "H2": "forgotten", "H3": "owned up to", "H4": "stopped early", "H5": "effort off the goal",
    "I1": "never was", "I2": "taken away by itself", "I3": "somewhere else", "I4": "claimed without trace", "J0": "call cut in two",
    "J1": "unreadable call", "J2": "unknown tool", "J3": "wrong arguments", "J4": "call as plain words", "J5": "another model's dialect",
    "K1": "refusal told by the server", "K2": "refusal in words", "K3": "code left out", "K4": "work handed back", "L1": "acts on the old version",
    "L2": "mixes versions", "L3": "goes back to the old version",
}  # fmt: skip
LOSSES: Final = ("C1", "C3", "D1", "L1", "L2", "L3")
"""What counts as something lost from the context: kept or told before, needed, and not there. Not C2 (never taken up) and C4 (put right)."""
AGAINST: Final = {
    "A": "turns", "B": "items before a clearing", "C": "opportunities", "D": "opportunities", "E": "tool calls", "F": "tool calls", "G": "changes",
    "H": "points", "I": "tool calls", "J": "tool calls", "K": "turns", "L": "opportunities",
}  # fmt: skip
LASTING: Final = ("rule", "fact", "decision", "own_decision")


def words(kind: str) -> str:
    """A kind in a few words; one that is new here is called by its name alone."""
    return KINDS.get(kind, "")


def against(kind: str) -> str:
    """What findings of this kind are counted against."""
    return AGAINST.get(kind[:1], "turns")


class Ready(msgspec.Struct, frozen=True):
    """An account with what every figure asks of it. `counting`: chances of validated items across no interlude, the others are told apart;
    `bases`: how many of each word of AGAINST there were.
    """

    account: Account
    counting: tuple[Chance, ...]
    bases: dict[str, int]


def ready(account: Account) -> Ready:
    sound = {item.id for item in account.items if item.validated}
    told = () if account.broken else tuple(each for each in account.chances if not each.aside and each.item in sound)
    bases = _bases(account, told, sound)
    return Ready(account, told, {word: count if word == "turns" or not account.broken else 0 for word, count in bases.items()})


def _bases(account: Account, told: tuple[Chance, ...], sound: set[str]) -> dict[str, int]:
    before = sum(count for compaction in account.compactions for kind, count, _ in compaction.kinds if kind in LASTING)
    return {
        "turns": account.turns, "items before a clearing": before, "opportunities": len(told) + _rested(account, sound),
        "tool calls": len(account.calls), "changes": sum(pulse.changing for pulse in account.pulses if pulse.turn > account.past), "points": sum(bool(mark.ends) for mark in account.marks),
    }  # fmt: skip


def _rested(account: Account, sound: set[str]) -> int:
    """Requests that were worked on with a point that rests on an item where no constraint saw it: they are opportunities, too."""
    wanted = {(item, mark.stage) for mark in account.marks if mark.ends for item in mark.items if item in sound}
    return len(wanted - {(each.item, each.stage) for each in account.chances}) if wanted else 0
