"""Two or three faults in one run, each of a stage of its own."""

from __future__ import annotations

from random import Random
from typing import Final

from harness.corpus.families import constraints, endings, recall, regressions, superseded
from harness.corpus.placing import Unfit, place
from harness.corpus.script import Base, Case, Truth

KINDS: Final = ()
SORT: Final = "mix"
BASES: Final = ("desk",)
ALSO: Final = ((constraints, "C1"), (regressions, "G1"), (regressions, "G4"), (endings, "H1"), (endings, "H2"), (recall, "D1"), (superseded, "L1"))


def plant(_kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    # A drift comes last: what the others take away may have been one of the times that its rule was kept.
    chosen = sorted(dice.sample(ALSO, dice.choice((2, 2, 3))), key=lambda each: each[1] == "C1")
    made, truths = base, tuple[Truth, ...]()
    for family, each in chosen:
        case = family.plant(each, made, dice)
        made, truths = case.base, (*truths, *case.truths)
    at = [made.says[place(made, truth.onset) - 1].stage for truth in truths]
    if len(set(at)) < len(at):
        raise Unfit
    return Case("", "mix", "mixes", base.seed, made, truths)
