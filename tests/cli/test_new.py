"""The user's own repository becomes a task, and what its tests say is told."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from sandboxes.docker_base import BaseImage
from sandboxes.docker_sweep import OWNER, parse_owner

COMMAND = (sys.executable, "-P", "-m", "harness.cli.main")
Command = Callable[..., "subprocess.CompletedProcess[str]"]
SOURCE = "def vat(net):\n    return net * 1.10\n"
TESTS = "from shop import vat\n\n\ndef test_nothing():\n    assert vat(0) == 0\n\n\ndef test_rate():\n    assert round(vat(100)) == 119\n"


NAMED = ("-c", "user.name=a", "-c", "user.email=a@b.c")
# The same day for all: a task's image is made of tree and date, and one image serves every test of this file.
DATED = {"GIT_AUTHOR_DATE": "1767225600 +0000", "GIT_COMMITTER_DATE": "1767225600 +0000"}


def git(folder: Path, *commands: tuple[str, ...]) -> None:
    for words in commands:
        subprocess.run(("git", "-C", str(folder), *words), check=True, env=os.environ | DATED)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with one failing test, and a file that is not tracked."""
    folder = tmp_path / "shop"
    (folder / "tests").mkdir(parents=True)
    (folder / "shop.py").write_text(SOURCE, encoding="utf-8")
    (folder / "tests" / "test_shop.py").write_text(TESTS, encoding="utf-8")
    (folder / "conftest.py").write_text("", encoding="utf-8")
    git(folder, ("init", "-q"), ("add", "."), (*NAMED, "commit", "-qm", "begin"))
    (folder / "secret.txt").write_text("not tracked", encoding="utf-8")
    (tmp_path / "ask.md").write_text("VAT is 19 per cent.\n", encoding="utf-8")
    return folder


def made(longhaul: Command, repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    ask, to = repository.parent / "ask.md", repository.parent / "vat"
    return longhaul("new", str(repository), "--ask", str(ask), "--test", "python3 -m pytest -q", "--to", str(to), *words)


def test_a_failing_check_makes_a_task(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """What fails is named with the reason, the task is valid, and idle fails it."""
    done = made(longhaul, repository, "--check", "python3 -m pytest -q tests/test_shop.py")
    assert done.returncode == 0, done.stderr
    assert "must pass: tests/test_shop.py::test_rate" in done.stdout
    assert "assert 110 == 119" in done.stdout
    assert "REGRESSION ONLY" not in done.stdout
    assert not list((repository.parent / "vat").rglob("secret.txt"))
    checked = longhaul("validate", f"harbor:{repository.parent / 'vat'}", "-n", "2", "--json")
    told = json.loads(checked.stdout)["tasks"][0]
    assert (checked.returncode, told["healthy"], told["idle"], told["oracle"]) == (0, True, "failed", [0, 0])


def test_without_a_check_it_is_regression_only(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """It says so aloud, in text and in JSON, and a trial is never solved."""
    done = made(longhaul, repository)
    assert "REGRESSION ONLY" in done.stdout
    listed = longhaul("tasks", f"harbor:{repository.parent / 'vat'}")
    assert "regression only" in listed.stdout
    run = longhaul("run", "-t", f"harbor:{repository.parent / 'vat'}", "-a", "idle", "-n", "1", "--json-lines")
    assert json.loads(run.stdout.splitlines()[-1])["counts"]["passed"] == 0


def test_a_check_that_runs_nothing_is_refused(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """A test that is not committed is not there: exit 2, one sentence with pytest's own words, and no folder, not even one above."""
    (repository / "tests" / "test_late.py").write_text(TESTS, encoding="utf-8")
    done = made(longhaul, repository, "--check", "python3 -m pytest -q tests/test_late.py", "--to", str(repository.parent / "a" / "b"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "--check: found no test ran (exit 4)" in done.stderr
    assert "file or directory not found: tests/test_late.py" in done.stderr
    assert "must be committed" in done.stderr
    assert not (repository.parent / "a").exists()


LATE = "from shop import gross\n\n\ndef test_gross():\n    assert gross(100) == 119\n"
SOLVE = "#!/bin/sh\nprintf 'def vat(net):\\n    return net * 1.19\\n\\n\\ngross = vat\\n' > /workspace/shop.py\n"


def test_a_check_that_cannot_be_imported_yet_can_be_solved(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """Its tests have no names before the work is done: it counts by exit status, its file is protected, and a right solution passes."""
    (repository / "tests" / "test_late.py").write_text(LATE, encoding="utf-8")
    git(repository, ("add", "."), (*NAMED, "commit", "-qm", "late"))
    test = "python3 -m pytest -q --ignore=tests/test_late.py"
    to = repository.parent / "deep" / "er" / "late"
    done = made(longhaul, repository, "--check", "python3 -m pytest -q tests/test_late.py", "--test", test, "--to", str(to))
    assert done.returncode == 0, done.stderr
    assert "must pass: commands::check" in done.stdout
    assert (to / "tests" / "graded" / "tests" / "test_late.py").read_text("utf-8") == LATE
    (to / "solution").mkdir()
    (to / "solution" / "solve.sh").write_text(SOLVE, encoding="utf-8")
    checked = longhaul("validate", f"harbor:{to}", "-n", "1")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "passes 1 of 1" in checked.stdout
    assert "fails, as it must" in checked.stdout
    assert "record: longhaul report " in checked.stdout


def test_sigterm_leaves_nothing(environment: dict[str, str], repository: Path, engine: docker.DockerClient, base_image: BaseImage) -> None:
    """In the midst of a build SIGTERM is as clean as Ctrl-C: exit 130, no folder, no container."""
    recipe = repository.parent / "Dockerfile.slow"
    recipe.write_text(f"FROM {base_image.tag}\nWORKDIR /srv/app\nCOPY . .\nRUN sleep 600\n", encoding="utf-8")
    words = (str(repository), "--ask", str(repository.parent / "ask.md"), "--test", "true", "--dockerfile", str(recipe), "--to", str(repository.parent / "x" / "y"))
    process = subprocess.Popen((*COMMAND, "new", *words), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert until(lambda: owned(engine, process.pid))
        process.terminate()
        told, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert not owned(engine, process.pid)
    assert not (repository.parent / "x").exists()


def owned(engine: docker.DockerClient, pid: int) -> list[str]:
    """Running containers of this process."""
    rows = engine.api.containers(filters={"label": OWNER})
    return [row["Id"] for row in rows if (owner := parse_owner(row["Labels"][OWNER])) and owner.pid == pid]


def until(holds: Callable[[], object]) -> bool:
    """Whether it came to hold within a minute."""
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        select.select((), (), (), 0.05)
    return bool(holds())


def test_new_speaks_json(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """One object, with notices on stderr; a second task of the same name is refused."""
    told = json.loads(made(longhaul, repository, "--json").stdout)
    assert (told["schema"], told["id"], told["regression_only"]) == ("longhaul.new/1", "vat", True)
    again = made(longhaul, repository, "--json")
    assert again.returncode == 2
    assert json.loads(again.stdout)["schema"] == "longhaul.error/1"
