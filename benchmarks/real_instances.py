"""Real instances of SWE-bench, rebuilt from release archives: the known fix is resolved, nothing is not, the fix without a hunk is not.

`python -m benchmarks.real_instances` prints a table of yes and no, each graded by the command as a user gives it, with the package's verdict
and the strict one. The rows are looked for in LONGHAUL_TEST_DATA or beside the checkout; without them it says so and measures nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.figures import ROOT, longhaul
from harness.core.task import GoldPatch, Official, TaskSpec
from task_repos.swebench import create

ARMS = ("oracle", "empty", "hunk removed")
MUST = {"oracle": "passed", "empty": "failed", "hunk removed": "failed"}
WIDTH = 28


class Line(msgspec.Struct, frozen=True):
    """One instance: outcome and reason by arm, and how many tests decide."""

    instance: str
    tests: int
    ends: dict[str, tuple[str, str]]

    @property
    def good(self) -> bool:
        return all(self.ends[arm][0] == must for arm, must in MUST.items())

    def text(self) -> str:
        words = (f"{'yes' if self.ends[arm][0] == must else 'NO'} ({': '.join(self.ends[arm])})" for arm, must in MUST.items())
        return f"{self.instance:<{WIDTH}} {self.tests:>5}  " + "  ".join(f"{word:<26}" for word in words)


def folder() -> Path | None:
    """Where the rows are."""
    found = Path(os.environ.get("LONGHAUL_TEST_DATA") or ROOT.parent / "shared" / "data") / "swebench_sample"
    return found if (found / "instances.jsonl").is_file() else None


def without_a_hunk(diff: bytes) -> bytes:
    """A patch less the hunk that adds most; a file's block that has no other goes with it. Pure."""
    heads, blocks = [], diff.split(b"diff --git ")
    for number, block in enumerate(blocks):
        heads += [(sum(line.startswith(b"+") for line in hunk.splitlines()), number, hunk) for hunk in block.split(b"\n@@ ")[1:]]
    _, number, largest = max(heads)
    left = blocks[number].replace(b"\n@@ " + largest, b"\n" if largest.endswith(b"\n") else b"")
    blocks[number] = left if b"\n@@ " in left else b""
    return b"diff --git ".join(blocks[:1] + [block for block in blocks[1:] if block])


def predictions(tasks: list[TaskSpec], file: Path) -> None:
    """Three patches for each task, each arm as a model of its own."""
    rows = []
    for task in tasks:
        assert isinstance(task.solution, GoldPatch)
        patches = {"oracle": task.solution.diff, "empty": b"", "hunk removed": without_a_hunk(task.solution.diff)}
        rows += [{"instance_id": task.id, "model_name_or_path": arm, "model_patch": patch.decode()} for arm, patch in patches.items()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def graded(rows: Path) -> tuple[Line, ...]:
    """By `longhaul grade`, in a home of its own. Raises RuntimeError where it does not end as it should."""
    tasks = list(create(path=str(rows)))
    with tempfile.TemporaryDirectory(prefix="longhaul-real-") as home:
        file = Path(home) / "patches.jsonl"
        predictions(tasks, file)
        words = ("--predictions", str(file), "--parallel", "2", "--unvalidated", "--json")
        out = longhaul(Path(home), "grade", f"swebench:{rows}", *words).out
    trials = json.loads(out[out.index("{") :])["trials"]
    lines = []
    for task in tasks:
        assert isinstance(task.check, Official)
        ends = {row["model_name_or_path"]: (row["outcome"], row["reason"]) for row in trials if row["instance_id"] == task.id}
        lines.append(Line(task.id, len(task.check.fail_to_pass) + len(task.check.pass_to_pass), ends))
    return tuple(lines)


def main() -> int:
    """1 where an instance is not as it must be."""
    rows = folder()
    if rows is None:
        print("no real instances: LONGHAUL_TEST_DATA names no folder with swebench_sample/instances.jsonl")
        return 0
    lines = graded(rows)
    if "--json" in sys.argv:
        print(json.dumps({"instances": len(lines), "as_they_must": sum(line.good for line in lines)}))
        return int(not all(line.good for line in lines))
    print(f"{'instance':<{WIDTH}} {'tests':>5}  " + "  ".join(f"{word:<26}" for word in ("oracle resolved", "empty unresolved", "hunk removed: unresolved")))
    print("\n".join(line.text().rstrip() for line in lines))
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
