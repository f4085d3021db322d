"""A night on a real server with a hand-scripted model: what was estimated of it, and how long it took by its own record."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from harness.metrics.row import Row
from tests.end_to_end.tiny import FIX, last, longhaul, write_task
from tests.services.scripted_script import Wanted, call
from tests.services.servers import OllamaServer

WORK_S = 2
"""Of a trial's command."""
SOLVER = Wanted(behaviour="solver", calls=(call(command=f"sleep {WORK_S}; {FIX}", seconds=60), call("finish", done="1", not_done="")))


class Ground:
    """A home and a cache of its own, so many tiny tasks, and a model on the server."""

    def __init__(self, folder: Path, server: OllamaServer, tasks: int) -> None:
        for number in range(tasks):
            write_task(folder / "tasks", f"tiny{number}")
        self.home, self._url = folder / "home", server.url
        self._variables = {"OLLAMA_HOST": server.url, "XDG_CACHE_HOME": str(folder / "cache")}
        model = f"ollama/{server.create(SOLVER)}"
        self._words = ("-t", f"harbor:{folder / 'tasks'}", "-m", model, "--window", "8192", "--allow-offload", "--unvalidated", "--parallel", "2")

    def run(self, *words: str) -> str:
        """The command's output; a run that does not end well is told by its own words."""
        done = longhaul(self.home, "run", *self._words, *words, **self._variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def estimate(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("--estimate", "--json", *words))
        return found

    def lasted(self) -> float:
        """Seconds of the newest run, from its first trial's first event to its last settlement."""
        with closing(last(self.home)) as store:
            ends = {short: each.settled or 0.0 for short, each in store.progress().items()}
            return max(ends.values()) - min(end - store.since(short, 0)[-1].at for short, end in ends.items())

    def mean(self) -> float:
        """Seconds of a trial of the newest run, waiting left out: how fast the machine was that night."""
        with closing(last(self.home)) as store:
            each = [msgspec.json.decode(row, type=Row).seconds for _, row in store.first_rows().values()]
            return sum(one.model + one.tool + one.harness + one.grading for one in each) / len(each)
