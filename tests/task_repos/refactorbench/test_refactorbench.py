"""RefactorBench folders: three wordings of each problem, its own test file, and a verdict by tests over syntax trees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.contracts.tasks import complaints
from harness.core.task import TaskSpec, TestIds
from task_repos import refactorbench
from tests.end_to_end.tiny import last, longhaul

BEFORE = "def area(w, h):\n    return w * h\n"
CALLER = "from shapes import area\n\n\ndef room():\n    return area(3, 4)\n"
CHECK = """import ast
import unittest


def names(path):
    with open(path, "r") as file:
        return {node.name for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.FunctionDef)}


class TestRename(unittest.TestCase):
    def test_new_name_is_there(self):
        self.assertIn("rectangle_area", names("../shapes.py"))

    def test_callers_follow(self):
        with open("../rooms.py", "r") as file:
            self.assertIn("rectangle_area(3, 4)", file.read())
"""


def written(folder: Path, **tests: str) -> Path:
    """A benchmark of one repository and the problem `rename-area`; `tests`: file stems and texts instead of the one test."""
    texts = {
        "repositories/house_refactor/shapes.py": BEFORE, "repositories/house_refactor/rooms.py": CALLER,
        **{f"problems/{wording}_problems/house_refactor/rename-area-task.txt": f"Rename area, {wording}.\n" for wording in refactorbench.WORDINGS},
        **{f"tests/house_refactor/{stem}.py": text for stem, text in (tests or {"rename-area-test": CHECK}).items()},
    }  # fmt: skip
    for name, text in texts.items():
        path = folder / "bench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "bench"


def read(folder: Path) -> tuple[tuple[TaskSpec, ...], tuple[str, ...]]:
    source = refactorbench.create(path=str(folder))
    return tuple(source), tuple(map(str, source.faults))


def test_a_problem_is_three_tasks_that_share_their_test(tmp_path: Path) -> None:
    """One for each wording, with every method of its test file as an id; the source keeps its contract."""
    folder = written(tmp_path)
    tasks, faults = read(folder)
    assert [task.id for task in tasks] == ["house-rename-area.base", "house-rename-area.descriptive", "house-rename-area.lazy"]
    assert {task.brief.requests[0].text for task in tasks} == {f"Rename area, {wording}.\n" for wording in refactorbench.WORDINGS}
    (check,) = {task.check for task in tasks}
    assert isinstance(check, TestIds)
    assert [name.partition("::")[2] for name in check.fail_to_pass] == ["TestRename::test_new_name_is_there", "TestRename::test_callers_follow"]
    assert faults == ()
    assert complaints(refactorbench.create(path=str(folder))) == ()


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ({"area-one": CHECK, "area-two": CHECK}, "area-one.py and area-two.py"), ({"unlike": CHECK}, "no test file of a like name"),
        ({"rename-area-test": "x = 1\n"}, "tests: found none"), ({"rename-area-test": "def ("}, "expected Python"),
    ],
)  # fmt: skip
def test_what_can_not_be_paired_or_read_is_refused_by_name(tests: dict[str, str], words: str, tmp_path: Path) -> None:
    """A wrong test would make a wrong verdict, so nothing is guessed."""
    tasks, faults = read(written(tmp_path, **tests))
    assert tasks == ()
    assert len(faults) == 3
    assert all(words in fault for fault in faults), faults


def test_somebody_may_say_which_test_belongs_to_which_problem(tmp_path: Path) -> None:
    """pairs.toml beside the tests; a pair that leads nowhere is refused."""
    folder = written(tmp_path, **{"area-one": CHECK, "area-two": CHECK})
    pairs = folder / "tests" / "house_refactor" / "pairs.toml"
    pairs.write_text('rename-area = "area-two.py"\n')
    tasks, faults = read(folder)
    assert (len(tasks), faults) == (3, ())
    pairs.write_text('rename-area = "../x.py"\n')
    assert "pairs.toml: rename-area: found '../x.py'" in read(folder)[1][0]


def test_a_missing_wording_hides_no_other(tmp_path: Path) -> None:
    """Two tasks and one complaint."""
    folder = written(tmp_path)
    (folder / "problems" / "lazy_problems" / "house_refactor" / "rename-area-task.txt").unlink()
    tasks, faults = read(folder)
    assert len(tasks) == 2
    assert "no lazy wording" in faults[0]
    assert "repositories: found no such folder" in read(tmp_path / "elsewhere")[1][0]


@pytest.mark.docker
def test_the_refactoring_passes_and_half_of_it_does_not(base_image: object, tmp_path: Path) -> None:
    """Idle fails; a rename of the definition alone fails; callers too: passed. The tests run where they expect to, one folder below."""
    folder = written(tmp_path)
    half, whole = "sed -i s/area/rectangle_area/ shapes.py", "sed -i s/area/rectangle_area/ shapes.py rooms.py; sed -i 's/import area/import rectangle_area/' rooms.py"
    for name, command in (("half", half), ("whole", whole)):
        calls = (("shell", {"command": command, "seconds": 60}), ("finish", {"done": "1", "not_done": ""}))
        replies = [f"[[reply]]\n[[reply.call]]\nname = {json.dumps(tool)}\nraw = {json.dumps(json.dumps(words))}\n" for tool, words in calls]
        (tmp_path / f"{name}.toml").write_text("format = 1\n" + "\n".join(replies))
    told = {}
    for name in ("half", "whole"):
        words = ("-m", "scripted/demo", "-o", f"model.script={tmp_path / f'{name}.toml'}", "-a", "coder", "-a", "idle", "-n", "1", "--parallel", "2")
        done = longhaul(tmp_path / name, "run", "-t", f"refactorbench:{folder}#*.lazy", *words)
        assert "Traceback" not in done.stderr
        rows = json.loads(longhaul(tmp_path / name, "report", last(tmp_path / name).meta("run"), "--json").stdout)["rows"]
        told[name] = {row["agent"]: (row["outcome"], row["f2p"]) for row in rows}
    assert told["half"]["coder"] == ("failed", [1, 2])
    assert told["half"]["idle"] == ("failed", [0, 2])
    assert told["whole"]["coder"] == ("passed", [2, 2]), told
