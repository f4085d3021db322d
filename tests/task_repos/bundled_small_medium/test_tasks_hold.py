"""The small and the medium bundled task: green at base, every hidden demand unmet there, all met by the solution."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.task_repos.bundled_small_medium.trial_copy import (
    BUNDLED,
    TASKS,
    base_copy,
    graded,
    judge,
    outcomes,
    run,
    solve,
)

TOKENS = {"weather-spread": (7_000, 10_000), "scheduler-split": (28_000, 34_000)}


@pytest.mark.parametrize("task", TASKS)
def test_visible_suite_is_green_at_base(task: str, tmp_path: Path) -> None:
    """What the agent finds passes its own tests."""
    results = outcomes(base_copy(task, tmp_path))
    assert len(results) >= 30
    assert all(results.values())


@pytest.mark.parametrize("task", TASKS)
def test_base_meets_exactly_what_it_is_said_to(task: str, tmp_path: Path) -> None:
    """At base each FAIL_TO_PASS fails, each PASS_TO_PASS passes, and no hidden test is in neither list."""
    results = judge(task, base_copy(task, tmp_path))
    ids = graded(task)
    assert sorted(results) == sorted(ids["fail_to_pass"] + ids["pass_to_pass"])
    assert {each for each, passed in results.items() if not passed} == set(ids["fail_to_pass"])


@pytest.mark.parametrize("task", TASKS)
def test_solution_meets_everything(task: str, tmp_path: Path) -> None:
    """After solve.sh every hidden test and the visible suite pass."""
    work = base_copy(task, tmp_path)
    solve(task, work)
    assert all(outcomes(work).values())
    assert not [each for each, passed in judge(task, work).items() if not passed]


@pytest.mark.parametrize("task", TASKS)
def test_solution_changes_at_least_five_source_files(task: str, tmp_path: Path) -> None:
    """The change spans several modules that exist already, tests not counted."""
    work = base_copy(task, tmp_path)
    before = {path: path.read_bytes() for path in work.rglob("*.py") if "tests" not in path.parts}
    solve(task, work)
    assert sum(path.read_bytes() != data for path, data in before.items()) >= 5
    assert not [path for path in work.rglob("*") if path.suffix in {".orig", ".rej"}]


@pytest.mark.parametrize("task", TASKS)
def test_size_is_as_announced(task: str) -> None:
    """Source and visible tests together have the announced number of tokens, at four characters each."""
    repo = BUNDLED / task / "environment" / "repo"
    low, high = TOKENS[task]
    assert low <= sum(len(path.read_text(encoding="utf-8")) for path in repo.rglob("*.py")) // 4 <= high


@pytest.mark.parametrize("task", TASKS)
def test_graded_copies_of_the_visible_suite_are_the_visible_suite(task: str) -> None:
    """tests/hidden/kept repeats the suite byte for byte, so that edits of the agent's own copy have no say."""
    folder = BUNDLED / task
    visible = {path.name: path.read_bytes() for path in (folder / "environment" / "repo" / "tests").glob("*.py")}
    assert {path.name: path.read_bytes() for path in (folder / "tests" / "hidden" / "kept").glob("*.py")} == visible


@pytest.mark.parametrize("task", TASKS)
def test_items_cover_every_demand_once(task: str) -> None:
    """The weighted items share out FAIL_TO_PASS without rest or overlap, and their weights sum to one."""
    items = tomllib.loads((BUNDLED / task / "tests" / "longhaul.toml").read_text(encoding="utf-8"))["item"]
    assert sum(item["weight"] for item in items) == pytest.approx(1.0)
    assert sorted(each for item in items for each in item["select"]) == sorted(graded(task)["fail_to_pass"])
    assert len({item["id"] for item in items}) == len(items)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("solved", "reward"), [(False, "0"), (True, "1")])
def test_harbor_script_agrees(task: str, tmp_path: Path, *, solved: bool, reward: str) -> None:
    """tests/test.sh alone writes 0 at base and 1 after the solution."""
    work, logs = base_copy(task, tmp_path), tmp_path / "logs"
    if solved:
        solve(task, work)
    uploaded = shutil.copytree(BUNDLED / task / "tests", tmp_path / "uploaded")
    run(["bash", str(uploaded / "test.sh")], work, WORKSPACE=str(work), LOGS=str(logs))
    assert (logs / "reward.txt").read_text(encoding="utf-8").strip() == reward


@pytest.mark.parametrize("task", TASKS)
def test_harbor_script_counts_a_missing_or_skipped_test_as_failed(task: str, tmp_path: Path) -> None:
    """The verdict asks for each id exactly once and passed: a report with a hole, a skip or a double gives 0."""
    ids = graded(task)
    wanted = ids["fail_to_pass"] + ids["pass_to_pass"]
    whole = [(each, "") for each in wanted]
    spoilt: tuple[list[tuple[str, str]], ...] = (
        whole[1:],
        [*whole[1:], (wanted[0], "<skipped/>")],
        [*whole, whole[0]],
        [],
    )
    verdicts = [_verdict(task, tmp_path, cases) for cases in (whole, *spoilt)]
    assert verdicts == ["1", "0", "0", "0", "0"]


def _verdict(task: str, place: Path, cases: list[tuple[str, str]]) -> str:
    """What verdict.py prints for a report with these cases."""
    lines = []
    for each, inside in cases:
        file, _, name = each.partition("::")
        classname = file.removesuffix(".py").replace("/", ".")
        escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        lines.append(f'<testcase classname="{classname}" name="{escaped}">{inside}</testcase>')
    report = place / "made.xml"
    report.write_text(f"<testsuite>{''.join(lines)}</testsuite>", encoding="utf-8")
    tests = BUNDLED / task / "tests"
    return run(["python3", str(tests / "verdict.py"), str(tests / "ids.json"), str(report)], place).strip()


@pytest.mark.parametrize(
    ("task", "facts", "folder"),
    [("weather-spread", "base.json", "stationlog"), ("scheduler-split", "public.json", "tidewheel/migrations")],
)
def test_hidden_digests_are_those_of_the_base(task: str, facts: str, folder: str) -> None:
    """The digests that the hidden tests compare with are the digests of the repository in environment/."""
    repo = BUNDLED / task / "environment" / "repo"
    told = json.loads((BUNDLED / task / "tests" / "hidden" / facts).read_text(encoding="utf-8"))
    found = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (repo / folder).glob("*.py")}
    by_path = {path.relative_to(repo).as_posix(): digest for path, digest in found.items()}
    by_name = {path.name: digest for path, digest in found.items()}
    assert by_path.items() <= told.items() if task == "weather-spread" else told["migrations"] == by_name
