"""A classic row made into one of version 5: the eval script that its package no longer brings, synthesised from patch and command."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import PurePosixPath
from typing import Final

from task_repos.swebench_paths import Touched, touched_paths
from task_repos.swebench_rows import Row

START: Final = ">>>>> Start Test Output"
END: Final = ">>>>> End Test Output"
WORKDIR: Final = "/testbed"
# Data that comes with tests; a runner is not asked to run these.
NOT_TESTS: Final = (".json", ".md", ".txt", ".rst", ".yml", ".yaml", ".toml", ".cfg", ".png", ".csv", ".xml", ".html")
# Published images keep their environment there and turn it on for nobody.
ACTIVATE: Final = "if test -r /opt/miniconda3/bin/activate; then . /opt/miniconda3/bin/activate && conda activate testbed; fi"
LOG_FORMATS: Final = {"pytest_whole": "parse_log_pytest_v2", "": ""}


def parser_name(word: str) -> str:
    """The registry's key for a parser: `pytest` is parse_log_pytest; a key is itself."""
    known = LOG_FORMATS.get(word)
    if known is not None:
        return known
    return word if word.startswith("parse_log_") else f"parse_log_{word}"


def eval_script(row: Row, command: str, base: str, workdir: str = WORKDIR) -> str:
    """Restore the graded files, apply the row's tests, run `command` between the markers. `{files}` are the graded test files."""
    touched = touched_paths(row.test_patch)
    fence = f"LONGHAUL_{hashlib.sha256(row.test_patch.encode()).hexdigest()[:16]}"
    tests = " ".join(shlex.quote(path) for path in (*touched.new, *touched.old) if not path.endswith(NOT_TESTS))
    lines = (
        "#!/bin/bash",
        "set -uxo pipefail",
        ACTIVATE,
        f"cd {shlex.quote(workdir)}",
        *restoring(touched, base),
        f"git apply --verbose - <<'{fence}'",
        row.test_patch.rstrip("\n"),
        fence,
        f": '{START}'",
        command.replace("{files}", tests),
        f": '{END}'",
        *restoring(touched, base),
    )
    return "\n".join((*lines, ""))


def restoring(touched: Touched, base: str) -> tuple[str, ...]:
    """Commands that put graded files back. No file means no command: a bare checkout would throw away the work that is graded."""
    checkout = f"git checkout {shlex.quote(base)} -- {shlex.join(touched.old)}"
    remove = f"rm -rf -- {shlex.join(touched.new)}"
    return ((checkout,) if touched.old else ()) + ((remove,) if touched.new else ())


def languages(diff: str) -> tuple[str, ...]:
    """By the endings of the files that the fix touches."""
    touched = touched_paths(diff)
    endings = {PurePosixPath(path).suffix for path in (*touched.old, *touched.new)}
    return tuple(sorted({LANGUAGES[ending] for ending in endings if ending in LANGUAGES}))


LANGUAGES: Final = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "typescript", ".go": "go", ".rs": "rust",
    ".java": "java", ".rb": "ruby", ".php": "php", ".c": "c", ".h": "c", ".cpp": "c++", ".cc": "c++",
}  # fmt: skip
