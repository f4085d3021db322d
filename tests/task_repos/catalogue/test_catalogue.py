"""Long refactorings of real projects: fetched by name, version and digest; nothing of theirs is kept here, and the oracle is a program."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from harness.contracts.tasks import complaints
from harness.core.task import ImageBuild, TestIds
from harness.settings import read
from harness.wiring.sources import collect, source
from tests.end_to_end.tiny import longhaul

ROOT = Path(__file__).resolve().parents[3] / "task_repos" / "catalogue"
TASKS = sorted(path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
PIN = re.compile(r"[A-Za-z0-9._-]+==[0-9][^ ]*( --hash=sha256:[0-9a-f]{64})+")


def test_the_source_keeps_its_contract() -> None:
    """Three tasks or more, each with named tests of its own and of the project."""
    found = collect(("catalogue",), read())
    assert len(found.tasks) == len(TASKS) >= 3
    assert not found.faults
    assert complaints(source("catalogue", read(), {})) == ()
    for task in found.tasks:
        assert isinstance(task.check, TestIds)
        assert isinstance(task.place.image, ImageBuild)
        assert not task.place.image.foreign
        own = [name for name in task.check.fail_to_pass if "hidden" in name]
        theirs = [name for name in task.check.pass_to_pass if "hidden" not in name]
        assert len(own) == len(task.check.fail_to_pass)
        assert len(theirs) >= 100


@pytest.mark.parametrize("task", TASKS, ids=lambda path: path.name)
def test_everything_fetched_is_pinned_by_digest(task: Path) -> None:
    """The release and what it needs to run, each with a version and at least one sha256."""
    lines = [line for name in ("sdist.txt", "requirements.txt") for line in (task / "environment" / name).read_text().splitlines()]
    assert lines
    assert all(PIN.fullmatch(line) for line in lines), lines
    assert "--require-hashes" in (task / "environment" / "Dockerfile").read_text()


@pytest.mark.parametrize("task", TASKS, ids=lambda path: path.name)
def test_nothing_of_the_project_is_kept(task: Path) -> None:
    """No patch, no source tree: a program, checks, and what they compare with as digests, counts and names."""
    kept = {path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    own = {"task.toml", "instruction.md", "solution/solve.sh", "solution/codemod.py", "tests/ids.json", "tests/longhaul.toml", "tests/test.sh", "tests/verdict.py"}
    own |= {"environment/Dockerfile", "environment/sdist.txt", "environment/requirements.txt", "tests/hidden/base.json"}
    assert {name for name in kept - own if not re.fullmatch(r"tests/hidden/test_\w+\.py", name)} == set()
    assert (task / "tests" / "hidden" / "base.json").stat().st_size < 20_000
    ids = json.loads((task / "tests" / "ids.json").read_text())
    items = tomllib.loads((task / "tests" / "longhaul.toml").read_text())["item"]
    assert {name for item in items for name in item["select"]} <= {*ids["fail_to_pass"], *ids["pass_to_pass"]}


@pytest.mark.long
@pytest.mark.docker
@pytest.mark.parametrize("task", TASKS, ids=lambda path: path.name)
def test_the_oracle_passes_and_idle_fails(task: Path, base_image: object, tmp_path: Path) -> None:
    """In containers, with the release as its index gives it; the project is as large as it should be."""
    done = longhaul(tmp_path, "validate", f"catalogue#{task.name}", "-n", "1", "--json")
    if "No matching distribution" in done.stdout + done.stderr:
        pytest.skip("no package index answers")
    (told,) = json.loads(done.stdout)["tasks"]
    assert told["healthy"], told["evidence"]
    assert told["oracle"] == [1, 1]
    shown = longhaul(tmp_path, "show", told["run"], "t0001", "--raw").stdout
    assert "passed" in shown
