"""Paths as a model wrote them, held against the paths of a tree; pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

CLOSE = 2
"""Edits between two names that count as a slip of the pen."""
CUSTOMARY = frozenset((
    "readme", "license", "licence", "copying", "changelog", "changes", "history", "news", "contributing", "authors", "makefile", "justfile",
    "dockerfile", "pyproject", "setup", "tox", "noxfile", "pytest", "conftest", "requirements", "manifest", "mypy", "ruff", "pylintrc",
    "flake8", "coveragerc", "editorconfig", "gitignore", "gitattributes", "env", "poetry", "pipfile", "package", "tsconfig", "cargo", "go",
    "__init__", "__main__", "py", "claude", "agents", "architecture", "todo", "version", "index", "main",
))  # fmt: skip
"""Stems that a repository may be expected to have: asking for one is finding out, not believing."""


def relative(path: str, home: str = "") -> str:
    """Normal and relative to the workdir; "" for one outside it, for one that cannot be told, and for the workdir itself."""
    if not path or "\0" in path or path.startswith("~"):
        return ""
    found = posixpath.normpath(path)
    if found.startswith("/"):
        found = found.removeprefix(home.rstrip("/") + "/") if home else found
    return "" if found.startswith(("/", "../")) or found in ("..", ".") else found


def inside(path: str, files: Mapping[str, str]) -> str:
    """The file of the tree that a path names; of an absolute path the longest end that is one. "" for none."""
    found = posixpath.normpath(path)
    parts = found.split("/")
    starts = range(1, len(parts)) if found.startswith("/") else range(1)
    return next((name for start in starts if (name := "/".join(parts[start:])) in files), "")


def stands(path: str, files: Mapping[str, str]) -> bool:
    """Whether it is a file of the tree, or a folder of one."""
    return path in files or any(name.startswith(path + "/") for name in files)


def elsewhere(path: str, files: Iterable[str]) -> str:
    """A file of the same name in another folder, or of nearly the same path; "" for none."""
    last = path.rpartition("/")[2]
    near = ""
    for name in files:
        if name.rpartition("/")[2] == last:
            return name
        if not near and close(name, path):
            near = name
    return near


def customary(path: str) -> bool:
    """Whether any repository might have it."""
    return path.rpartition("/")[2].lstrip(".").partition(".")[0].lower() in CUSTOMARY


def mirrored(path: str, files: Iterable[str]) -> bool:
    """Whether it is where the tests of a module that stands there would be, or the module of tests that do."""
    stem = path.rpartition("/")[2].partition(".")[0]
    bare = stem.removeprefix("test_").removesuffix("_test")
    return bare != stem and any(name.rpartition("/")[2].partition(".")[0] == bare for name in files)


def close(one: str, other: str) -> bool:
    """Whether at most CLOSE characters must be put in, taken out or exchanged to make one of the other (Levenshtein 1966), in linear work."""
    most = CLOSE
    if abs(len(one) - len(other)) > most:
        return False
    if one == other:
        return True
    width = 2 * most + 1
    row = [abs(k - most) if k >= most else most + 1 for k in range(width)]
    for i, letter in enumerate(one, 1):
        new = [most + 1] * width
        for k in range(width):
            j = i + k - most
            if 0 <= j <= len(other):
                same = row[k] + (letter != other[j - 1]) if j else i
                new[k] = min(same, row[k + 1] + 1 if k + 1 < width else most + 1, new[k - 1] + 1 if k and j else most + 1, most + 1)
        if min(new) > most:
            return False
        row = new
    return row[len(other) - len(one) + most] <= most
