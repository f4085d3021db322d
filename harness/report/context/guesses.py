"""How often an item is honoured by who was never told it: as replays of this very model measured it, as the manifest says, or not known; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from harness.metrics.context.account import Account, Held
from harness.metrics.statistics.floors import OPPORTUNITIES, TASKS, lacking
from harness.report.context.given import Untold
from harness.report.summary import counted

Key: TypeAlias = tuple[str, ...]
Source: TypeAlias = Literal["no-rule", "manifest", ""]
TRACELESS = "prohibition"
"""The manner of what is kept by doing nothing: who never heard of it mostly keeps it, too, so that without a rate of guesses it shows no memory."""


class Row(msgspec.Struct, frozen=True):
    """Re-rolls of one place by who was never told, as one probe has them."""

    task: str
    honoured: int
    rolls: int


class Guess(msgspec.Struct, frozen=True):
    """`rate`: 0..1, None where nobody measured it. `source`: whose word it is. `rows`: numbers of the rows that it rests on, or that are too few."""

    rate: float | None = None
    source: Source = ""
    rows: tuple[int, ...] = ()


class Guesses(msgspec.Struct, frozen=True):
    """Of one model under one agent. `pools`: numbers of rows by what they are pooled by."""

    rows: tuple[Row, ...] = ()
    pools: Mapping[Key, tuple[int, ...]] = {}

    def of(self, account: Account, item: Held) -> Guess:
        """Of an item, the word of who is nearest to the case.

        First what was measured of the item's own rule (below): this model, this rule. Then the manifest's `guess`: this item, but its author can't
        have known the model. Last what was measured of items of its manner: this model, but other rules. A figure in a manifest may be deliberate;
        still it does not stand against re-rolls of the same rule, or a curve of one model would be corrected by how another guesses.
        """
        *own, wide = (self.pools.get(key, ()) for key in _keys(account, item))
        found = next((rows for rows in own if not self.lacking(rows)), ())
        if not found and item.guess is not None:
            return Guess(item.guess, "manifest")
        found = found or wide
        return Guess(None, "", found) if self.lacking(found) else Guess(self._share(found), "no-rule", found)

    def lacking(self, rows: Collection[int]) -> str:
        """Why these are too few for a rate, "" where they are enough."""
        return lacking(sum(self.rows[each].rolls for each in rows), self._tasks(rows))

    def told(self, found: Iterable[Guess]) -> str | None:
        """Whose word the rates of these items are, with n where they were measured; None where there is no rate."""
        used = [each for each in found if each.rate is not None]
        rows = {number for each in used for number in each.rows}
        measured = (f"no-rule, {sum(self.rows[each].honoured for each in rows)} of {self._rolled(rows)}",) if rows else ()
        return "; ".join((*(("manifest",) if any(each.source == "manifest" for each in used) else ()), *measured)) or None

    def thin(self, found: Iterable[Guess]) -> str:
        """What was replayed of items without a rate, and what it would take; "" where nothing was."""
        rows = {number for each in found if each.rate is None for number in each.rows}
        return f"no-rule, {self._rolled(rows)}; {OPPORTUNITIES} over {TASKS} needed of items alike" if rows else ""

    def _rolled(self, rows: Collection[int]) -> str:
        return f"{counted(sum(self.rows[each].rolls for each in rows), 're-roll')} over {counted(self._tasks(rows), 'task')}"

    def _tasks(self, rows: Iterable[int]) -> int:
        return len({self.rows[each].task for each in rows})

    def _share(self, rows: Sequence[int]) -> float:
        return sum(self.rows[each].honoured for each in rows) / sum(self.rows[each].rolls for each in rows)


UNMEASURED = Guesses()


def by_model(accounts: Sequence[Account], untold: Sequence[Untold]) -> dict[tuple[str, str], Guesses]:
    """Model and agent -> what was measured of them, by re-rolls of their own trials alone.

    Over all variants: who was never told has a short view, in which neither a seed nor what a server does to a long one has a say.
    """
    cells: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for account in accounts:
        cells[account.model, account.agent].append(account)
    return {cell: measured(mine, (each for each in untold if (each.model, each.agent) == cell)) for cell, mine in cells.items()}


def measured(accounts: Iterable[Account], untold: Iterable[Untold]) -> Guesses:
    """`accounts`: of one model under one agent; re-rolls of other trials are left alone, and so are those of places where an earlier violation
    still stood, which tell of that one and are in no curve either.

    An item of a task has a handful of re-rolls, so they are pooled over tasks and probes, each re-roll weighing the same: by the rule's template (id and
    habit of a generated item) in its family, then over families, then by manner and habit. No pool is a rate under 30 re-rolls of 10 tasks.
    Where rules of one manner are guessed differently, the pool's rate is right for the curve of them all as far as the pool is mixed as the curve
    is, and for none of them alone. Generated items and those made by hand are not pooled with one another.
    """
    known = {account.trial: account for account in accounts}
    breached = {(account.trial, each.item, each.turn) for account in known.values() for each in account.chances if each.inherited}
    rows: list[Row] = []
    pools: dict[Key, list[int]] = defaultdict(list)
    for each in untold:
        account, place = known.get(each.trial), (each.trial, each.item, each.turn)
        item = next((item for item in account.items if item.id == each.item and item.validated), None) if account else None
        if account and item and each.rolls and place not in breached:
            for key in _keys(account, item):
                pools[key].append(len(rows))
            rows.append(Row(account.task, each.honoured, each.rolls))
    return Guesses(tuple(rows), {key: tuple(numbers) for key, numbers in pools.items()})


def _keys(account: Account, item: Held) -> Iterator[Key]:
    """From narrow to wide, the manner last. A rule's habit is of its template: a naming rule is another one where it is what everybody does anyway."""
    if account.family:
        yield "template", account.family, item.id, item.habit
        yield "template", "", item.id, item.habit
    yield "manner", "generated" if account.family else "by hand", item.manner, item.habit


def shows_memory(item: Held, guess: Guess) -> bool:
    """Whether honouring it says anything of memory beside items of other manners."""
    return item.manner != TRACELESS or guess.rate is not None
