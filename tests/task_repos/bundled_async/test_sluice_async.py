"""The bundled task sluice-async: its size, its tests before and after the solution, and checks that notice what they should."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.cli.preparing.reading import CHARS_PER_TOKEN
from tests.task_repos.bundled_small_medium.trial_copy import BUNDLED, apply, base_copy, graded, outcomes, solve

HERE = Path(__file__).parent
NAME = "sluice-async"
TASK = BUNDLED / NAME
STRUCTURE, RULES = "tests/hidden/test_structure.py", "tests/hidden/test_rules.py"
CHECKS = {
    "waits": f"{STRUCTURE}::test_listed_calls_are_coroutines",
    "plain": f"{STRUCTURE}::test_other_calls_stay_plain",
    "blocking": f"{STRUCTURE}::test_nothing_blocks_inside_coroutines",
    "owner": f"{STRUCTURE}::test_loops_have_one_owner",
    "threads": f"{STRUCTURE}::test_threads_and_sockets_are_left_to_the_runtime",
    "cancellation": f"{STRUCTURE}::test_cancellations_are_not_swallowed",
    "tasks": f"{STRUCTURE}::test_no_task_is_forgotten",
    "sleep": f"{STRUCTURE}::test_sleeping_is_left_to_the_clock",
    "facade": f"{STRUCTURE}::test_the_plain_gateway_holds_no_service",
    "frozen": f"{RULES}::test_frozen_modules_are_untouched",
    "announced": f"{RULES}::test_every_changed_module_is_announced",
    "tests": f"{RULES}::test_existing_tests_are_untouched",
}
MUTANTS = sorted((HERE / "mutants").glob("*.patch"))
EQUIVALENTS = sorted((HERE / "equivalents").glob("*.patch"))
AT_A_TIME = 2


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository after the solution, with the hidden tests laid in; to be copied, not changed."""
    work = base_copy(NAME, tmp_path_factory.mktemp("solved"))
    solve(NAME, work)
    lay_hidden(work)
    return work


def lay_hidden(work: Path) -> None:
    shutil.copytree(TASK / "tests" / "hidden", work / "tests" / "hidden", ignore=shutil.ignore_patterns("__pycache__"))


def patched(solved: Path, place: Path, patch: Path) -> Path:
    """A copy of the solved repository with one more patch."""
    work = shutil.copytree(solved, place / "work", ignore=shutil.ignore_patterns("__pycache__"))
    apply(patch, work)
    return work


def failing(work: Path, *arguments: str) -> set[str]:
    """Failed tests, without their parameters."""
    return {name.partition("[")[0] for name, passed in outcomes(work, *arguments).items() if not passed}


def judge_mutant(solved: Path, place: Path, patch: Path) -> set[str]:
    """What fails of the tests concerned: all checks, or the file of behaviour that the mutant names."""
    kind, area = patch.stem.split("--")[:2]
    concerned = [f"tests/hidden/test_{area}.py", "-x"] if kind == "behaviour" else [STRUCTURE, RULES]
    return failing(patched(solved, place, patch), *concerned)


def kind_of(patch: Path) -> str:
    """What a mutant is named after: a check, or an area of behaviour."""
    return patch.stem.removeprefix("behaviour--").split("--")[0]


def judge_mutants(solved: Path, place: Path, patches: list[Path]) -> dict[Path, set[str]]:
    """What each mutant fails; run side by side, since each is a process of its own."""
    with ThreadPoolExecutor(AT_A_TIME) as workers:
        found = workers.map(lambda patch: judge_mutant(solved, place / patch.stem, patch), patches)
        return dict(zip(patches, found, strict=True))


def assert_noticed(judged: dict[Path, set[str]]) -> None:
    """A mutant of a check fails that check and no other; one of behaviour fails some test in the file that it names."""
    checks = {patch.stem: failed for patch, failed in judged.items() if kind_of(patch) in CHECKS}
    assert checks == {patch.stem: {CHECKS[kind_of(patch)]} for patch in judged if patch.stem in checks}
    assert [patch.stem for patch, failed in judged.items() if not failed] == []


def sources(work: Path) -> dict[str, str]:
    return {p.relative_to(work).as_posix(): p.read_text("utf-8") for p in work.rglob("*.py") if "hidden" not in p.parts}


