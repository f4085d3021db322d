"""Which test file belongs to which problem: by name where the names agree, by pairs.toml where somebody said so, else by the words they share."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final, TypeAlias

from harness.core.errors import TaskError, unread

PAIRS: Final = "pairs.toml"
"""In tests/REPO: lines `problem-name = "test-file.py"`."""
WORDS: Final = re.compile(r"[a-z0-9]+")
EMPTY_WORDS: Final = frozenset({"task", "test", "py", "the", "to", "new"})
Pairs: TypeAlias = dict[str, "Path | TaskError"]


def paired(names: tuple[str, ...], tests: Path) -> Pairs:
    """Every name with its test file, or with the complaint why it has none. Raises TaskError where there is no folder of tests."""
    if not tests.is_dir():
        raise TaskError(str(tests), "folder", "no such folder", "the tests of this repository")
    files = sorted(path for path in tests.glob("*.py") if path.is_file())
    found: Pairs = {name: tests / file for name, file in _said(tests).items() if name in names}
    for name in names:
        if name not in found and (exact := [path for path in files if path.stem in (f"{name}-test", name)]):
            found[name] = exact[0]
    left = [path for path in files if path not in found.values()]
    for name in names:
        if name not in found:
            found[name] = _nearest(name, left, tests)
    return _each_once(found)


def _said(tests: Path) -> dict[str, str]:
    """The pairs that a file names. Raises TaskError."""
    path = tests / PAIRS
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as fault:
        raise TaskError(str(path), "text", unread(fault), "TOML in UTF-8") from fault
    for name, file in data.items():
        if not isinstance(file, str) or "/" in file or not (tests / file).is_file():
            raise TaskError(str(path), name, repr(file), f"a file of {tests}")
    return data


def _nearest(name: str, files: list[Path], tests: Path) -> Path | TaskError:
    """The one file that shares most words; a tie is nobody's to break, since a wrong test makes a wrong verdict."""
    ranked = sorted(((_shared(name, path.stem), path.name, path) for path in files), key=lambda each: (-each[0], each[1]))
    if not ranked or ranked[0][0] == 0:
        return TaskError(str(tests), name, "no test file of a like name", f"one, or a line in {PAIRS}")
    if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
        return TaskError(str(tests), name, f"{ranked[0][1]} and {ranked[1][1]}", f"one test file of a like name, or a line in {PAIRS}")
    return ranked[0][2]


def _shared(name: str, stem: str) -> float:
    """Words in common over words of the test's name, so that a longer problem name costs nothing."""
    left, right = _words(name), _words(stem)
    return len(left & right) / len(right) if right else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(WORDS.findall(text.lower())) - EMPTY_WORDS


def _each_once(found: Pairs) -> Pairs:
    """A test file that two problems claim is neither's."""
    claimed = [path for path in found.values() if isinstance(path, Path)]
    return {
        name: TaskError(str(path), name, "another problem with the same test file", f"a line in {PAIRS}")
        if isinstance(path, Path) and claimed.count(path) > 1
        else path
        for name, path in found.items()
    }
