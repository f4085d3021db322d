"""Two tests that nobody can have known: one must pass, one must fail. They stand among the hidden tests under plausible names. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import msgspec

_NOUNS: Final = (
    "order", "index", "window", "batch", "route", "ledger", "token", "record", "sample", "cursor", "segment", "bucket", "query", "shard",
    "frame", "header", "quota", "range", "symbol", "vector", "entry", "label", "range", "digest", "anchor", "margin", "period", "volume",
)  # fmt: skip
_VERBS: Final = (
    "keeps", "merges", "splits", "counts", "orders", "drops", "joins", "folds", "limits", "rounds", "pads", "groups", "trims", "ranks",
)
_ENDS: Final = ("when_empty", "in_order", "by_size", "once", "with_gaps", "at_the_end", "of_many", "after_reset", "for_each", "by_key")
_FORMULAS: Final[tuple[tuple[str, Callable[[list[int]], int]], ...]] = (
    ("sum({0})", sum),
    ("max({0})", max),
    ("min({0})", min),
    ("len({0})", len),
    ("sorted({0})[1]", lambda values: sorted(values)[1]),
    ("{0}[2] - {0}[0]", lambda values: values[2] - values[0]),
    ("sum({0}[1:])", lambda values: sum(values[1:])),
    ("{0}[-1] * 2", lambda values: values[-1] * 2),
)


class Pair(msgspec.Struct, frozen=True):
    """`file` is the module's name, `text` its source, `names` the functions (must pass, must fail)."""

    file: str
    text: str
    names: tuple[str, str]


def make_pair(seed: str, taken: frozenset[str] = frozenset()) -> Pair:
    """The same for the same seed. `taken`: file names that must stay free."""
    chance = random.Random(seed)  # noqa: S311  the seed is the secret
    while (file := f"test_{chance.choice(_NOUNS)}_{chance.choice(_NOUNS)}_{chance.randrange(10, 1000)}.py") in taken:
        pass
    passing, failing = chance.sample([_name(chance) for _ in range(8)], 2)
    while failing == passing:
        failing = _name(chance)
    parts = [_test(chance, passing, wrong=0), _test(chance, failing, wrong=chance.choice((-3, -2, -1, 1, 2, 3)))]
    chance.shuffle(parts)
    return Pair(file, "\n\n".join(parts), (passing, failing))


def _name(chance: random.Random) -> str:
    return f"test_{chance.choice(_NOUNS)}_{chance.choice(_VERBS)}_{chance.choice(_NOUNS)}_{chance.choice(_ENDS)}"


def _test(chance: random.Random, name: str, *, wrong: int) -> str:
    noun = f"{chance.choice(_NOUNS)}s"
    values = [chance.randrange(2, 500) for _ in range(chance.randrange(4, 9))]
    formula, figure = chance.choice(_FORMULAS)
    return f"def {name}():\n    {noun} = {values}\n    assert {formula.format(noun)} == {figure(values) + wrong}\n"
