"""The large bundled task: its size, its tests before and after the solution, and checks that notice what they should."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent
TASK = HERE.parents[2] / "task_repos" / "bundled" / "ledgerlite-rename"
BASE = TASK / "environment" / "repo"
SOLUTION = TASK / "solution" / "fix.patch"
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".pytest_cache")

STRUCTURE, RULES = "tests/hidden/test_structure.py", "tests/hidden/test_rules.py"
CHECKS = {
    "lookup": f"{STRUCTURE}::test_no_old_name_is_looked_up_in_the_package",
    "imports": f"{STRUCTURE}::test_old_functions_are_imported_for_export_only",
    "definitions": f"{STRUCTURE}::test_old_names_are_defined_in_compat_alone",
    "signatures": f"{STRUCTURE}::test_new_functions_take_keywords_only",
    "floats": f"{STRUCTURE}::test_quickpost_counts_without_floats",
    "strangers": f"{STRUCTURE}::test_strangers_keep_their_methods",
    "frozen": f"{RULES}::test_frozen_migrations_are_untouched",
    "announced": f"{RULES}::test_every_changed_module_is_announced",
    "tests": f"{RULES}::test_existing_tests_are_untouched",
}
MUTANTS = sorted((HERE / "mutants").glob("*.patch"))
EQUIVALENTS = sorted((HERE / "equivalents").glob("*.patch"))


def tree(folder: Path, *patches: Path) -> Path:
    """A copy of the base repository with patches applied."""
    work = folder / "work"
    shutil.copytree(BASE, work, ignore=LEFTOVERS)
    for patch in patches:
        subprocess.run(["git", "apply", "--whitespace=nowarn", str(patch)], cwd=work, check=True)
    return work


def graded(work: Path) -> dict[str, bool]:
    """The graded command of the task over a tree: node ids with whether they passed."""
    config = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))
    for source, target in config["grade"]["files"].items():
        shutil.copytree(TASK / source, work / target, ignore=LEFTOVERS)
    report = work.parent / "report.xml"
    environment = {**os.environ, "LONGHAUL_REPORT": str(report), "PYTHONDONTWRITEBYTECODE": "1"}
    command = config["grade"]["command"].replace("python3", sys.executable, 1)
    subprocess.run(["sh", "-c", command], cwd=work, env=environment, check=False, capture_output=True)
    cases = list(ET.parse(report).iter("testcase"))
    found = {f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}": not len(case) for case in cases}
    assert len(found) == len(cases)
    return found


def failing(work: Path) -> set[str]:
    return {name for name, passed in graded(work).items() if not passed}


@pytest.fixture(scope="module")
def ids() -> dict[str, list[str]]:
    return json.loads((TASK / "tests" / "ids.json").read_text(encoding="utf-8"))


def sources(work: Path) -> dict[str, str]:
    return {p.relative_to(work).as_posix(): p.read_text(encoding="utf-8") for p in work.rglob("*.py")}


def test_size_and_necessary_reading(tmp_path: Path) -> None:
    """60k source tokens or more (four characters each) in 45 to 70 files; the solution changes files with 45 % of them."""
    base = sources(tree(tmp_path / "base"))
    solved = sources(tree(tmp_path / "solved", SOLUTION))
    total = sum(map(len, base.values()))
    changed = [name for name in base if solved.get(name) != base[name]]
    assert 60_000 <= total / 4 <= 68_000
    assert 45 <= len(base) <= 70
    assert len(changed) >= 5
    assert sum(len(base[name]) for name in changed) / total >= 0.45


def test_visible_suite_is_green_at_base(tmp_path: Path) -> None:
    """The repository's own tests pass before anything is done."""
    work = tree(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_base_fails_what_it_must(tmp_path: Path, ids: dict[str, list[str]]) -> None:
    """Before the change every FAIL_TO_PASS test fails and every PASS_TO_PASS test passes, and nothing else runs."""
    found = graded(tree(tmp_path))
    assert sorted(name for name, passed in found.items() if not passed) == sorted(ids["fail_to_pass"])
    assert sorted(name for name, passed in found.items() if passed) == sorted(ids["pass_to_pass"])


def test_solution_passes_everything(tmp_path: Path, ids: dict[str, list[str]]) -> None:
    """After the solution all graded tests pass."""
    found = graded(tree(tmp_path, SOLUTION))
    assert set(found) == {*ids["fail_to_pass"], *ids["pass_to_pass"]}
    assert all(found.values())


@pytest.mark.parametrize("patch", EQUIVALENTS, ids=lambda path: path.stem)
def test_equivalent_solutions_pass(patch: Path, tmp_path: Path) -> None:
    """Other honest shapes of the same change pass every graded test."""
    assert failing(tree(tmp_path, SOLUTION, patch)) == set()


@pytest.mark.parametrize("patch", MUTANTS, ids=lambda path: path.stem)
def test_mutants_fail_their_check(patch: Path, tmp_path: Path) -> None:
    """A mutant fails the check that it is named after and no other; one of behaviour fails some test of behaviour."""
    kind = patch.stem.split("--")[0]
    found = failing(tree(tmp_path, SOLUTION, patch))
    if kind == "behaviour":
        assert found
        assert not found & set(CHECKS.values())
    else:
        assert found == {CHECKS[kind]}


def test_every_check_has_two_mutants() -> None:
    """At least two mutants per structural check, and two equivalent solutions."""
    counts = {kind: len(list((HERE / "mutants").glob(f"{kind}--*.patch"))) for kind in CHECKS}
    assert min(counts.values()) >= 2
    assert len(EQUIVALENTS) >= 2


def test_items_weigh_one_and_select_each_hidden_test_once(ids: dict[str, list[str]]) -> None:
    """Weights add up to one; every hidden test belongs to one item; all selected ids are graded."""
    config = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))
    selected = [name for item in config["item"] for name in item["select"]]
    hidden = [name for names in ids.values() for name in names if "/hidden/" in name]
    assert sorted(selected) == sorted(hidden)
    assert sum(item["weight"] for item in config["item"]) == pytest.approx(1)


def test_instruction_gives_nothing_away() -> None:
    """No file of the repository names a hidden test or the solution."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in BASE.rglob("*") if p.is_file() and p.suffix != ".pyc")
    for word in ("record_transfer", "skip_invalid", "Receipt", "tests/hidden"):
        assert word not in text
