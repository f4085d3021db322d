"""Which turns two people label: findings by kind and turns drawn by lot, shuffled so that nobody can tell which is which; pure and seeded."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harness.answer.audit.questions import PLACES, QUESTIONS, letter
from harness.metrics.context.account import Account
from harness.report.context.own_part import own_part


class Sample(msgspec.Struct, frozen=True):
    """`id`: what the labeller sees of it. `asked`: the class that the question is about. `kind`: of the finding, "" for a turn by lot."""

    id: str
    trial: str
    turn: int
    asked: str
    kind: str = ""
    finding: str = ""

    @property
    def by_lot(self) -> bool:
        return not self.kind


class Drawn(msgspec.Struct, frozen=True):
    """`findings`, `turns`: how many there were to draw from."""

    samples: tuple[Sample, ...]
    findings: int
    turns: int


def drawn(accounts: Sequence[Account], kinds: frozenset[str], most: int, seed: int) -> Drawn:
    """At most `most` findings of these kinds, kind by kind in turn so that rare ones are in, and as many turns by lot.

    A turn by lot is asked about a class as often as findings are, is one at which such a thing could be, and has no finding of it: what is
    labelled "yes" there was missed. The order of accounts has no effect. Of a trial that went on from another's turn only its own part is
    drawn: each of its siblings went through the same past, which is the parent's to answer for.
    """
    found = [(account.trial, each.turn, each.kind, each.name) for account in accounts for each in own_part(account).findings if each.kind in kinds]
    held: dict[str, list[tuple[str, int, str, str]]] = defaultdict(list)
    for each in sorted(set(found), key=lambda one: _lot(seed, *map(str, one))):
        if letter(each[2]) in QUESTIONS:
            held[each[2]].append(each)
    first = _in_turn(held, most)
    asked = [letter(kind) for _, _, kind, _ in first] or sorted({letter(kind) for kind in kinds} & set(QUESTIONS))
    silent = _silent(accounts)
    second = list(_by_lot(silent, asked, most, seed))
    every = [*(Sample("", trial, turn, letter(kind), kind, name) for trial, turn, kind, name in first), *second]
    every.sort(key=lambda one: _lot(seed, "order", one.trial, str(one.turn), one.asked, one.kind, one.finding))
    numbered = tuple(msgspec.structs.replace(one, id=f"a{number:03d}") for number, one in enumerate(every, 1))
    return Drawn(numbered, sum(map(len, held.values())), sum(account.turns for account in accounts))


def _in_turn(held: Mapping[str, Sequence[tuple[str, int, str, str]]], most: int) -> list[tuple[str, int, str, str]]:
    """One of each kind, then another of each, until there are enough."""
    longest = max(map(len, held.values()), default=0)
    rounds = (held[kind][place] for place in range(longest) for kind in sorted(held) if place < len(held[kind]))
    return [each for _, each in zip(range(most), rounds, strict=False)]


def _silent(accounts: Iterable[Account]) -> dict[str, list[tuple[str, int]]]:
    """By class: (trial, turn) at which such a thing could be and no detector saw it, whatever its standing and wherever it began."""
    found: dict[str, list[tuple[str, int]]] = {asked: [] for asked in QUESTIONS}
    for account in accounts:
        spoken = {(letter(each.kind), turn) for each in account.findings for turn in {each.turn, each.onset}} | set(_standing(account))
        for asked, turn in _places(account):
            if (asked, turn) not in spoken:
                found[asked].append((account.trial, turn))
    return found


def _standing(account: Account) -> Iterator[tuple[str, int]]:
    """A loss is told once and stands until it is put right: turns that break the same item before that are no silent ones, later ones are."""
    broken = sorted((each for each in account.chances if not each.honoured), key=lambda each: each.turn)
    for found in account.findings:
        until = 0.0
        for each in (one for one in broken if one.item == found.item and one.turn >= found.turn):
            if each.turn > max(until, found.turn):
                break
            until = max(until, math.inf if each.mended is None else each.mended)
            yield letter(found.kind), each.turn


def _places(account: Account) -> Iterator[tuple[str, int]]:
    last = {pulse.stage: pulse.turn for pulse in account.pulses}
    for pulse in (each for each in account.pulses if each.turn > account.past):
        could = {
            "any": True, "cleared": pulse.edits > 0, "changed": pulse.changing > 0, "handed": last[pulse.stage] == pulse.turn, "called": pulse.calls > 0,
        }  # fmt: skip
        yield from ((asked, pulse.turn) for asked in QUESTIONS if could[PLACES.get(asked, "called")])


def _by_lot(silent: Mapping[str, Sequence[tuple[str, int]]], asked: Sequence[str], most: int, seed: int) -> Iterator[Sample]:
    left = {each: sorted(places, key=lambda one, each=each: _lot(seed, "lot", each, one[0], str(one[1]))) for each, places in silent.items()}  # type: ignore[misc]
    count = 0
    while count < most and any(left[each] for each in asked):
        for each in asked:
            if count < most and left[each]:
                trial, turn = left[each].pop(0)
                count += 1
                yield Sample("", trial, turn, each)


def _lot(seed: int, *words: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join((str(seed), *words)).encode("utf-8", "replace")).digest()[:8], "big")
