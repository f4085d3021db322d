"""Limits of a whole run: at the bound no new trial begins, those under way go on to their end, and the rest stays pending with the reason on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandboxes.docker_base import BaseImage
from tests.end_to_end.tiny import FIX, last, longhaul, write_task

PRICED = """
from contextlib import contextmanager
import msgspec
from agents.models import scripted
from harness.core.facts import Price


class Priced:
    def __init__(self, door):
        self._door = door

    @contextmanager
    def open(self, settings):
        with self._door.open(settings) as model:
            model._facts = msgspec.structs.replace(model.facts, price=Price("2026-10", 1000.0, 1000.0, 0.0, 0.0), concurrency=1)
            yield model

    def offers(self):
        return ()


def create(*, script: str = ""):
    return Priced(scripted.create(script=script))
"""
SCRIPT = f"""format = 1
[[reply]]
call = [{{ name = "shell", arguments = {{ command = "{FIX}", seconds = 30 }} }}]
[[reply]]
call = [{{ name = "finish", arguments = {{ done = "all", not_done = "" }} }}]
"""


@pytest.mark.parametrize(("bound", "reason"), [("cost_usd = 0.001", "the run's 0.001 USD are spent"), ("hours = 1e-5", "the run's 1e-05 hours are over")])
def test_a_run_at_its_limit_leaves_the_rest_pending(bound: str, reason: str, base_image: BaseImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Money and hours: one trial of three is settled with what it had done by then, two are pending, and `status` says why no more begin."""
    monkeypatch.chdir(tmp_path)
    task = write_task(tmp_path / "tasks")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").touch()
    (tmp_path / "mine" / "priced.py").write_text(PRICED)
    (tmp_path / "script.toml").write_text(SCRIPT)
    (tmp_path / "plan.toml").write_text(
        f'tasks = ["harbor:{task}"]\nmodels = [{{ use = "mine.priced/x", options = {{ script = "{tmp_path / "script.toml"}" }} }}]\n[run_limits]\n{bound}\n'
    )
    done = longhaul(tmp_path / "home", "run", "plan.toml", "--json-lines", PYTHONPATH=str(Path(__file__).resolve().parents[2]))
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, done.stderr + done.stdout
    assert {name: lines[-1]["counts"][name] for name in ("planned", "passed", "pending")} == {"planned": 3, "passed": 1, "pending": 2}
    assert any(reason in line.get("text", "") for line in lines)
    assert last(tmp_path / "home").notes("limit") == [reason]
    told = json.loads(longhaul(tmp_path / "home", "status", "--json").stdout)
    assert (told["state"], told["note"], told["counts"]["waiting"]) == ("finished", reason, 2)
