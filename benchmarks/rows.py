"""Reading a file of SWE-bench's rows: five hundred made-up ones, of the size of real ones, as lines of JSON, as a list and as a Parquet table."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figures import Figure, told
from task_repos.swebench import create

ROWS = 500
STATEMENT = 2_000
PATCH_LINES = 60
NAMES = 80


def row(number: int) -> dict[str, object]:
    """Classic fields; sizes are about the means of published rows."""
    lines = "".join(f"+    value_{line} = {line}\n" for line in range(PATCH_LINES))
    patch = f"diff --git a/package/module.py b/package/module.py\n--- a/package/module.py\n+++ b/package/module.py\n@@ -1 +1,{PATCH_LINES + 1} @@\n one\n{lines}"
    names = [f"tests/test_module.py::test_{number}_{name}" for name in range(NAMES)]
    return {
        "instance_id": f"owner__name-{number}", "repo": "owner/name", "base_commit": "a" * 40, "version": "1.0", "created_at": "2024-01-01T00:00:00Z",
        "problem_statement": "It is broken. " * (STATEMENT // 14), "patch": patch, "test_patch": patch.replace("package/module", "tests/test_module"),
        "FAIL_TO_PASS": json.dumps(names[:1]), "PASS_TO_PASS": json.dumps(names[1:]),
    }  # fmt: skip


def measure(_quick: bool) -> tuple[Figure, ...]:
    """Seconds from naming the file to the last task."""
    rows = [row(number) for number in range(ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        lines, table = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        lines.write_text("".join(json.dumps(each) + "\n" for each in rows))
        figures = [Figure("jsonl_s", f"{ROWS} rows as JSON lines, read into tasks", _seconds(lines), "s", most=2.0)]
        if find_spec("pyarrow"):
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.Table.from_pylist(rows), table)
            figures.append(Figure("parquet_s", f"{ROWS} rows as a Parquet table, read into tasks", _seconds(table), "s", most=2.0))
    return tuple(figures)


def _seconds(file: Path) -> float:
    began = time.perf_counter()
    source = create(path=str(file), test_command="pytest -rA {files}", parser="pytest")
    tasks = list(source)
    if len(tasks) != ROWS or source.faults:
        raise RuntimeError(f"{file.name}: {len(tasks)} tasks and {len(source.faults)} complaints")
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
