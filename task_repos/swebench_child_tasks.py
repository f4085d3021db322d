"""Run as a process of its own: a folder of tasks as the package swebench reads it; the folder's path comes in, a JSON line per task goes out."""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

MEMORY = 4 << 30
"""Bytes. YAML has aliases: a file of a few hundred may unfold to more than any machine holds."""


def main() -> int:
    """The first line is {splits} or {problem}, each further one {folder, fields} or {folder, problem}."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for told in lines(Path(sys.stdin.readline().rstrip("\n"))):
        json.dump(told, sys.stdout)
        sys.stdout.write("\n")
    return 0


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """What there is, one bad task never hiding the others."""
    repo = importlib.import_module("swebench.task.repo")
    # YAML, files, and values of any type where others were expected.
    faults = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, MemoryError, importlib.import_module("yaml").YAMLError)
    try:
        splits = repo.load_config(folder)["splits"] if (folder / repo.CONFIG_FILE).exists() else []
        yield {"splits": [str(word) for word in splits]}
        found = sorted(path for path in repo.tasks_root(folder).iterdir() if path.is_dir())
    except faults as fault:
        yield {"problem": sentence(fault)}
        return
    for path in found:
        try:
            yield {"folder": path.name, "fields": {str(name): plain(value) for name, value in repo.load_task(path).items()}}
        except faults as fault:
            yield {"folder": path.name, "problem": sentence(fault)}


def plain(value: Any) -> Any:
    """Texts, and lists of them, as they are; dates as text; of anything else no more than its kind, for the complaint."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str):
        return value
    return {dict: {"": ""}, list: [0], bool: True}.get(type(value), 0)


def sentence(fault: Exception) -> str:
    """In one line."""
    if isinstance(fault, FileNotFoundError) and fault.filename:
        return f"no file {Path(fault.filename).name}"
    return " ".join(str(fault).split())[:300] or type(fault).__name__


if __name__ == "__main__":
    sys.exit(main())
