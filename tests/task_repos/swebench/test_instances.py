"""Row recipes: a folder that names sdists joins with classic rows, and its bad rows are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.core.task import ImageRecipe, ImageTag, Official
from sandboxes.recipe_spec import read_recipe
from task_repos.swebench import RELEASE, create

from .conftest import CLASSIC

OWN: dict[str, Any] = {
    "instance_id": "owner__name-1",
    "sdist": {"name": "name", "version": "1.0", "sha256": "0" * 64},
    "base_tree": "1" * 40,
    "python": "3.11",
    "debian_suite": "bookworm",
    "debian_packages": ["python3", "python3-venv", "git"],
    "requirements": "name.txt",
    "install": ["pip install -e ."],
    "test_cmd": "pytest -rA {files}",
    "log_format": "pytest",
    "fail_to_pass": ["t::one"],
    "pass_to_pass": ["t::two"],
}


def folder(tmp_path: Path, *own: dict[str, Any], pins: bytes = b"# pins\npytest==8.0\n\n") -> Path:
    place = tmp_path / "sample"
    (place / "requirements").mkdir(parents=True)
    (place / "requirements" / "name.txt").write_bytes(pins)
    (place / "instances.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))
    (tmp_path / "swebench_lite").mkdir()
    (tmp_path / "swebench_lite" / "rows.jsonl").write_text(json.dumps(CLASSIC) + "\n")
    return place


def test_instance_is_joined_and_whole(tmp_path: Path) -> None:
    """The task has the row's issue, the instance's lists and command, and a recipe that the image builder reads."""
    (task,) = create(path=str(folder(tmp_path, OWN)))
    assert isinstance(task.check, Official)
    assert isinstance(task.place.image, ImageTag)
    assert isinstance(task.place.image.otherwise, ImageRecipe)
    assert (task.check.fail_to_pass, task.check.pass_to_pass) == (("t::one",), ("t::two",))
    assert "git checkout HEAD -- tests/test_a.py" in json.loads(task.check.row)["eval_script"]
    recipe = read_recipe(task.place.image.otherwise.text, "test")
    assert (recipe.requirements, recipe.patch, recipe.sdist.version) == (("pytest==8.0",), CLASSIC["patch"], "1.0")
    assert RELEASE in task.provenance.warnings


def test_digest_is_not_about_where_the_folder_lies(tmp_path: Path) -> None:
    """The same recipe in two folders is the same task; other pins are another."""
    found = [create(path=str(folder(tmp_path / name, OWN, pins=pins))) for name, pins in (("a", b"p==1\n"), ("b", b"p==1\n"), ("c", b"p==2\n"))]
    first, second, third = (next(iter(source)).digest for source in found)
    assert first == second != third


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"instance_id": "nobody"}, "instance_id: found 'nobody', expected an id among the rows"),
        ({"sdist": "name"}, "sdist: found str, expected an object"),
        ({"sdist": {"name": "name"}}, "sdist.version: found nothing"),
        ({"debian_packages": "git"}, "debian_packages: found str, expected a list of texts"),
        ({"requirements": "../name.txt"}, "requirements: found '../name.txt'"),
        ({"requirements": "none.txt"}, "requirements: found none.txt ("),
        ({"test_cmd": None}, "test_cmd: found nothing"),
        ({"base_tree": 5}, "base_tree: found int"),
    ],
)
def test_bad_instance_is_named(changes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    """Each complaint says file, row and field, and the good instance after it is a task."""
    source = create(path=str(folder(tmp_path, OWN | changes, OWN)))
    assert [task.id for task in source] == ["owner__name-1"]
    (fault,) = source.faults
    assert str(fault).startswith(str(tmp_path / "sample" / "instances.jsonl") + " row 1")
    assert sentence in str(fault)


def test_missing_rows_are_one_complaint(tmp_path: Path) -> None:
    """Without the file that it joins with, the folder gives no task and one sentence."""
    source = create(path=str(folder(tmp_path, OWN)), rows="../none.jsonl")
    assert list(source) == []
    assert "none.jsonl" in str(source.faults[0])
