"""Files that somebody wrote by hand are read or refused in one sentence: numbers of thousands of digits and nests of thousands of levels, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.models import lessons, script_file
from harness import plan
from harness.answer.claim.registry import decoded
from harness.cli.context import study_plan
from harness.contracts.model import _is_json
from harness.core.errors import UserError
from sandboxes.docker_engine import read_json
from sandboxes.docker_file import json_form
from sandboxes.leak_dates import conda
from task_repos.harbor_grade import parse_toml, read_ids
from task_repos.mine_allow import tables
from task_repos.mirrors import TreeFile
from task_repos.moves import read_moves
from task_repos.new_environment import pyproject
from task_repos.refactorbench_pairs import paired

Read = Callable[[Path], object]
TOML = {"digits": "a = " + "9" * 5000, "nest": "a = " + "[" * 20_000 + "]" * 20_000}
JSON = {"digits": "9" * 5000, "nest": "[" * 200_000 + "]" * 200_000}
READERS: dict[str, tuple[str, Read]] = {
    "a plan": ("plan.toml", lambda folder: plan.load(folder / "plan.toml")),
    "the plan of a study": ("study.toml", lambda folder: study_plan.load(folder / "study.toml", "budget")),
    "a scripted model": ("script.toml", lambda folder: script_file.read("script.toml", (folder / "script.toml").read_text())),
    "claims": ("claims.toml", lambda folder: decoded((folder / "claims.toml").read_bytes(), "claims.toml")),
    "a task": ("task.toml", lambda folder: parse_toml(folder / "task.toml")),
    "a repository's project": ("pyproject.toml", lambda folder: pyproject((folder / "pyproject.toml").read_bytes())),
    "pairs of RefactorBench": ("pairs.toml", lambda folder: paired(("a",), folder)),
    "tasks of a simulated model": ("tests/longhaul.toml", lambda folder: lessons.lesson(folder, 0)),
    "ids": ("ids.json", lambda folder: read_ids(folder, "ids.json", folder / "task.toml")),
    "moves": ("solution/moves.json", lambda folder: read_moves(folder, 1, None)),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["digits", "nest"])
@pytest.mark.parametrize(("name", "read"), READERS.values(), ids=READERS)
def test_what_python_cannot_read_is_one_sentence(tmp_path: Path, name: str, read: Read, kind: str) -> None:
    """With what was found and what was expected, and no word to the user about Python's own switches."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((TOML if name.endswith(".toml") else JSON)[kind])
    with pytest.raises(UserError, match=r"found .+, expected ") as fault:
        read(tmp_path)
    assert "\n" not in str(fault.value)
    assert "set_int_max_str_digits" not in str(fault.value)


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_what_others_wrote_and_python_cannot_read_counts_as_unreadable(tmp_path: Path, text: str) -> None:
    """A model's arguments, a Dockerfile's words, the engine's settings, a package's record: none of them ends the run."""
    (tmp_path / "config.json").write_text(text)
    assert read_json(tmp_path / "config.json") == {}
    assert json_form(text) is None
    assert list(conda("a", text.encode())) == []
    assert not _is_json(text)


def test_a_runner_file_that_python_cannot_read_is_its_bytes() -> None:
    """Then any change of it is a change of the runner's tables."""
    assert [tables("pyproject.toml", {"pyproject.toml": TreeFile("pyproject.toml", 0o100644, text.encode())}) for text in TOML.values()] == [text.encode() for text in TOML.values()]
