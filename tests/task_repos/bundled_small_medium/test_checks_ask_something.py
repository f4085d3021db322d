"""Every structural check is seen failing on mutants that break just it, and lets equivalent solutions pass."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.task_repos.bundled_small_medium.trial_copy import HERE, TASKS, apply, base_copy, judge, solve

# Not asked of the solution: one looks at the checks themselves.
OWN = "test_the_checks_see_what_they_look_for"


def patches(kind: str) -> list[Path]:
    """The patches of a kind over all tasks, each to be applied on top of the solution."""
    return sorted((HERE / kind).glob("*/*.patch"))


def named(path: Path) -> str:
    """A patch in the words of a test id."""
    return f"{path.parent.name}-{path.stem}"


def promised(patch: Path, word: str) -> set[str]:
    """The node ids that the head of a patch names after `word`."""
    head = patch.read_text(encoding="utf-8").partition("diff --git")[0].splitlines()
    return {line.removeprefix(f"{word}: ") for line in head if line.startswith(f"{word}: ")}


@pytest.mark.parametrize("patch", patches("mutants"), ids=named)
def test_mutant_is_seen(patch: Path, tmp_path: Path) -> None:
    """`breaks` names all that fail on the mutant, `breaks at least` some of them."""
    task = patch.parent.name
    work = base_copy(task, tmp_path)
    solve(task, work)
    apply(patch, work)
    failed = {each for each, passed in judge(task, work, kept=False).items() if not passed}
    exactly, some = promised(patch, "breaks"), promised(patch, "breaks at least")
    assert exactly or some
    assert failed == exactly if exactly else some <= failed


@pytest.mark.parametrize("patch", patches("equivalents"), ids=named)
def test_equivalent_solution_passes(patch: Path, tmp_path: Path) -> None:
    """Another honest way of writing the solution meets every hidden test."""
    task = patch.parent.name
    work = base_copy(task, tmp_path)
    solve(task, work)
    apply(patch, work)
    assert not [each for each, passed in judge(task, work).items() if not passed]


@pytest.mark.parametrize("task", TASKS)
def test_every_structural_check_has_two_mutants(task: str, tmp_path: Path) -> None:
    """Each function of test_structure.py is named by at least two mutants, and each task has two equivalents."""
    work = base_copy(task, tmp_path)
    checks = {function(each) for each in judge(task, work, kept=False) if "/test_structure.py::" in each} - {OWN}
    mutants = [path for path in patches("mutants") if path.parent.name == task]
    count = Counter(name for path in mutants for name in {function(each) for each in promised(path, "breaks")})
    assert {check: count[check] for check in checks if count[check] < 2} == {}
    assert len([path for path in patches("equivalents") if path.parent.name == task]) >= 2


def function(node_id: str) -> str:
    """The bare name of a test's function."""
    return node_id.partition("::")[2].partition("[")[0]
