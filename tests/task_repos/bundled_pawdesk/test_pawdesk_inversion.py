"""The large bundled task of dependency inversion: its size, its tests before and after the solution, checks that notice what they should."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from harness.cli.preparing.reading import reading
from task_repos.folder import read_task

HERE = Path(__file__).parent
TASK = HERE.parents[2] / "task_repos" / "bundled" / "pawdesk-inversion"
HIDDEN = TASK / "tests" / "hidden"
SOLUTION = TASK / "solution" / "fix.patch"
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".pytest_cache")
MUTANTS = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
STRUCTURAL = [each for each in MUTANTS if each["check"] != "behaviour"]
BEHAVIOUR = [each for each in MUTANTS if each["check"] == "behaviour"]
EQUIVALENTS = sorted((HERE / "equivalents").glob("*.patch"))
CHECKED = ("source_tree", "test_structure", "test_rules")


def tree(folder: Path, *patches: Path) -> Path:
    """A copy of the base repository with patches applied."""
    work = folder / "work"
    shutil.copytree(TASK / "environment" / "repo", work, ignore=LEFTOVERS)
    for patch in patches:
        subprocess.run(["git", "apply", "--whitespace=nowarn", str(patch)], cwd=work, check=True)
    return work


def command(work: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LONGHAUL_REPORT": str(work.parent / "report.xml"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], cwd=work, env=environment, check=False, capture_output=True, text=True)


def graded(work: Path) -> dict[str, bool]:
    """The graded command of the task over a tree: node ids with whether they passed."""
    shutil.copytree(HIDDEN, work / "tests" / "hidden", ignore=LEFTOVERS)
    words = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))["grade"]["command"].split()
    command(work, *(word.replace("$LONGHAUL_REPORT", str(work.parent / "report.xml")) for word in words[1:]))
    cases = list(ET.parse(work.parent / "report.xml").iter("testcase"))
    found = {f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}": not len(case) for case in cases}
    assert len(found) == len(cases)
    return found


@contextmanager
def changed(work: Path, mutant: dict[str, Any]) -> Iterator[None]:
    """The tree with a mutant in it, and without it afterwards."""
    path = work / mutant["file"]
    before = path.read_text(encoding="utf-8") if path.exists() else None
    assert (before or "").count(mutant["old"]) >= 1 if mutant["old"] else before is None
    path.write_text(before.replace(mutant["old"], mutant["new"], 1) if before is not None else mutant["new"], encoding="utf-8")
    try:
        yield
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


@pytest.fixture(scope="module")
def ids() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((TASK / "tests" / "ids.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solution, with the hidden tests beside its own."""
    work = tree(tmp_path_factory.mktemp("solved"), SOLUTION)
    shutil.copytree(HIDDEN, work / "tests" / "hidden", ignore=LEFTOVERS)
    return work


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


def calls(check: Callable[..., None]) -> Iterator[tuple[Any, ...]]:
    """The arguments of a parametrised check, nothing for a plain one."""
    marks = getattr(check, "pytestmark", [])
    yield from [(value,) for mark in marks for value in mark.args[1]] if marks else [()]


def fails(check: Callable[..., None]) -> bool:
    for arguments in calls(check):
        try:
            check(*arguments)
        except AssertionError:
            return True
    return False


def failing(checks: dict[str, ModuleType]) -> set[str]:
    """Names of the structural checks that fail now."""
    source = checks["source_tree"]
    for cached in (source.modules, source.edges, source.adapter_classes):
        cached.cache_clear()
    found = {n: f for module in list(checks.values())[1:] for n, f in vars(module).items() if n.startswith("test_")}
    return {name for name, check in found.items() if fails(check)}


def test_size_and_necessary_reading() -> None:
    """60k source tokens or more; the oracle's necessary reading is well over 40 % of them; files stay readable."""
    measured = reading(read_task(TASK, {}, ""))
    assert measured is not None
    assert measured.tokens >= 60_000
    assert measured.share >= 0.4
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in (TASK / "environment" / "repo").rglob("*.py")]
    assert max(lengths) <= 400


def test_base_fails_what_it_must(tmp_path: Path, ids: dict[str, list[str]]) -> None:
    """Before the change every FAIL_TO_PASS test fails and every PASS_TO_PASS test passes, the visible suite among them."""
    found = graded(tree(tmp_path))
    assert sorted(name for name, passed in found.items() if not passed) == sorted(ids["fail_to_pass"])
    assert sorted(name for name, passed in found.items() if passed) == sorted(ids["pass_to_pass"])


@pytest.mark.parametrize("patch", [None, *EQUIVALENTS], ids=lambda path: path.stem if path else "solution")
def test_solutions_pass_everything(patch: Path | None, tmp_path: Path, ids: dict[str, list[str]]) -> None:
    """The known solution and other honest shapes of it pass all graded tests."""
    found = graded(tree(tmp_path, SOLUTION, *([patch] if patch else [])))
    assert set(found) == {*ids["fail_to_pass"], *ids["pass_to_pass"]}
    assert [name for name, passed in found.items() if not passed] == []


@pytest.mark.parametrize("mutant", STRUCTURAL, ids=lambda each: each["name"])
def test_mutants_fail_their_check(mutant: dict[str, Any], solved: Path, checks: dict[str, ModuleType]) -> None:
    """A mutant fails the structural check that it names, and no other than it says."""
    with changed(solved, mutant):
        assert failing(checks) == {mutant["check"], mutant.get("also", mutant["check"])}


def test_nothing_fails_without_mutants(checks: dict[str, ModuleType]) -> None:
    """The tree that mutants are made of passes every structural check."""
    assert failing(checks) == set()


def test_mutants_of_behaviour_fail_their_tests(solved: Path, checks: dict[str, ModuleType]) -> None:
    """What no structural check sees is seen by the tests that a mutant names."""
    for mutant in BEHAVIOUR:
        with changed(solved, mutant):
            assert failing(checks) == set(), mutant["name"]
            nodes = [f"tests/hidden/{each}" for each in mutant["tests"]]
            done = command(solved, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nodes)
            assert (done.returncode, f"{len(nodes)} failed" in done.stdout) == (1, True), mutant["name"]


def test_every_check_has_two_mutants(checks: dict[str, ModuleType]) -> None:
    """At least two mutants per structural check, and two equivalent solutions."""
    names = {name for module in list(checks.values())[1:] for name in vars(module) if name.startswith("test_")}
    counts = {name: sum(each["check"] == name for each in STRUCTURAL) for name in names}
    assert min(counts.values()) >= 2
    assert len(EQUIVALENTS) >= 2


def test_items_weigh_one_and_select_each_hidden_test_once(ids: dict[str, list[str]]) -> None:
    """Weights add up to one; every hidden test belongs to one item; all selected ids are graded."""
    items = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))["item"]
    hidden = [name for names in ids.values() for name in names if "/hidden/" in name]
    assert sorted(name for item in items for name in item["select"]) == sorted(hidden)
    assert sum(item["weight"] for item in items) == pytest.approx(1)


def test_repository_gives_nothing_away() -> None:
    """No file of the repository names a hidden test or the solution."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in (TASK / "environment" / "repo").rglob("*") if p.is_file() and p.suffix != ".pyc")
    for word in ("adapters", "wiring", "Protocol", "EventBus", "legacy", "tests/hidden"):
        assert word not in text
