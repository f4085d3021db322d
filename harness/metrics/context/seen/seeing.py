"""The ledger of one try, told turn by turn: what changes is looked at, what stays is not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

import msgspec

from harness.core.chat import PartId
from harness.core.memory import Item
from harness.metrics.context.ledger import Cut, Sight


class Showing(msgspec.Struct, frozen=True):
    """What the ledger needs of a turn. `stage`: the request worked on; `hidden`: parts sent that the model was not let to see.

    `doubted`: parts of which nobody can tell whether the server's template kept them.
    """

    view: tuple[PartId, ...]
    stage: int
    fill: float | None
    hidden: frozenset[PartId] = frozenset()
    doubted: frozenset[PartId] = frozenset()


class Seeing:
    """The Ledger of a try; made by feeding `show` each turn in order.

    `exposing`: items that a part exposes. `tokens`: of a part. `tail(item, part)`: tokens of the part after the item's last words in it.
    `born`: turn from whose end a machine's item stands; the others hold by the requests they name.
    """

    def __init__(
        self, items: Mapping[str, Item], exposing: Callable[[PartId], Sequence[str]], tokens: Callable[[PartId], int],
        tail: Callable[[str, PartId], int], born: Mapping[str, int], *, inferred: bool, cuts: tuple[Cut, ...] = (),
    ) -> None:  # fmt: skip
        self._items, self._exposing, self._tokens, self._tail, self._born = items, exposing, tokens, tail, born
        self._inferred, self._cuts = inferred, cuts
        self._shown: list[Showing] = []
        self._totals: list[int] = []
        self._view: list[PartId] = []
        self._ends: dict[PartId, int] = {}
        self._places: dict[PartId, int] = {}
        """Where a part stands in the view; parts without a token end where the one before them does."""
        self._epochs: list[dict[PartId, int]] = []
        """Of each turn, where its parts end in the prompt; one table for all turns between which the view only grew."""
        self._first: dict[PartId, int] = {}
        self._open: dict[str, dict[PartId, None]] = {}
        """Of each item the parts in the view that expose it, the one nearest to the prompt's end last."""
        self._lines: dict[str, tuple[list[int], list[PartId]]] = {}
        """Of each item: from which turn on which part is the last exposure ("" for none)."""
        self._counts: dict[str, list[int]] = {}
        """Of each item: the turns in which a part that exposes it was first shown."""
        self._lost: dict[int, list[str]] = {}

    @property
    def items(self) -> Mapping[str, Item]:
        return self._items

    @property
    def cuts(self) -> tuple[Cut, ...]:
        return self._cuts

    def first(self, part: PartId) -> int | None:
        """The turn that first showed the part."""
        return self._first.get(part)

    def show(self, showing: Showing) -> None:
        """The next turn."""
        turn = len(self._shown) + 1
        self._shown.append(showing)
        fresh = [ident for ident in showing.view if ident not in self._first]
        self._first |= dict.fromkeys(fresh, turn)
        for ident in fresh:
            for item in self._exposing(ident):
                self._counts.setdefault(item, []).append(turn)
        now = [ident for ident in showing.view if ident not in showing.hidden] if showing.hidden else list(showing.view)
        self._move(now, turn)
        self._totals.append(self._ends[now[-1]] if now else 0)
        self._epochs.append(self._ends)

    def _move(self, now: list[PartId], turn: int) -> None:
        old, kept = self._view, 0
        if now[: len(old)] == old:
            kept = len(old)
        else:
            kept = next(k for k, ident in enumerate(old) if k >= len(now) or now[k] != ident)
            self._ends = {ident: self._ends[ident] for ident in old[:kept]}
        at = self._ends[old[kept - 1]] if kept else 0
        for place, ident in enumerate(now[kept:], kept):
            at += self._tokens(ident)
            self._ends[ident], self._places[ident] = at, place
        self._view = now
        self._turned(old[kept:], now[kept:], turn)

    def _turned(self, gone: list[PartId], come: list[PartId], turn: int) -> None:
        """Keep each touched item's open exposures in the order of the prompt."""
        left, entered = set(gone) - set(come), set(come) - set(gone)
        if not _in_order(gone, come):
            left, entered = set(gone), set(come)
        touched: dict[str, list[PartId]] = {}
        for ident in (ident for ident in gone if ident in left):
            for item in self._exposing(ident):
                self._open[item].pop(ident, None)
                touched.setdefault(item, [])
        for ident in (ident for ident in come if ident in entered):
            for item in self._exposing(ident):
                touched.setdefault(item, []).append(ident)
        for item, new in touched.items():
            self._open[item] = self._merged(self._open.get(item, {}), new)
            self._settle(item, turn)

    def _merged(self, opened: dict[PartId, None], new: list[PartId]) -> dict[PartId, None]:
        newest = next(reversed(opened), None)
        opened |= dict.fromkeys(new)
        if newest is None or not new or self._places[newest] < self._places[new[0]]:
            return opened
        return dict.fromkeys(sorted(opened, key=self._places.__getitem__))

    def _settle(self, item: str, turn: int) -> None:
        newest = next(reversed(self._open[item]), "")
        turns, parts = self._lines.setdefault(item, ([], []))
        before = parts[-1] if parts else ""
        if newest == before:
            return
        turns.append(turn)
        parts.append(newest)
        if not newest:
            self._lost.setdefault(turn, []).append(item)

    def sight(self, item: str, turn: int) -> Sight:
        """Raises KeyError for an item that is none, IndexError for a turn that is none."""
        if item not in self._items:
            raise KeyError(item)
        shown = self._turn(turn)
        exposures = bisect_right(self._counts.get(item, ()), turn)
        part = self._last(item, turn)
        if not part:
            return Sight(item, turn, False, exposures=exposures, fill=shown.fill, inferred=self._inferred)
        distance = self._totals[turn - 1] - self._epochs[turn - 1][part] + self._tail(item, part)
        inferred = self._inferred or part in shown.doubted
        return Sight(item, turn, True, part, distance, turn - self._first[part], exposures, shown.fill, inferred)

    def lost(self, turn: int) -> tuple[str, ...]:
        """Raises IndexError for a turn that is none."""
        self._turn(turn)
        return tuple(self._lost.get(turn, ()))

    def valid(self, item: str, turn: int) -> bool:
        """Raises KeyError for an item that is none, IndexError for a turn that is none."""
        one, stage = self._items[item], self._turn(turn).stage
        if item in self._born:
            return turn > self._born[item]
        return one.since <= stage and (one.until is None or stage < one.until)

    def _turn(self, turn: int) -> Showing:
        if turn < 1:
            raise IndexError(turn)
        return self._shown[turn - 1]

    def _last(self, item: str, turn: int) -> PartId:
        turns, parts = self._lines.get(item, ((), ()))
        at = bisect_right(turns, turn)
        return parts[at - 1] if at else ""


def _in_order(gone: Sequence[PartId], come: Sequence[PartId]) -> bool:
    """Whether what stayed stands in the order in which it stood."""
    old, new = set(gone), set(come)
    return [ident for ident in gone if ident in new] == [ident for ident in come if ident in old]
