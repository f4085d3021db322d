"""Which files of a patch are the work itself: code and data, and what lies among the tests but is imported from there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from harness.core.ports import PatchFile
from harness.grading.clues.reached import reached

LONGEST: Final = 4 << 20
"""Bytes of a file that is read."""
_PROSE: Final = frozenset({".md", ".rst", ".txt", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".lock", ".html", ".css", ".svg"})
_TESTS: Final = frozenset({"test", "tests", "testing"})


def read_files(files: Iterable[PatchFile]) -> tuple[PatchFile, ...]:
    """Tests may speak of tests, and prose of anything; but a file among the tests that the work imports is work."""
    plain = [file for file in files if _plain(file)]
    chosen = [file for file in plain if not among_tests(file.path)]
    return (*chosen, *reached(chosen, [file for file in plain if among_tests(file.path)]))


def among_tests(path: str) -> bool:
    """By the name of the file or of a folder above it."""
    parts = [part.lower() for part in PurePosixPath(path).parts]
    stem = parts[-1].partition(".")[0]
    return bool(_TESTS & set(parts[:-1])) or stem.startswith("test_") or stem.endswith("_test") or stem == "conftest"


def numbered(file: PatchFile) -> tuple[tuple[int, str], ...]:
    """Its lines from 1, where it is Python."""
    return tuple(enumerate(file.data.decode("utf-8", "replace").splitlines(), 1)) if file.path.endswith(".py") else ()


def _plain(file: PatchFile) -> bool:
    suffix = PurePosixPath(file.path).suffix.lower()
    return file.kind == "file" and len(file.data) <= LONGEST and b"\0" not in file.data and suffix not in _PROSE
