"""How long items were kept, as spells on three clocks: turns and tokens since they were stated, and tokens since they were last seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from harness.metrics.context.account import LOSSES, Account, Chance, Held
from harness.metrics.statistics.spells import CENSORED, DRIFT, Spell
from harness.report.context.kinds import Ready

Clock: TypeAlias = Literal["turns", "tokens", "distance"]
CLOCKS: Final[tuple[Clock, ...]] = ("turns", "tokens", "distance")
ENDS: Final = {"answered": "finish", "gave_up": "finish", "time": "timeout", "window": "window", "fault": "crash", "interrupted": "crash", "": "crash"}
"""How a conversation's end ends the watching; limits of turns, calls, tokens and money merely stop it."""
STEPS: Final = 200
"""Distinct times at most: longer clocks are rounded up, or the bands of a large run would take minutes."""


class Watched(msgspec.Struct, frozen=True):
    """`never`: items never taken up (their first of several opportunities was violated), which nobody can lose, and `cut`: items whose watching
    a cut of the server's ended.
    """

    spells: tuple[Spell, ...]
    never: int
    cut: int


def watched(known: Iterable[Ready], clock: Clock) -> Watched:
    """One spell for each validated item that had an opportunity, across no interlude."""
    spells: list[Spell] = []
    never = cut = 0
    for one in known:
        account = one.account
        chances: dict[str, list[Chance]] = {}
        for each in one.counting:
            chances.setdefault(each.item, []).append(each)
        first = min((each.turn for each in account.cuts if each.kind in LOSSES), default=None)
        for item in account.items:
            mine = sorted(chances.get(item.id, ()), key=lambda each: each.turn)
            if mine and _never(mine):
                never += 1
            elif mine and (spell := _spell(account, item, mine, (clock, first))):
                spells.append(spell)
                ended = item.ended is not None and first is not None and item.ended <= first
                cut += first is not None and not ended and not any(not each.honoured and each.turn < first for each in mine)
    return Watched(_rounded(spells), never, cut)


def _never(mine: Sequence[Chance]) -> bool:
    return len({each.turn for each in mine}) > 1 and any(not each.honoured for each in mine if each.turn == mine[0].turn)


def _spell(account: Account, item: Held, mine: Sequence[Chance], watch: tuple[Clock, int | None]) -> Spell | None:
    clock, first_cut = watch
    fair = [each for each in mine if first_cut is None or each.turn < first_cut]
    slip = next((each for each in fair if not each.honoured), None)
    if clock == "distance":
        return _by_distance(account, fair, slip)
    born = item.born or 1
    last = len(account.pulses)
    end = min(each for each in (last, first_cut, item.ended) if each is not None)
    since = max(born - 1, account.past)  # who goes on from another's turn has kept it from there
    time = _at(account, slip.turn if slip else end, clock) - _at(account, since, clock)
    cause = DRIFT if slip else CENSORED if end < last else cause_of(account)
    return Spell(account.task, max(1.0, time), cause)


def _by_distance(account: Account, fair: Sequence[Chance], slip: Chance | None) -> Spell | None:
    """The distance of the first violation, or the greatest at which the item was honoured."""
    if slip is not None and slip.visible and slip.distance is not None:
        return Spell(account.task, max(1.0, slip.distance), DRIFT)
    # Lost while it was out of the view: that ends the watching, and says nothing of distance.
    held = [each.distance for each in fair if each.visible and each.distance is not None and (slip is None or each.turn < slip.turn)]
    return Spell(account.task, max(1.0, *held)) if held else None


def _at(account: Account, turn: int, clock: Clock) -> float:
    if clock == "turns":
        return float(turn)
    return float(account.pulses[min(turn, len(account.pulses)) - 1].tokens) if turn > 0 and account.pulses else 0.0


def cause_of(account: Account) -> str:
    """The competing end of a trial: "finish", "refusal", "crash", "timeout", "window", or "" for a limit that we set."""
    last = len(account.pulses)
    if any(each.kind == "K1" and each.turn == last for each in account.findings):
        return "refusal"
    return ENDS.get(account.stop, CENSORED)


def _rounded(spells: Sequence[Spell]) -> tuple[Spell, ...]:
    step = max((spell.time for spell in spells), default=0.0) / STEPS
    if step <= 1:
        return tuple(spells)
    return tuple(msgspec.structs.replace(spell, time=math.ceil(spell.time / step) * step) for spell in spells)


def ends(spells: Iterable[Spell]) -> dict[str, int]:
    """Spells by what ended them, "" for those that merely stopped."""
    return dict(sorted(Counter(spell.cause for spell in spells).items()))
