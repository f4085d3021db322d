"""tests/longhaul.toml decides how a task is graded, and is read strictly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.errors import TaskError
from harness.core.task import TestIds
from tests.task_repos.harbor_folders import GRADE, GRADED, Files, read


def test_named_tests_decide_where_the_file_says_so(tmp_path: Path) -> None:
    """tests/longhaul.toml gives command, ids and files under their names in the work tree."""
    check = read(tmp_path, GRADED).check
    assert isinstance(check, TestIds)
    assert (check.fail_to_pass, check.pass_to_pass) == (("tests/test_a.py::test",), ("tests/test_b.py::test",))
    assert [(file.path, file.mode) for file in check.files] == [("tests/test_a.py", 0o644)]
    assert (check.replaced, check.allow, check.deadline, check.format) == ((), ("pyproject.toml",), 60, "junit")


def test_a_hidden_folder_of_the_same_name_is_replaced_whole(tmp_path: Path) -> None:
    """tests/hidden laid at tests/hidden takes the place of whatever an agent puts there; `replaced` says otherwise."""
    same = GRADE.replace('"tests/hidden" = "tests"', '"tests/hidden" = "tests/hidden"')
    check = read(tmp_path, GRADED | {"tests/longhaul.toml": same}).check
    assert isinstance(check, TestIds)
    assert check.replaced == ("tests/hidden",)
    other = read(tmp_path / "b", GRADED | {"tests/longhaul.toml": same + 'replaced = ["tests"]\n'}).check
    assert isinstance(other, TestIds)
    assert other.replaced == ("tests",)


def test_items_name_tests_or_their_beginnings(tmp_path: Path) -> None:
    """A select ending in a star stands for the ids that begin so, brackets and all."""
    ids = json.dumps({"fail_to_pass": ["a.py::t[x]", "a.py::t[y]"], "pass_to_pass": ["b.py::t"]})
    items = '[[item]]\nid = "i"\nweight = 0.5\nselect = ["a.py::t[*"]\n[[item]]\nid = "k"\nweight = 0.5\nselect = ["b.py::t"]\n'
    check = read(tmp_path, GRADED | {"tests/ids.json": ids, "tests/longhaul.toml": GRADE + items}).check
    assert isinstance(check, TestIds)
    assert [(item.id, item.select) for item in check.items] == [("i", ("a.py::t[x]", "a.py::t[y]")), ("k", ("b.py::t",))]


def changed(old: str, new: str) -> Files:
    assert old in GRADE
    return {"tests/longhaul.toml": GRADE.replace(old, new)}


STRICT: list[tuple[Files, str]] = [
    (changed("format = 1", "format = 2"), "format: found 2"),
    (changed("format = 1\n", ""), "format"),
    (changed("deadline = 60", "deadline = 60\nfoo = 1"), "grade.foo: found an unknown key"),
    ({"tests/longhaul.toml": GRADE + "[[stages]]\nstep = 1\n"}, "stages: found an unknown key"),
    (changed('format = "junit"', 'format = "tap"'), "grade.format"),
    (changed('ids = "tests/ids.json"\n', ""), "ids"),
    (changed('"tests/ids.json"', '"../ids.json"'), "grade.ids"),
    (changed('"tests/ids.json"', '"tests/none.json"'), "none.json"),
    (changed('"tests/hidden" = "tests"', '"tests/hidden" = "../x"'), "grade.files"),
    (changed('"tests/hidden" = "tests"', '"tests/hidden" = ".git/hooks"'), "grade.files"),
    (changed('"tests/hidden" = "tests"', '"tests/nothing" = "tests"'), "grade.files"),
    (changed("deadline = 60", "deadline = 0"), "grade.deadline"),
    (changed("deadline = 60", f"deadline = {'9' * 5000}"), "expected TOML"),
    (changed("deadline = 60", f"deadline = {'[' * 20_000}"), "expected TOML"),
    ({"task.toml": f"a = {'9' * 5000}"}, "expected TOML"),
    ({"tests/ids.json": "{"}, "JSON"),
    ({"tests/ids.json": '{"fail_to_pass": ["a"], "pass_to_pass": ["a"]}'}, "'a' twice"),
    ({"tests/ids.json": '{"fail_to_pass": [], "pass_to_pass": []}'}, "no test at all"),
    ({"tests/ids.json": '{"fail_to_pass": [], "pass_to_pass": ["a"]}'}, "regression_only"),
    ({"tests/ids.json": '{"fail_to_pass": ["a"], "pass_to_pass": ["b"], "more": 1}'}, "more"),
    (changed("deadline = 60", "deadline = 60\nregression_only = true"), "regression_only"),
    ({"tests/longhaul.toml": GRADE + '[[item]]\nid = "i"\nweight = 0.5\nselect = ["tests/test_a.py::test"]\n'}, "sum to 1"),
    ({"tests/longhaul.toml": GRADE + '[[item]]\nid = "i"\nweight = 1\nselect = ["nowhere"]\n'}, "'nowhere'"),
    ({"tests/longhaul.toml": GRADE + '[[item]]\nid = "i"\nweight = 1\nselect = []\n'}, "at least one id"),
]


@pytest.mark.parametrize(("change", "words"), STRICT, ids=[words for _, words in STRICT])
def test_the_extension_is_strict(tmp_path: Path, change: Files, words: str) -> None:
    """Whatever longhaul.toml gets wrong is one sentence that names it."""
    with pytest.raises(TaskError) as caught:
        read(tmp_path, GRADED | change)
    assert words in str(caught.value)


def test_a_task_may_say_that_nothing_younger_lies_in_its_image(tmp_path: Path) -> None:
    """[history] newest is a day; anything else is refused by field."""
    dated = GRADED | {"tests/longhaul.toml": GRADE + '[history]\nnewest = "2025-06-30"\n'}
    assert read(tmp_path, dated).place.newest == "2025-06-30"
    assert read(tmp_path / "b", GRADED).place.newest == ""
    with pytest.raises(TaskError, match=r"history.newest: found 'last June', expected a day"):
        read(tmp_path / "c", GRADED | {"tests/longhaul.toml": GRADE + '[history]\nnewest = "last June"\n'})
