"""Memory of whole runs, the command and all its processes, while trials of a hundred turns go on: at 1, 4 and 8 at a time, over turns, over trials.

PSS, the proportional share that Linux counts for each process (/proc/PID/smaps_rollup): a page that several share is counted once in the sum.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from benchmarks.memory_server import MODEL, WINDOW, serving
from benchmarks.sandbox_measure import show

LIMIT_MB = 400.0
TURNS = 100
EVERY_S = 0.25


class Peak(msgspec.Struct, frozen=True):
    """The largest sum in MB; `parent` the command's own share then, `processes` how many there were."""

    at_once: int
    trials: int
    turns: int
    mb: float
    parent: float
    processes: int


class Watch(threading.Thread):
    """Looks at a process and all below it until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.over = threading.Event()
        self.peak: tuple[float, float, int] = (0.0, 0.0, 0)

    def run(self) -> None:
        while not self.over.wait(EVERY_S):
            shares = [pss(pid) for pid in (self._pid, *below(self._pid))]
            if len(shares) > 1:  # before and after the trials the command is alone, and what its table needs is not theirs
                self.peak = max(self.peak, (sum(shares), shares[0], len(shares)))


def pss(pid: int) -> float:
    """MB; 0 for one that has ended."""
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def below(pid: int) -> list[int]:
    """The processes that descend from one."""
    with suppress(OSError):
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
        return [each for child in children for each in (child, *below(child))]
    return []


def peak(at_once: int, trials: int, turns: int) -> Peak:
    """A run of that many trials of a bundled task, as a user starts it. Raises RuntimeError where a trial did not play its part."""
    with tempfile.TemporaryDirectory() as home, serving(turns) as url:
        words = ("run", "-t", "bundled#weather-spread", "-m", f"ollama/{MODEL}", "-n", str(trials), "--parallel", str(at_once), "--json-lines")
        more = ("-o", f"model.base_url={url}", "-o", "limits.turns=1000", "--window", str(WINDOW))
        env = os.environ | {"LONGHAUL_HOME": home}
        argv = (sys.executable, "-m", "harness.cli.main", *words, *more)
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watch = Watch(process.pid)
        watch.start()
        out, err = process.communicate()
        watch.over.set()
        watch.join()
    _checked(out, err, trials, turns)
    return Peak(at_once, trials, turns, *watch.peak)


def _checked(out: str, err: str, trials: int, turns: int) -> None:
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    last = {line["trial"]: line["turn"] for line in lines if line.get("event") == "AgentStopped"}
    if list(last.values()) != [turns] * trials:
        raise RuntimeError(f"trials ended after {sorted(last.values())} turns, not {turns}: {err[-500:] or out[-500:]}")


def measure(*, quick: bool = False) -> tuple[Peak, ...]:
    """At once, over turns, over trials; `quick`: the eight alone, beside one, and both growths by their ends."""
    at_once = [(1, 1, TURNS), (8, 8, TURNS)] if quick else [(1, 1, TURNS), (4, 4, TURNS), (8, 8, TURNS)]
    turns = [(1, 1, 20)] if quick else [(1, 1, 20), (1, 1, 60)]
    trials = [(8, 8, 10), (8, 64, 10)] if not quick else [(8, 8, 10), (8, 32, 10)]
    return tuple(peak(*sizes) for sizes in (*at_once, *turns, *trials))


def figures(rows: tuple[Peak, ...]) -> dict[str, float]:
    """For the proof: MB at eight, KB per further turn of one trial, and the last of many short trials beside the first eight."""
    by = {(row.at_once, row.trials, row.turns): row.mb for row in rows}
    many = max((row for row in rows if row.turns == 10), key=lambda row: row.trials)
    return {
        "eight_mb": by[8, 8, TURNS], "one_mb": by[1, 1, TURNS],
        "kb_per_turn": 1024 * (by[1, 1, TURNS] - by[1, 1, 20]) / (TURNS - 20),
        "trials_ratio": many.mb / by[8, 8, 10],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, for the proof")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    said = parser.parse_args()
    rows = measure(quick=said.quick)
    if said.json:
        print(json.dumps(figures(rows)))
        return
    titles = ("at once", "trials", "turns each", "MB", "of it the command", "processes")
    show(
        f"Proportional memory of a whole run, Ollama's adapter loaded (wanted: {LIMIT_MB:.0f} MB at 8 trials of {TURNS} turns)", titles,
        [(str(row.at_once), str(row.trials), str(row.turns), f"{row.mb:.0f}", f"{row.parent:.0f}", str(row.processes)) for row in rows],
    )  # fmt: skip
    for name, figure in figures(rows).items():
        print(f"{name} {figure:.3g}")


if __name__ == "__main__":
    main()
