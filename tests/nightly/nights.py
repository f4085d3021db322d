"""The ground of three nights: ten tasks of two kinds, a plan, and a real model server whose model can be exchanged under its name."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from tests.end_to_end.tiny import FILES, write_task
from tests.services.scripted_script import Wanted, call
from tests.services.servers import OllamaServer, loopback_client

MODEL = "nightly:latest"
ANYWHERE = "sed -i '/def add/,/return/s/-/+/' calc.py"
SECOND_LINE = "sed -i '2s/-/+/' calc.py"
MOVED = '"""Sums."""\n\n\n' + FILES["environment/repo/calc.py"]
TASKS, ATTEMPTS = 10, 1
PLAN = """format = 1
attempts = {attempts}
parallel = 2
tasks = {tasks}
[[models]]
use = "ollama/{model}"
window = 8192
[[agents]]
use = "coder"
[limits]
turns = 6
[allow]
unvalidated = true
"""


class Ground(msgspec.Struct, frozen=True):
    """`plan` is run every night; `home` holds what nights leave."""

    plan: Path
    home: Path


def ground(folder: Path) -> Ground:
    """In seven of ten tasks the fault stands a few lines further down, where only a model that looks for it finds it."""
    solve = f"#!/bin/sh\n{ANYWHERE}\n"
    sources = [
        write_task(folder / "tasks", f"sum-{number}", solve=solve, **({"calc": MOVED} if number > 2 else {})) for number in range(TASKS)
    ]
    (folder / "plan.toml").write_text(PLAN.format(attempts=ATTEMPTS, tasks=json.dumps([f"harbor:{each}" for each in sources]), model=MODEL), "utf-8")
    return Ground(folder / "plan.toml", folder / "home")


def installed(server: OllamaServer, command: str) -> None:
    """Under the one name, a model that runs this command and is done: as when somebody pulls a tag anew."""
    made = server.create(Wanted(behaviour="solver", calls=(call(command=command, seconds=10), call("finish", done="1", not_done=""))))
    with loopback_client(server.url) as client:
        client.post("/api/copy", json={"source": made, "destination": MODEL}).raise_for_status()
