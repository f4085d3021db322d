"""Plugins of the user's own: found in the folder one stands in, behind everything of ours, and their faults are a sentence."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes.docker_base import BaseImage

Command = Callable[..., "subprocess.CompletedProcess[str]"]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "agents.md"
BAD = {
    "imports": ("import nosuchthing\n", "ModuleNotFoundError: No module named 'nosuchthing' ({file}:1)"),
    "syntax": ("def create(:\n", "SyntaxError: invalid syntax (syntax.py, line 1)"),
    "exits": ("import sys\nsys.exit(0)\n", "SystemExit: 0 ({file}:2)"),
    "raises": ('def create():\n    return {{}}["x"]\n', "KeyError: 'x' ({file}:2)"),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder one stands in: a package of one's own, and one that is called like ours."""
    folder = tmp_path / "cwd"
    for name in ("mypackage", "agents"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("", encoding="utf-8")
    (folder / "agents" / "__init__.py").write_text("raise RuntimeError('the wrong agents')\n", encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found
    (folder / "mypackage" / "mine.py").write_text(found[1], encoding="utf-8")
    return folder


def test_a_module_of_this_folder_is_an_agent(longhaul: Command, here: Path, base_image: BaseImage) -> None:
    """The document's agent runs from the current directory, in worker processes too, and a folder `agents` there hides nothing."""
    assert longhaul("doctor", "agent:mypackage.mine").stdout == "good    agent:mypackage.mine: keeps its contract\n"
    done = longhaul("run", "-t", "bundled#weather-spread", "-a", "mypackage.mine", "-m", "scripted/demo", "-n", "1", "--json-lines")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["counts"]["broken"], last["counts"]["pending"]) == (0, 0), done.stderr
    assert done.returncode == 0


def test_what_is_not_there_and_what_has_no_door_are_told_apart(longhaul: Command, here: Path) -> None:
    """No module is one sentence, a module without create() another."""
    (here / "mypackage" / "empty.py").write_text("", encoding="utf-8")
    missing, empty = (longhaul("run", "-a", f"mypackage.{name}", "-m", "scripted/demo") for name in ("nope", "empty"))
    assert (missing.returncode, empty.returncode) == (2, 2)
    assert "not importable: no module 'mypackage.nope'" in missing.stderr
    assert "has no create()" in empty.stderr
    assert str(here / "mypackage" / "empty.py") in empty.stderr


@pytest.mark.parametrize("name", BAD)
def test_what_a_plugin_raises_is_a_sentence(name: str, longhaul: Command, here: Path) -> None:
    """Type, text, file and line; exit 2 for a run, a finding for the doctor, never a traceback."""
    text, words = BAD[name]
    path = here / "mypackage" / f"{name}.py"
    path.write_text(text.format(), encoding="utf-8")
    done = longhaul("run", "-a", f"mypackage.{name}", "-m", "scripted/demo")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert words.format(file=path) in done.stderr
    told = json.loads(longhaul("doctor", f"agent:mypackage.{name}", "--json").stdout)["findings"]
    assert [each["state"] for each in told] == ["wrong"]
    assert words.format(file=path) in told[0]["found"]


def test_what_a_plugin_raises_in_its_contract_is_a_finding(longhaul: Command, here: Path) -> None:
    """The doctor survives an agent whose conversation raises, and names the line."""
    path = here / "mypackage" / "late.py"
    path.write_text((here / "mypackage" / "mine.py").read_text("utf-8").replace("    while True:\n", "    raise KeyError('late')\n    while True:\n"))
    done = longhaul("doctor", "agent:mypackage.late")
    assert done.returncode == 1
    assert "KeyError: 'late'" in done.stdout
    assert f"({path}:" in done.stdout
    assert "Traceback" not in done.stderr
