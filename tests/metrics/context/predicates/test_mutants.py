"""Every predicate flips for each mutant of its table and for no refactor: the checkers' own mutation score is 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest

from harness.core import predicates as ask
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from tests.metrics.context.predicates.shelf import Shelf, says
from tests.metrics.context.predicates.table import CASES, Case, Files


def changed(case: Case, change: Files) -> Mapping[str, str]:
    return {path: words for path, words in (dict(case.files) | dict(change)).items() if words is not None}


@pytest.mark.parametrize("name", CASES)
def test_it_holds_of_its_files_and_names_no_breach(name: str) -> None:
    """What the table begins with is good."""
    case = CASES[name]
    told = says(case.predicate, case.files, case.base)
    assert (told.held, told.breaches, told.blind) == (True, frozenset(), frozenset())


@pytest.mark.parametrize(("name", "mutant"), [(name, mutant) for name, case in CASES.items() for mutant in case.mutants])
def test_a_mutant_flips_it_and_is_named(name: str, mutant: str) -> None:
    """Broken, with a name for what breaks it, or a file that does not parse."""
    case = CASES[name]
    told = says(case.predicate, changed(case, case.mutants[mutant]), case.base)
    assert told.held is False
    assert told.breaches or told.blind


@pytest.mark.parametrize(("name", "refactor"), [(name, refactor) for name, case in CASES.items() for refactor in case.refactors])
def test_a_refactor_does_not_flip_it(name: str, refactor: str) -> None:
    """The same thing said another way holds as before."""
    case = CASES[name]
    assert says(case.predicate, changed(case, case.refactors[refactor]), case.base).held is True


def test_the_mutation_score_is_one_and_no_predicate_is_left_out() -> None:
    """Killed mutants over all mutants; every kind of predicate has two mutants and two refactors at least, but Tested, which no parsing decides."""
    kinds = {type(case.predicate) for case in CASES.values()}
    assert set(get_args(ask.Predicate)) - kinds == {ask.Tested}
    assert all(len(case.mutants) >= 2 and len(case.refactors) >= 2 for case in CASES.values())
    mutants = [(case, change) for case in CASES.values() for change in case.mutants.values()]
    killed = [says(case.predicate, changed(case, change), case.base).held is False for case, change in mutants]
    assert sum(killed) / len(mutants) == 1.0


def test_what_was_asked_before_has_no_say() -> None:
    """All trees of the table judged with one set of sources, forth and back, give what each gives alone."""
    for case in CASES.values():
        shelf = Shelf()
        sources, base = Sources(shelf), shelf.put(case.base)
        trees = [shelf.put(changed(case, change)) for change in ({}, *case.mutants.values(), *case.refactors.values())]
        alone = {tree: judged(case.predicate, tree, base, Sources(shelf)) for tree in trees}
        for tree in (*trees, *reversed(trees), base, *trees):
            told = judged(case.predicate, tree, base, sources)
            assert tree == base or told == alone[tree]
