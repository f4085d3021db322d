"""Whole trials of thirty tool calls, one and eight at a time, without and with grading, beside plain `docker run` and `docker exec`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.sandbox_measure import docker, prepare, show
from benchmarks.thirty import ROUNDS, TEN_KB
from benchmarks.trials_worker import PAIR, TASK
from harness.core.machine import PreparedImage
from harness.plan import keys
from harness.store.sqlite import create

FULL, QUICK = {1: (24, 3), 8: (120, 16)}, {1: (8, 2), 8: (64, 8)}
"""At once -> trials of ours, trials by plain docker."""
LIMIT = 300.0
"""Per minute, eight at a time, without grading."""


class Pace(msgspec.Struct, frozen=True):
    """Trials per minute; processor seconds per trial of the harness's own processes (for plain docker: of the client's)."""

    how: str
    at_once: int
    trials: int
    per_minute: float
    cpu_s: float


def measure(*, quick: bool = False) -> tuple[Pace, ...]:
    """All in one run: every row has plain docker's beside it."""
    image = prepare()
    found = []
    for at_once, (ours, plain) in (QUICK if quick else FULL).items():
        found += [pace(at_once, ours, graded=False), pace(at_once, ours, graded=True), plain_pace(image, at_once, plain)]
    return tuple(found)


def pace(at_once: int, trials: int, *, graded: bool) -> Pace:
    """Worker processes started and warmed up first; the clock runs from the word to begin until the last has ended."""
    share = trials // at_once
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "runs" / "benchmark"
        store = create(folder, keys("benchmark", at_once * (share + 1), (TASK.id,), (PAIR,)), {})
        shorts = list(store.keys())
        store.close()
        words = (sys.executable, "-m", "benchmarks.trials_worker", str(folder), "graded" if graded else "ungraded")
        workers = [
            subprocess.Popen((*words, *shorts[n :: at_once]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for n in range(at_once)
        ]
        seconds, cpu = raced(workers)
    return Pace(f"longhaul, {'graded' if graded else 'not graded'}", at_once, share * at_once, 60 * share * at_once / seconds, cpu / (share * at_once))


def raced(workers: list[subprocess.Popen[str]]) -> tuple[float, float]:
    """Wall seconds of all and the sum of their processor seconds. Raises RuntimeError where one failed."""
    for worker in workers:
        assert worker.stdout
        if worker.stdout.readline().strip() != "ready":
            raise RuntimeError("a worker did not get ready; its words are above")
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate()[0] for worker in workers]
    seconds = time.perf_counter() - began
    if any(worker.returncode for worker in workers):
        raise RuntimeError("a worker failed; its words are above")
    return seconds, sum(map(float, said))


def plain_pace(image: PreparedImage, at_once: int, trials: int) -> Pace:
    """The same calls by the client: one process per call."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda _: plain_trial(image), range(trials)))
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Pace("docker run + 30 docker exec", at_once, trials, 60 * trials / seconds, cpu / trials)


def plain_trial(image: PreparedImage) -> None:
    made = docker("run", "-d", "--network", "none", "--entrypoint", "sleep", "-w", "/workspace", image.reference, "600")
    name = made.decode().strip()
    try:
        for number in range(1, ROUNDS + 1):
            docker("exec", name, "bash", "-c", f"echo {number} >> log")
            docker("exec", "-i", name, "sh", "-c", f"cat > file{number}", stdin=TEN_KB.encode())
            docker("exec", name, "cat", f"file{number}")
    finally:
        docker("rm", "-f", name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer trials, for the proof")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    said = parser.parse_args()
    told = measure(quick=said.quick)
    if said.json:
        print(msgspec.json.encode(told).decode())
        return
    plain = {row.at_once: row.per_minute for row in told if row.how.startswith("docker")}
    rows = [(row.how, row.at_once, row.trials, row.per_minute, row.per_minute / plain[row.at_once], row.cpu_s) for row in told]
    show(
        f"Trials of {3 * ROUNDS} tool calls (wanted: {LIMIT:.0f} per minute at 8, not graded)",
        ("trials by", "at once", "trials", "per minute", "x plain docker", "own CPU s per trial"), rows,
    )


if __name__ == "__main__":
    main()
