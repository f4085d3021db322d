"""Health before models: a run proves what has no proof, refuses what is unhealthy, and takes what proofs know."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from harness.core.blob import Blob
from harness.core.task import TaskSpec, TestIds
from harness.core.validation import Validation
from tests.end_to_end.tiny import FIX, last, longhaul, write_task

pytestmark = pytest.mark.docker

ROOT = Path(__file__).resolve().parents[2]
MODEL = "from agents.models import scripted\n\n\ndef create(*, script: str = ''):\n    return scripted.create(script=script)\n"
SCRIPT = f"""format = 1
[[reply]]
call = [{{ name = "shell", arguments = {{ command = "{FIX}", seconds = 30 }} }}]
[[reply]]
call = [{{ name = "finish", arguments = {{ done = "all", not_done = "" }} }}]
"""
PASSING = "def test_add():\n    pass\n"


class Place:
    """A user's folder with a model of his own, which counts as somebody real, and a cache that knows nothing yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "mine").mkdir()
        (folder / "mine" / "__init__.py").touch()
        (folder / "mine" / "model.py").write_text(MODEL)
        (folder / "script.toml").write_text(SCRIPT)

    def run(self, *tasks: str, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        sources = [word for task in tasks for word in ("-t", f"harbor:{self.folder / 'tasks' / task}")]
        model = ("-m", "mine.model/x", "-o", f"model.script={self.folder / 'script.toml'}", "-n", "1")
        path = f"{self.folder}:{ROOT}"
        return longhaul(self.folder / "home", "run", *sources, *model, *words, PYTHONPATH=path, XDG_CACHE_HOME=str(self.folder / "cache"))


@pytest.fixture(scope="module")
def place(base_image: object, tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = Place(tmp_path_factory.mktemp("health"))
    write_task(made.folder / "tasks", "fine")
    write_task(made.folder / "tasks", "free", test_add=PASSING)
    return made


def test_a_task_is_proved_once_and_its_proof_comes_along(place: Place) -> None:
    """The first run announces the proof, the second needs none; the mutants that the oracle failed are demanded of the model's work."""
    first, second = place.run("fine"), place.run("fine")
    assert first.returncode == second.returncode == 0, first.stdout + first.stderr
    assert "without a proof of health" in first.stdout
    assert "without a proof of health" not in second.stdout
    assert "1 passed" in second.stdout
    store = last(place.folder / "home")
    (task,) = msgspec.json.decode(store.blobs.get(msgspec.json.decode(store.meta("tasks"), type=Blob)), type=tuple[TaskSpec, ...])
    assert isinstance(task.check, TestIds)
    assert task.check.twin
    assert task.doubts == ()
    (kept,) = (place.folder / "cache" / "longhaul" / "proofs").glob("*.json")
    assert msgspec.json.decode(kept.read_bytes(), type=Validation).oracle == (1, 1)


def test_an_unhealthy_task_is_refused_unless_the_user_insists(place: Place) -> None:
    """Exit 2 names the task and the reason before the model is asked; `--unvalidated` runs it, and the report says so of its trials."""
    refused = place.run("free")
    assert refused.returncode == 2
    assert "free (idle_passes: doing nothing solves it)" in refused.stderr
    assert "Traceback" not in refused.stderr
    insisted = place.run("free", words=("--unvalidated", "--run", "anyway"))
    assert insisted.returncode == 0, insisted.stderr
    told = json.loads(longhaul(place.folder / "home", "report", "anyway", "--json").stdout)
    assert "unhealthy: idle_passes" in told["rows"][0]["flags"]

