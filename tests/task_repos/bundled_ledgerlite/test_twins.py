"""Twins of the handcrafted task: all requests at once, and each alone upon the state before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import PlanError, TaskError
from harness.core.predicates import At
from harness.core.task import TaskSpec
from task_repos.staging.folders import Folder
from task_repos.twins import create, made
from tests.task_repos.bundled_ledgerlite.ground import FOLDER, asked_of, final, hidden_of, judged_from, trees


def read(delivery: str, cache: Path) -> list[TaskSpec]:
    return list(create(path=str(FOLDER), cache=str(cache), delivery=delivery))


def twin(delivery: str, name: str) -> Folder:
    return next(one for one in made(FOLDER, delivery, {}) if one.name == name)


def test_all_at_once_is_one_task_with_the_same_end(tmp_path: Path) -> None:
    """One request with every text in order; what was overturned on the way is no item; the moves lead to the same files."""
    (task,) = read("concat", tmp_path)
    assert task.id == "ledgerlite-concat"
    (request,) = task.brief.requests
    assert all(f"# Request {k}\n" in request.text for k in range(1, 21))
    assert task.memory is not None
    assert not {"api-old", "rounding", "changelog"} & {item.id for item in task.memory.items}
    assert len(task.memory.milestones) == 48
    folder = twin("concat", task.id)
    assert dict(folder.final) == dict(final())
    for one in task.memory.milestones:
        assert judged_from(one.predicate, folder.final, folder.base, tested=True) is True, one.id
    for each in task.memory.constraints:
        assert judged_from(each.predicate, folder.final, folder.base) is True, each.item


def test_each_request_alone_says_what_holds_by_then(tmp_path: Path) -> None:
    """Eighteen tasks of one request; each holds the rules and facts that it needs, ends where the solution was then, and its points are met there."""
    tasks = read("fresh", tmp_path)
    assert [task.id for task in tasks] == [f"ledgerlite-fresh-s{k:02d}" for k in range(1, 20) if k != 6]
    folders = {folder.name: folder for folder in made(FOLDER, "fresh", {})}
    for task in tasks:
        folder, number = folders[task.id], int(task.id[-2:])
        assert task.memory is not None
        assert dict(folder.final) == dict(trees()[number])
        for one in task.memory.milestones:
            assert judged_from(one.predicate, folder.final, folder.base, tested=True) is True, one.id
            assert judged_from(one.predicate, folder.base, folder.base, tested=False) is False, one.id
        for each in task.memory.constraints:
            assert judged_from(each.predicate, folder.final, folder.base) is True, (task.id, each.item)
    late = next(task for task in tasks if task.id.endswith("s19"))
    assert "DE71ZZZ00000460822" in late.brief.requests[0].text
    assert "LLX-7Q4K-0931" not in late.brief.requests[0].text
    assert all(isinstance(each.occasion, At) is False or each.occasion.stage == 1 for task in tasks for each in (task.memory.constraints if task.memory else ()))


@pytest.mark.parametrize("number", [pytest.param(k, marks=() if k == 16 else pytest.mark.long) for k in range(1, 20) if k != 6])
def test_alone_it_fails_before_and_passes_after(number: int, tmp_path: Path) -> None:
    """By its own named tests, of which some fail at its beginning."""
    folder = twin("fresh", f"ledgerlite-fresh-s{number:02d}")
    before, wanted = hidden_of(folder, folder.base, tmp_path / "before")
    after, _ = hidden_of(folder, folder.final, tmp_path / "after")
    assert {name for name in wanted["fail_to_pass"] if before.get(name)} == set()
    assert {name for name in wanted["pass_to_pass"] if not before.get(name)} == set()
    assert {name for names in wanted.values() for name in names if not after.get(name)} == set()


def test_another_delivery_or_folder_is_one_sentence(tmp_path: Path) -> None:
    """Neither a third delivery nor a task of one request."""
    with pytest.raises(PlanError, match="concat or fresh"):
        create(path=str(FOLDER), delivery="both")
    with pytest.raises(TaskError, match="no staged task"):
        create(path=str(FOLDER.with_name("weather-spread")), delivery="concat", cache=str(tmp_path))


def test_no_hidden_test_is_asked_for_by_a_stranger() -> None:
    """What a milestone of a twin asks of tests stands among that twin's graded ids."""
    for folder in made(FOLDER, "fresh", {}):
        graded = folder.files["tests/ids.json"].decode()
        assert all(f'"{name}"' in graded for one in folder.manifest.milestones for ids in asked_of(one.predicate) for name in ids), folder.name
