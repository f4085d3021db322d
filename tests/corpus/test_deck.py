"""The deck: every family finds places, and a seed says all."""

from __future__ import annotations

from random import Random

import pytest

from harness.core.memory import Manifest
from harness.corpus.bases.desk import based, drawn_desk
from harness.corpus.deck import draws, families, kinds
from harness.corpus.families import regressions
from harness.corpus.placing import Unfit, misfits, place
from harness.corpus.script import Base
from harness.corpus.targets import TARGETS
from tests.corpus.ground import case

EVERY = [(name, kind) for name, family in families().items() for kind in kinds(family, name)]

UNTARGETED = {"G3", "E2", "F3", "I3", "I4", "K4"}
"""Planted, and held to no target."""


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_seed_says_all_of_a_case(name: str, kind: str) -> None:
    """The same seed gives the same script and truths, another number another one."""
    drawn = [case(name, kind, number) for number in range(4)]
    assert drawn == [case(name, kind, number) for number in range(4)]
    assert len({repr(each.base.says) for each in drawn}) > 1


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_truths_stand_in_the_script(name: str, kind: str) -> None:
    """A fault has its truths, of its kind and at turns of the script; a look-alike has none."""
    found = case(name, kind)
    sort = families()[name].SORT
    assert bool(found.truths) == (sort in ("fault", "mix"))
    assert len(found.truths) == 1 or sort != "fault"
    for truth in found.truths:
        assert truth.kind == kind or sort == "mix"
        assert truth.kind in TARGETS or truth.kind in UNTARGETED
        assert truth.when or (place(found.base, truth.onset) <= place(found.base, truth.turn))


def test_the_base_that_nobody_spoilt_fits() -> None:
    """Every desk's script finds each of its passages just once, and claims each of its points."""
    for seed in range(12):
        base = based(drawn_desk(seed, stages=4 + seed % 5), seed)
        assert not misfits(base)
        assert len(base.requests) == len(base.manifest.stages) == 4 + seed % 5


def test_draws_are_dealt_evenly() -> None:
    """So many of each planted kind, look-alikes in equal shares, and with one kind nothing else."""
    dealt = draws(3, 14, 5)
    counted = {kind: sum(draw.kind == kind for draw in dealt) for _, kind in EVERY}
    assert {counted[kind] for name, kind in EVERY if families()[name].SORT == "fault"} == {3}
    alike = [counted[kind] for name, kind in EVERY if families()[name].SORT == "alike"]
    assert sum(alike) == 14
    assert max(alike) - min(alike) <= 1
    assert counted["mixes"] == 5
    assert {draw.kind for draw in draws(3, 0, 0, "G4")} == {"G4"}


def test_a_base_without_a_place_is_unfit() -> None:
    """A family says so where there is nothing that it could spoil."""
    bare = Base("bare", 0, (), (), Manifest(), ())
    with pytest.raises(Unfit):
        regressions.plant("G1", bare, Random(0))
