"""The measurements that claims quote, each run once a proof: a name, a function, figures by key."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from benchmarks.proof.losses import LOSSES
from benchmarks.proof.product import AbsentError, document, make_run
from benchmarks.proof.session import ROOT

Figures: TypeAlias = Mapping[str, float]
WARDEN = ROOT / "sandboxes" / "warden"


def script(name: str, *words: str) -> list[object]:
    """What a benchmark prints with --json, run in a process of its own. Raises RuntimeError."""
    done = subprocess.run((sys.executable, "-m", f"benchmarks.{name}", *words), cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError) as fault:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"benchmarks.{name}: {said[-1]}") from fault
    return told if isinstance(told, list) else [told]


def trials() -> Figures:
    rows = script("trials", "--quick", "--json")
    found: dict[str, float] = {}
    for row in rows:
        assert isinstance(row, dict)
        how = {"longhaul, not graded": "plain", "longhaul, graded": "graded"}.get(row["how"], "docker")
        found |= {f"{how}_{row['at_once']}": row["per_minute"], f"{how}_{row['at_once']}_cpu": row["cpu_s"]}
    return found


def roundtrip() -> Figures:
    from benchmarks.sandbox_roundtrip import measure

    told = measure()
    return {
        "true": told.true_ratio, "files": told.files_ratio, "megabyte_ms": told.megabyte, "start_ms": told.start,
        "megabyte_to_exec": told.megabyte / told.megabyte_exec, "start_to_run": told.start / told.start_run,
    }


def kills() -> Figures:
    from benchmarks.sandbox_kills import measure

    rows = measure()
    return {"attacks": float(len(rows)), "survivors": float(sum(row.survivors for row in rows)), "worst_ms": max(row.worst for row in rows)}


def snapshots() -> Figures:
    from benchmarks.sandbox_snapshots import measure

    return {f"{row.files}_ms": row.again for row in measure()}


def help_start() -> Figures:
    (told,) = script("help_start")
    assert isinstance(told, dict)
    return {"ratio": float(told["ratio"])}


def figures(name: str, *words: str) -> Callable[[], Figures]:
    """A benchmark whose JSON is its figures by key."""

    def take() -> Figures:
        (found,) = script(name, *words, "--json")
        assert isinstance(found, dict)
        return found

    return take


LARGE = 60_000
"""Source tokens of a large task."""


def bundled() -> Figures:
    """Health of the bundled tasks, oracle five times."""
    rows = document("validate", "bundled", "-n", "5")["tasks"]
    sizes = sorted(row["reading"]["tokens"] for row in rows)
    large = [row["reading"]["share"] for row in rows if row["reading"]["tokens"] >= LARGE]
    return {
        "tasks": float(len(rows)), "small": sizes[0], "medium": sizes[1], "large": sizes[-1], "share": min(large), **_health(rows),
    }


def _health(rows: list[dict[str, object]]) -> dict[str, float]:
    """Shares in percent of oracle runs that passed and of tasks that idle passed."""
    oracle = [row["oracle"] for row in rows]
    passed, runs = (sum(pair[at] for pair in oracle) for at in (0, 1))  # type: ignore[index]
    idle = sum(row["idle"] == "passed" for row in rows)
    healthy = sum(row["healthy"] is True for row in rows)
    return {"oracle": 100 * passed / runs, "oracle_runs": runs, "idle": 100 * idle / len(rows), "healthy": 100 * healthy / len(rows)}


def data() -> Path:
    """The folder with real rows. Raises AbsentError."""
    folder = Path(os.environ.get("LONGHAUL_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "swebench_sample" / "instances.jsonl").is_file():
        raise AbsentError(f"skipped: {folder}/swebench_sample is absent (LONGHAUL_TEST_DATA names another folder)")
    return folder


def sample() -> Figures:
    rows = document("validate", f"swebench:{data() / 'swebench_sample'}", "-n", "1")["tasks"]
    return {"instances": float(len(rows)), **_health(rows)}


def lite() -> Figures:
    told = document("tasks", f"swebench:{data() / 'swebench_lite' / 'rows.jsonl'}")
    return {"rows": float(len(told["tasks"])), "refused": float(len(told["faults"]))}


def real_instances() -> Figures:
    """Instances whose three columns are not as they must be."""
    data()
    found = figures("real_instances")()
    return {"wrong": found["instances"] - found["as_they_must"]}


def warden() -> Figures:
    sizes = [len(path.read_text("utf-8").splitlines()) for path in WARDEN.glob("*.[ch]")]
    return {"lines": float(sum(sizes)), "longest": float(max(sizes)), "files": float(len(sizes))}


def commands() -> Figures:
    """Of the commands that help lists, those whose own help holds an example."""
    from harness.cli.main import COMMANDS

    shown = [name for name, (_, line) in COMMANDS.items() if line]
    ask = (sys.executable, "-m", "harness.cli.main")
    told = {name: subprocess.run((*ask, name, "--help"), cwd=ROOT, capture_output=True, text=True, check=False).stdout for name in shown}
    wanted = ("run", "report", "show", "new", "tasks", "validate", "images", "models", "sweep", "doctor")
    record = (
        "run", "resume", "status", "report", "show", "checkout", "replay", "fork", "rejudge", "export", "import", "doctor", "sweep",
    )  # fmt: skip
    answer = ("compare", "baseline", "gate", "trend", "claim", "prune")
    real = ("tasks", "validate", "mine", "images", "grade", "export")
    context = ("context", "probe", "generate", "study", "scorecard", "audit")
    return {"context": float(len(set(context) & set(shown))), "answer": float(len(set(answer) & set(shown))), "real_tasks": float(len(set(real) & set(shown))), "wanted": float(len(set(wanted) & set(shown))), "record": float(len(set(record) & set(shown))), "without_example": float(sum("xample" not in text for text in told.values()))}


def papers() -> Figures:
    """What the README and ARCHITECTURE hold, as far as words tell; and documents that the code names and nobody wrote."""
    read = {name: path.read_text("utf-8") if (path := ROOT / name).is_file() else "" for name in ("README.md", "ARCHITECTURE.md")}
    text = read["README.md"]
    shown = re.findall(r"\ban? (task|model|sandbox): \[(docs/[^\]]+)\]", text.partition("## Adding")[2])
    add = {word for word, page in shown if (ROOT / page).is_file()}
    named = {
        word
        for room in ("harness", "agents", "sandboxes", "task_repos")
        for path in (ROOT / room).rglob("*.py")
        if "bundled" not in path.parts
        for word in re.findall(r"\bdocs/[a-z_-]+\.md", path.read_text("utf-8"))
    }
    return {
        "commands": float("make run" in text and "make test" in text), "table": float("|---" in text or "planned " in text),
        "added": float(len(add)), "architecture": float(len(read["ARCHITECTURE.md"].splitlines())),
        "benchmarks": float((ROOT / "benchmarks" / "README.md").is_file()), "absent": float(sum(not (ROOT / word).is_file() for word in named)),
        "picture": float(any((ROOT / word).is_file() for word in re.findall(r'<img [^>]*src="([^"]+)"', text))),
        "simulations": float((ROOT / "docs" / "statistics.md").read_text("utf-8").count("\n|---")),
        "comparison": float('src="docs/compare-light.png"' in text),
        "kills": float("points, resumed, compared with an undisturbed run" in (ROOT / "docs" / "crash.md").read_text("utf-8")),
    }


def points() -> Figures:
    """Where the kill test strikes, every day and in the long tests."""
    from tests.crash.points import everyday, long

    return {"everyday": float(len(everyday())), "long": float(len({point.name for point in (*everyday(), *long())}))}


MEASURES: Mapping[str, Callable[[], Figures]] = {
    "make_run": make_run, "bundled": bundled, "sample": sample, "lite": lite, "warden": warden, "commands": commands, "papers": papers, "points": points,
    "roundtrip": roundtrip, "kills": kills, "snapshots": snapshots, "trials": trials, "help_start": help_start,
    "many": figures("many"), "resume": figures("resume"), "page": figures("page"), "events": figures("events"), "archive": figures("archive"),
    "memory": figures("memory", "--quick"), "replay": figures("replay"), "rows": figures("rows"), "grading": figures("grading"), "leaks": figures("leaks"),
    "conformance": figures("conformance"), "compare": figures("compare"), "estimate": figures("estimate"), "cheats": figures("cheats"), "real_instances": real_instances,
    "context": figures("context"), **LOSSES,
}  # fmt: skip
"""In the order they run: those that build come before those that measure time."""
