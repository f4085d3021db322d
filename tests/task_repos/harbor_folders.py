"""Task folders written from tables of names and texts."""

from __future__ import annotations

from pathlib import Path

from harness.core.task import TaskSpec
from task_repos.folder import create

Files = dict[str, str | None]
PLAIN: Files = {
    "task.toml": "", "instruction.md": "Do it.\n", "environment/Dockerfile": "FROM a\nWORKDIR /app\n",
    "tests/test.sh": "echo 1 > /logs/verifier/reward.txt\n", "solution/solve.sh": "true\n",
}  # fmt: skip
GRADE = """\
format = 1
[grade]
files = { "tests/hidden" = "tests" }
command = "python3 -m pytest --junitxml=$LONGHAUL_REPORT"
format = "junit"
ids = "tests/ids.json"
allow = ["pyproject.toml"]
deadline = 60
"""
GRADED: Files = {
    **PLAIN, "tests/longhaul.toml": GRADE, "tests/hidden/test_a.py": "def test(): pass\n",
    "tests/ids.json": '{"fail_to_pass": ["tests/test_a.py::test"], "pass_to_pass": ["tests/test_b.py::test"]}',
}  # fmt: skip


def write(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def read(folder: Path, files: Files, host: dict[str, str] | None = None) -> TaskSpec:
    """The one task of a folder; its complaint is raised."""
    source = create(path=str(write(folder / "task", files)), environment=host or {})
    found = list(source)
    for fault in source.faults:
        raise fault
    return found[0]
