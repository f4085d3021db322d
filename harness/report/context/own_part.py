"""Of a trial that went on from another's turn, what is its own: the past that it was led through is charged to whoever lived it."""

from __future__ import annotations

import msgspec

from harness.metrics.context.account import Account, Mark


def own_part(account: Account) -> Account:
    """The account without what was in its worker's hands by turn `past`: opportunities, findings, calls, cuts, clearings, and points of requests
    that were handed back by then. What only shows later, of work begun before, is the past's, too. Pulses and items stay: they say where
    everything stands. A trial that began at the beginning is what it was.
    """
    if not account.past:
        return account
    before = tuple(each for each in account.chances if _at(each.begun, each.turn) <= account.past)
    theirs = {(each.item, each.stage) for each in before}
    done = {each.stage for each in account.pulses} - {each.stage for each in account.pulses if each.turn > account.past}
    return msgspec.structs.replace(
        account,
        chances=tuple(each for each in account.chances if _at(each.begun, each.turn) > account.past),
        findings=tuple(each for each in account.findings if each.onset > account.past),
        calls=tuple(each for each in account.calls if each.turn > account.past),
        cuts=tuple(each for each in account.cuts if each.turn > account.past),
        compactions=tuple(each for each in account.compactions if each.turn > account.past),
        answers=tuple(each for each in account.answers if each.turn > account.past),
        marks=tuple(_resting(each, theirs) for each in account.marks if each.stage not in done),
    )


def _at(begun: int | None, turn: int) -> int:
    return turn if begun is None else begun


def _resting(mark: Mark, theirs: set[tuple[str, int]]) -> Mark:
    """Upon items that were still to be honoured in its request."""
    return msgspec.structs.replace(mark, items=tuple(each for each in mark.items if (each, mark.stage) not in theirs))
