"""The medium bundled task of one registry of error codes: its size, its tests before and after the solution, checks that notice what they should."""

from __future__ import annotations

import importlib
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.cli.preparing.reading import reading
from task_repos.folder import read_task
from tests.task_repos.bundled_small_medium.trial_copy import BUNDLED, apply, base_copy, graded, outcomes, solve

HERE = Path(__file__).parent
NAME = "tollbook-errcodes"
TASK = BUNDLED / NAME
MUTANTS: list[dict[str, Any]] = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
STRUCTURAL = [each for each in MUTANTS if each["check"] != "behaviour"]
BEHAVIOUR = [each for each in MUTANTS if each["check"] == "behaviour"]
EQUIVALENTS = sorted((HERE / "equivalents").glob("*.patch"))
CHECKED = ("source_tree", "test_structure", "test_rules")


def lay_hidden(work: Path) -> Path:
    shutil.copytree(TASK / "tests" / "hidden", work / "tests" / "hidden", ignore=shutil.ignore_patterns("__pycache__"))
    return work


@contextmanager
def changed(work: Path, mutant: dict[str, Any]) -> Iterator[None]:
    """The tree with a mutant in it, and without it afterwards."""
    path = work / mutant["file"]
    before = path.read_text(encoding="utf-8") if path.exists() else None
    assert mutant["old"] in before if before is not None and mutant["old"] else before is None
    path.write_text(mutant["new"] if before is None else before.replace(mutant["old"], mutant["new"], 1), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solution, with the hidden tests beside its own."""
    work = base_copy(NAME, tmp_path_factory.mktemp("solved"))
    solve(NAME, work)
    return lay_hidden(work)


@pytest.fixture(scope="module")
def checks(solved: Path) -> dict[str, ModuleType]:
    """The structural checks, imported once, looking at the solved tree."""
    for name in CHECKED:
        sys.modules.pop(name, None)
    sys.path.insert(0, str(solved / "tests" / "hidden"))
    found = {name: importlib.import_module(name) for name in CHECKED}
    sys.path.remove(str(solved / "tests" / "hidden"))
    for name in CHECKED:
        sys.modules.pop(name)
    return found


def structural(checks: dict[str, ModuleType]) -> dict[str, Callable[[], None]]:
    return {name: each for module in list(checks.values())[1:] for name, each in vars(module).items() if name.startswith("test_")}


def failing(checks: dict[str, ModuleType]) -> set[str]:
    """Names of the structural checks that fail now."""
    checks["source_tree"].modules.cache_clear()
    checks["source_tree"].registry.cache_clear()
    return {name for name, check in structural(checks).items() if fails(check)}


def fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


def test_size_and_necessary_reading() -> None:
    """25k to 35k source tokens, of which the oracle must have read well over 40 %; files stay readable."""
    measured = reading(read_task(TASK, {}, ""))
    assert measured is not None
    assert 25_000 <= measured.tokens <= 35_000
    assert measured.share >= 0.4
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in (TASK / "environment" / "repo").rglob("*.py")]
    assert max(lengths) <= 400


def test_base_fails_what_it_must(tmp_path: Path) -> None:
    """Before the change every FAIL_TO_PASS test fails and every PASS_TO_PASS test passes, the visible suite among them."""
    found = outcomes(lay_hidden(base_copy(NAME, tmp_path)))
    assert sorted(name for name, passed in found.items() if not passed) == sorted(graded(NAME)["fail_to_pass"])
    assert sorted(name for name, passed in found.items() if passed) == sorted(graded(NAME)["pass_to_pass"])


@pytest.mark.parametrize("patch", [None, *EQUIVALENTS], ids=lambda path: path.stem if path else "solution")
def test_solutions_pass_everything(patch: Path | None, tmp_path: Path) -> None:
    """The known solution and other honest shapes of it pass all graded tests."""
    work = base_copy(NAME, tmp_path)
    solve(NAME, work)
    if patch is not None:
        apply(patch, work)
    found = outcomes(lay_hidden(work))
    assert set(found) == {name for names in graded(NAME).values() for name in names}
    assert [name for name, passed in found.items() if not passed] == []


def test_nothing_fails_without_mutants(checks: dict[str, ModuleType]) -> None:
    """The tree that mutants are made of passes every structural check."""
    assert failing(checks) == set()


@pytest.mark.parametrize("mutant", STRUCTURAL, ids=lambda each: each["name"])
def test_mutants_fail_their_check(mutant: dict[str, Any], solved: Path, checks: dict[str, ModuleType]) -> None:
    """A mutant fails the structural check that it names, and no other than it says."""
    with changed(solved, mutant):
        assert failing(checks) == {mutant["check"], *mutant.get("also", ())}


def test_mutants_of_behaviour_fail_their_tests(solved: Path, checks: dict[str, ModuleType]) -> None:
    """What no structural check sees is seen by the tests that a mutant names."""
    for mutant in BEHAVIOUR:
        with changed(solved, mutant):
            assert failing(checks) == set(), mutant["name"]
            found = outcomes(solved, *(f"tests/hidden/{each}" for each in mutant["tests"]))
            assert len(found) == len(mutant["tests"]), mutant["name"]
            assert not any(found.values()), mutant["name"]


def test_every_check_has_two_mutants(checks: dict[str, ModuleType]) -> None:
    """At least two mutants per structural check, and two equivalent solutions."""
    counts = {name: sum(each["check"] == name for each in STRUCTURAL) for name in structural(checks)}
    assert min(counts.values()) >= 2
    assert len(EQUIVALENTS) >= 2


def test_items_weigh_one_and_select_each_hidden_test_once() -> None:
    """Weights add up to one; every hidden test belongs to one item; all selected ids are graded."""
    items = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))["item"]
    hidden = [name for names in graded(NAME).values() for name in names if "/hidden/" in name]
    assert sorted(name for item in items for name in item["select"]) == sorted(hidden)
    assert sum(item["weight"] for item in items) == pytest.approx(1)


def test_repository_gives_nothing_away() -> None:
    """No file of the repository names a hidden test or the solution."""
    paths = [path for path in (TASK / "environment" / "repo").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    assert [word for word in ("registry", "PlainError", "exit_status=", "RESERVED", "tests/hidden") if word in text] == []
