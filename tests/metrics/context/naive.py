"""The ledger by definition, asking every item of every turn anew: slow, and too plain to be wrong in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.metrics.context.ledger import Sight


def sights(
    views: Sequence[Sequence[str]], hidden: Sequence[frozenset[str]], exposing: Mapping[str, Sequence[str]], tokens: Mapping[str, int],
    tails: Mapping[tuple[str, str], int], items: Sequence[str],
) -> dict[tuple[str, int], Sight]:  # fmt: skip
    found = {}
    for turn in range(1, len(views) + 1):
        for item in items:
            found[item, turn] = _one(views, hidden, exposing, tokens, tails, item, turn)
    return found


def _one(views, hidden, exposing, tokens, tails, item, turn):
    seen = [part for part in views[turn - 1] if part not in hidden[turn - 1]]
    shown = {part for view in views[:turn] for part in view if item in exposing.get(part, ())}
    open_ = [part for part in seen if item in exposing.get(part, ())]
    if not open_:
        return Sight(item, turn, False, exposures=len(shown))
    part = open_[-1]
    after = sum(tokens[each] for each in seen[seen.index(part) + 1 :])
    first = next(k for k, view in enumerate(views, 1) if part in view)
    return Sight(item, turn, True, part, after + tails[item, part], turn - first, len(shown))


def lost(found: Mapping[tuple[str, int], Sight], items: Sequence[str], turn: int) -> set[str]:
    return {item for item in items if turn > 1 and found[item, turn - 1].visible and not found[item, turn].visible}
