"""Opportunities with their labels, from the accounts of a study's runs; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from harness.answer.study.claims import Labels
from harness.answer.study.designs import HIGH, LOW
from harness.metrics.context.account import Account, Chance
from harness.metrics.statistics.retention import GUESSABLE
from harness.report.context.own_part import own_part


class Row(msgspec.Struct, frozen=True):
    """`task`: family and seed, alike over all conditions that it was made under; `kept`: honoured, or put right in time."""

    model: str
    task: str
    labels: Labels
    kept: bool


class Given(msgspec.Struct, frozen=True):
    """An account with what the design says of it: of the run (window) and of the task (distance, rules, exposure)."""

    account: Account
    labels: Labels


def owned(given: Iterable[Given]) -> tuple[Given, ...]:
    """Each with its own part alone: what was lost before it went on from another's turn, another has lost."""
    return tuple(msgspec.structs.replace(each, account=own_part(each.account)) for each in given)


def rows(given: Iterable[Given]) -> tuple[Row, ...]:
    """Of validated items that can't be guessed, across no interlude; under the plain variant only while the item could be seen.

    By the manifest alone, for claims are written down before any replay could measure guesses. Prohibitions stay in: a claim holds two sides against
    one another, and where both have as many of them guesses make the difference smaller, by their share. The claims by manner don't need that.
    """
    return tuple(row for each in owned(given) for row in _rows(each))


def paired_as(account: Account) -> str:
    """A generated task by family and seed, whatever dials it was made under; any other by its id."""
    return f"{account.family}-{account.seed}" if account.family and account.seed is not None else account.task


def _rows(given: Given) -> Iterator[Row]:
    account = given.account
    items = {item.id: item for item in account.items if item.validated and (item.guess or 0.0) <= GUESSABLE}
    task = paired_as(account)
    for chance in account.chances:
        if chance.item in items and not chance.aside:
            labels = {**given.labels, "agent": account.agent, "variant": account.variant, "kind": items[chance.item].kind, "manner": items[chance.item].manner, **_seen(chance)}
            yield Row(account.model, task, labels, chance.honoured or chance.repaired is not None)


def _seen(chance: Chance) -> Mapping[str, str]:
    """Where in the window and how far back; without "fill" and "octave" where it could not be seen, or an earlier violation told the outcome: neither is a matter of memory."""
    if chance.inherited or not chance.visible or chance.fill is None or chance.distance is None:
        return {}
    fill = "low" if chance.fill <= LOW else "high" if chance.fill >= HIGH else "middle"
    return {"fill": fill, "octave": str(int(math.log2(max(1, chance.distance))))}


def differences(rows_: Iterable[Row], a: Labels, b: Labels, within: tuple[str, ...]) -> tuple[dict[str, float], int, int]:
    """Task -> mean over equal labels of (share kept of a - share kept of b), and how many opportunities stand on each side.

    Strata weigh as much as the smaller of their sides has; a stratum without both sides is in nothing.
    """
    counts: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for row in rows_:
        if not all(name in row.labels for name in within):
            continue
        held = counts.setdefault((row.task, tuple(row.labels[name] for name in within)), [0, 0, 0, 0])
        for place, wanted in ((0, a), (2, b)):
            if all(row.labels.get(name) == value for name, value in wanted.items()):
                held[place] += row.kept
                held[place + 1] += 1
    sums: dict[str, list[float]] = {}
    one = two = 0
    for (task, _), (kept_a, of_a, kept_b, of_b) in sorted(counts.items()):
        if of_a and of_b:
            weight = min(of_a, of_b)
            held_ = sums.setdefault(task, [0.0, 0.0])
            held_[0], held_[1] = held_[0] + weight * (kept_a / of_a - kept_b / of_b), held_[1] + weight
            one, two = one + of_a, two + of_b
    return {task: total / weight for task, (total, weight) in sums.items()}, one, two
