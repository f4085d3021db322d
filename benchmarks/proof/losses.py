"""The measurements of context loss that claims quote: corpus, generator, known memories, traces that nobody planted, detectors' own words."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.proof.product import AbsentError, longhaul
from benchmarks.proof.session import ROOT

Taken = Callable[[], Mapping[str, float]]
DETECTORS: Final = ROOT / "harness" / "metrics" / "context" / "detectors"
PAGE: Final = ROOT / "docs" / "context-loss.md"
OTHERS: Final = ("3.12", "3.13")
SEEDS: Final = (0, 1, 2)
OPENS: Final = (("Inputs", "Reads"), ("alse positive",), ("corecard",))
"""What every detector's heading says, in one of these words: its inputs, its known false positives, where its figures stand."""


def staged() -> Mapping[str, float]:
    """Seconds of the slowest tier L task, over families and seeds."""
    return {"large_s": _slowest()}


def pythons() -> Mapping[str, float]:
    """Digests of golden tasks that another Python gives otherwise, each in a fresh environment. Raises AbsentError where there is none."""
    from tests.task_repos.staged.test_bytes import GOLDEN, PROGRAM

    found = [path for version in OTHERS if (path := _python(version))]
    if len(found) < len(OTHERS):
        raise AbsentError(f"skipped: no Python {' or '.join(OTHERS)} on this machine")
    unlike = 0
    for path in found:
        with tempfile.TemporaryDirectory() as scratch:
            own = str(Path(scratch) / "bin" / "python")
            subprocess.run((path, "-m", "venv", scratch), check=True)
            subprocess.run((own, "-m", "pip", "-q", "install", "msgspec"), check=True)
            done = subprocess.run((own, "-B", "-c", PROGRAM, *GOLDEN), cwd=ROOT, capture_output=True, text=True, check=True)
        told = dict(line.split() for line in done.stdout.splitlines())
        unlike += sum(told.get(word) != digest for word, digest in GOLDEN.items())
    return {"count": len(found), "unlike": unlike}


def _python(version: str) -> str:
    """Its program, "" where there is none."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}") or ""


def _slowest() -> float:
    from task_repos.staging.generating import generate, known

    worst = 0.0
    for family in known():
        for seed in SEEDS:
            began = time.perf_counter()
            generate("L", seed, family)
            worst = max(worst, time.perf_counter() - began)
    return worst


def scorecard() -> Mapping[str, float]:
    """The slice as a user runs it. Raises RuntimeError where it says nothing."""
    return _scored("--slice")


def corpus() -> Mapping[str, float]:
    """The whole corpus, one run in twenty again in containers: the figures that decide which detector is experimental."""
    return _scored("--full", "--containers")


def _scored(*words: str) -> Mapping[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        done = longhaul(Path(scratch), "scorecard", *words, "--json")
        minutes = (time.perf_counter() - began) / 60
    try:
        card: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError as fault:
        raise RuntimeError(f"longhaul scorecard {' '.join(words)}: exit {done.returncode}, {done.stderr[-300:]}") from fault
    held = [each for each in card["kinds"] if each["held"]]
    return {
        "minutes": minutes, "fewest_positives": min((each["recall"]["of"] for each in held), default=0), "alike": card["alike"]["of"],
        "noise": card["false_per_100"] or 0.0, "below": sum(each["word"] == "below" for each in held), "held": len(held),
        "faults": len(card["faults"]), "unlike": len(card["unlike"]), "again": card["again"] / card["runs"],
    }  # fmt: skip


def forgetters() -> Mapping[str, float]:
    """What of the known memories is not found, by sort."""
    from benchmarks.forgetters import TASKS, missed, study

    with tempfile.TemporaryDirectory() as home:
        return missed(tuple(study(Path(home), TASKS)))


def real_traces() -> Mapping[str, float]:
    """Findings without a judgement, and judgements without a finding."""
    from benchmarks.real_traces import everything, verdict, verdicts

    table = verdicts()
    with tempfile.TemporaryDirectory() as home:
        shown = tuple(everything(Path(home), ""))
    found = [(each.case, one) for each in shown for one in each.found]
    stale = sum(not any(each.about(case, one) for case, one in found) for each in table)
    false = sum(said is not None and said.verdict == "false" for case, one in found if (said := verdict(case, one, table)) or True)
    return {"trials": len(shown), "findings": len(found), "false": false, "unjudged": sum(verdict(case, one, table) is None for case, one in found) + stale}


def detectors() -> Mapping[str, float]:
    """Detectors whose heading lacks a part, and the words of the page about them."""
    heads = {path.stem: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in DETECTORS.glob("*.py") if path.stem != "__init__"}
    lacking = [name for name, words in heads.items() if not all(any(word in words for word in said) for said in OPENS)]
    words = len(PAGE.read_text("utf-8").split()) if PAGE.is_file() else 0
    return {"files": len(heads), "without_heading": len(lacking), "words": words}


LOSSES: Final[Mapping[str, Taken]] = {
    "staged": staged, "pythons": pythons, "scorecard": scorecard, "corpus": corpus, "forgetters": forgetters, "real_traces": real_traces, "detectors": detectors,
}  # fmt: skip