def test_size_and_necessary_reading(solved: Path) -> None:
    """60k source tokens or more in 90 to 110 files of at most 400 lines; the solution changes files with 40 % of them or more."""
    base, after = sources(TASK / "environment" / "repo"), sources(solved)
    total = sum(map(len, base.values()))
    changed = [name for name in base if after.get(name) != base[name]]
    assert 60_000 <= total / CHARS_PER_TOKEN <= 75_000
    assert 90 <= len(base) <= 110
    assert max(text.count("\n") for text in base.values()) <= 400
    assert len(changed) >= 30
    assert sum(len(base[name]) for name in changed) / total >= 0.40


def test_base_meets_exactly_what_it_is_said_to(tmp_path: Path) -> None:
    """Before the change each FAIL_TO_PASS test fails and each PASS_TO_PASS test passes, the visible suite among them."""
    work = base_copy(NAME, tmp_path)
    lay_hidden(work)
    found, ids = outcomes(work, "tests"), graded(NAME)
    assert sorted(name for name, passed in found.items() if not passed) == ids["fail_to_pass"]
    assert sorted(name for name, passed in found.items() if passed) == ids["pass_to_pass"]


def test_solution_passes_everything(solved: Path) -> None:
    """After the solution all graded tests pass."""
    found, ids = outcomes(solved, "tests"), graded(NAME)
    assert set(found) == {*ids["fail_to_pass"], *ids["pass_to_pass"]}
    assert all(found.values())


@pytest.mark.parametrize("patch", EQUIVALENTS, ids=lambda path: path.stem)
def test_equivalent_solutions_pass(patch: Path, solved: Path, tmp_path: Path) -> None:
    """Other honest shapes of the same change pass every hidden test."""
    assert failing(patched(solved, tmp_path, patch), "tests/hidden") == set()


def first_of(kinds: Iterable[str]) -> list[Path]:
    return [next(patch for patch in MUTANTS if kind_of(patch) == kind) for kind in kinds]


def test_every_check_notices_its_first_mutant(solved: Path, tmp_path: Path) -> None:
    """One tree that breaks every check at a time fails them all; that each mutant fails its own alone is for the long run."""
    work = shutil.copytree(solved, tmp_path / "work", ignore=shutil.ignore_patterns("__pycache__"))
    for patch in first_of(CHECKS):
        apply(patch, work)
    assert failing(work, STRUCTURE, RULES) == set(CHECKS.values())


def test_a_mutant_of_each_area_of_behaviour_is_noticed(solved: Path, tmp_path: Path) -> None:
    """The first one of each."""
    areas = sorted({kind_of(patch) for patch in MUTANTS} - set(CHECKS))
    assert_noticed(judge_mutants(solved, tmp_path, first_of(areas)))


@pytest.mark.long
def test_all_mutants_are_noticed(solved: Path, tmp_path: Path) -> None:
    """Every mutant that there is."""
    assert_noticed(judge_mutants(solved, tmp_path, MUTANTS))


def test_every_check_has_two_mutants() -> None:
    """At least two mutants per structural check, a dozen of behaviour, and two equivalent solutions."""
    counts = Counter(map(kind_of, MUTANTS))
    assert min(counts[kind] for kind in CHECKS) >= 2
    assert sum(count for kind, count in counts.items() if kind not in CHECKS) >= 12
    assert len(EQUIVALENTS) >= 2


def test_items_weigh_one_and_select_each_hidden_test_once() -> None:
    """Weights add up to one; every hidden test belongs to one item; all selected ids are graded."""
    config = tomllib.loads((TASK / "tests" / "longhaul.toml").read_text(encoding="utf-8"))
    selected = [name for item in config["item"] for name in item["select"]]
    hidden = [name for names in graded(NAME).values() for name in names if "/hidden/" in name]
    assert sorted(selected) == sorted(hidden)
    assert sum(item["weight"] for item in config["item"]) == pytest.approx(1)


def test_instruction_gives_nothing_away() -> None:
    """No file of the repository names the new modules, a hidden test or the solution."""
    texts = [p.read_text("utf-8") for p in (TASK / "environment" / "repo").rglob("*") if p.is_file() and p.suffix != ".pyc"]
    for word in ("AsyncGateway", "BlockingCallError", "asyncio", "tests/hidden"):
        assert not [text for text in texts if word in text]
