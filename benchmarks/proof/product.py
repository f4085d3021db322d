"""The product run as its user runs it: `make run` twice, `longhaul` with its JSON, in homes of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.proof.claim import Answer, Claim, Decided
from benchmarks.proof.session import ROOT

NOBODY = "127.0.0.1:9"
"""Where no server answers, so that the embedded default serves."""
HIDDEN = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
LONGEST_S = 3600


class AbsentError(Exception):
    """What a measurement needs is not on this machine."""


def environment(home: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    return mine | {"LONGHAUL_HOME": str(home), "OLLAMA_HOST": NOBODY, "NO_COLOR": "1", "COLUMNS": "200"}


def longhaul(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own."""
    argv = (sys.executable, "-P", "-c", f"import sys; sys.path[:] = {[str(ROOT), *sys.path]!r}; from harness.cli.main import main; main()", *words)
    env = environment(folder / "home")
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=LONGEST_S)


def document(*words: str) -> dict[str, Any]:
    """What a command says with --json. Raises RuntimeError where that is no JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        done = longhaul(Path(scratch), *words, "--json")
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError as fault:
        raise RuntimeError(f"longhaul {' '.join(words)} --json: exit {done.returncode}, {(done.stderr or done.stdout)[-300:]}") from fault
    return told


def make_run() -> dict[str, float]:
    """`make run` with the embedded default, the second time by the clock, and what it says."""
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(Path(scratch))
        subprocess.run(("make", "-s", "run"), cwd=ROOT, env=env, capture_output=True, check=True, timeout=LONGEST_S)
        began = time.perf_counter()
        done = subprocess.run(("make", "-s", "run"), cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=LONGEST_S)
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "exit": float(done.returncode), **_told(done.stdout)}


def _told(text: str) -> dict[str, float]:
    """What the promises say of a demo: settled lines by agent, their order, the first line, the record's place."""
    lines = text.splitlines()
    settled = re.findall(r"^\d+/9  t\d{4}  (\w+) (\w+)  (\S+)  (coder|oracle|idle)", text, re.MULTILINE)
    tasks = list(dict.fromkeys(task for _, _, task, _ in settled))
    own = {task: (outcome, line) for (outcome, _, task, agent), line in zip(settled, re.findall(r"^\d+/9  .*$", text, re.MULTILINE), strict=False) if agent == "coder"}
    forgot = [line for outcome, line in own.values() if outcome == "failed" and (found := re.search(r"f2p (\d+)/(\d+)", line)) and found[1] == found[2]]
    return {
        "trials": float(len(settled)),
        "first_line": float(bool(lines) and "no real model" in lines[0].lower()),
        "smallest_first": float(tasks == ["weather-spread", "scheduler-split", "tollbook-errcodes"]),
        "scripted_solved": float(sum(outcome == "passed" for outcome, _ in own.values())),
        "scripted_failed": float(sum(outcome == "failed" for outcome, _ in own.values())),
        "scripted_forgot": float(len(forgot)),
        "oracle_passed": float(sum(row[0] == "passed" and row[3] == "oracle" for row in settled)),
        "idle_passed": float(sum(row[0] == "passed" and row[3] == "idle" for row in settled)),
        "record": float(any(line.startswith("record: ") for line in lines)),
    }


def run_command(claim: Claim) -> Decided:
    """A claim about one command line."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay(folder, claim.files)
        done = longhaul(folder, *claim.command)
    text = " ".join((done.stdout + done.stderr).split())
    good = done.returncode == claim.exit and claim.says in text and "Traceback" not in text
    how = f"longhaul {' '.join(claim.command)}"
    return Decided(claim, Answer.YES if good else Answer.NO, f"exit {done.returncode}", how if good else f"{how}: {text[-200:]}")


def lay(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
