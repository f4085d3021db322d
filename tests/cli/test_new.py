"""The user's own repository becomes a task, and what its tests say is told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes.docker_base import BaseImage

Command = Callable[..., "subprocess.CompletedProcess[str]"]
SOURCE = "def vat(net):\n    return net * 1.10\n"
TESTS = "from shop import vat\n\n\ndef test_nothing():\n    assert vat(0) == 0\n\n\ndef test_rate():\n    assert round(vat(100)) == 119\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with one failing test, and a file that is not tracked."""
    folder = tmp_path / "shop"
    (folder / "tests").mkdir(parents=True)
    (folder / "shop.py").write_text(SOURCE, encoding="utf-8")
    (folder / "tests" / "test_shop.py").write_text(TESTS, encoding="utf-8")
    (folder / "conftest.py").write_text("", encoding="utf-8")
    for words in (("init", "-q"), ("add", "."), ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "begin")):
        subprocess.run(("git", "-C", str(folder), *words), check=True)
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


def test_new_speaks_json(longhaul: Command, repository: Path, base_image: BaseImage) -> None:
    """One object, with notices on stderr; a second task of the same name is refused."""
    told = json.loads(made(longhaul, repository, "--json").stdout)
    assert (told["schema"], told["id"], told["regression_only"]) == ("longhaul.new/1", "vat", True)
    again = made(longhaul, repository, "--json")
    assert again.returncode == 2
    assert json.loads(again.stdout)["schema"] == "longhaul.error/1"
