"""The ledger told turn by turn says what its definition says, whatever is done to the view."""

from __future__ import annotations

from random import Random

import pytest

from harness.core.memory import Item
from harness.metrics.context.seen.seeing import Seeing, Showing
from tests.metrics.context.naive import lost, sights

ITEMS = ("i", "j", "k")
Turns = list[tuple[tuple[str, ...], frozenset[str]]]
HISTORIES = 600


def a_history(chance: Random) -> Turns:
    """Views made by appending, by putting in and taking out anywhere, by moving, and now and then by hiding parts from one prompt."""
    view: list[str] = []
    made, turns = 0, []
    for _ in range(chance.randint(1, 12)):
        for _ in range(chance.randint(0, 4)):
            what, at = chance.choice(("append", "append", "append", "insert", "drop", "replace", "move")), chance.randint(0, len(view))
            if what in ("append", "insert"):
                made += 1
                view.insert(len(view) if what == "append" else at, f"p{made}")
            elif at < len(view):
                part = view.pop(at)
                if what == "replace":
                    made += 1
                    view.insert(at, f"p{made}")
                elif what == "move":
                    view.insert(chance.randint(0, len(view)), part)
        hidden = [part for part in view if chance.random() < 0.5] if chance.random() < 0.2 else []
        turns.append((tuple(view), frozenset(hidden)))
    return turns


def test_every_sight_is_the_defined_one() -> None:
    """Visible, last exposure, distance, age and count, and what each turn lost; of a history cut short, the same."""
    for seed in range(HISTORIES):
        chance = Random(seed)
        turns = a_history(chance)
        parts = sorted({part for view, _ in turns for part in view})
        exposing = {part: tuple(item for item in ITEMS if chance.random() < 0.4) for part in parts}
        tokens = {part: chance.choice((0, chance.randint(0, 50))) for part in parts}
        tails = {(item, part): chance.randint(0, tokens[part]) for part in parts for item in exposing[part]}
        whole, begun = made(turns, exposing, tokens, tails), made(turns[: len(turns) // 2], exposing, tokens, tails)
        expected = sights([view for view, _ in turns], [gone for _, gone in turns], exposing, tokens, tails, ITEMS)
        for (item, turn), one in expected.items():
            assert whole.sight(item, turn) == one, seed
            assert turn > len(turns) // 2 or begun.sight(item, turn) == one, seed
        for turn in range(1, len(turns) + 1):
            assert set(whole.lost(turn)) == lost(expected, ITEMS, turn), seed


def test_an_unknown_item_or_turn_is_none() -> None:
    """A KeyError and an IndexError, never a guess."""
    ledger = made([(("p1",), frozenset())], {"p1": ("i",)}, {"p1": 3}, {("i", "p1"): 1})
    with pytest.raises(KeyError):
        ledger.sight("x", 1)
    for turn in (0, 2):
        with pytest.raises(IndexError):
            ledger.sight("i", turn)
        with pytest.raises(IndexError):
            ledger.lost(turn)


def made(turns: Turns, exposing, tokens, tails) -> Seeing:
    items = {name: Item(name, "fact", name, (name,)) for name in ITEMS}
    ledger = Seeing(items, lambda part: exposing.get(part, ()), tokens.__getitem__, lambda item, part: tails[item, part], {}, inferred=False)
    for view, gone in turns:
        ledger.show(Showing(view, 1, None, gone))
    return ledger
