"""Files that steer a test runner: which of them a patch touches, and what must be undone for a run that only base steers. Pure."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

import msgspec

from harness.core.ports import Patch, PatchFile
from harness.grading.shared import SHARED, merged, same_tables

_NAMES: Final = frozenset(
    {
        "conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "noxfile.py", "toxfile.py", "tox.toml", ".coveragerc",
        ".coveragerc.toml", "coverage.toml", ".env", "pyvenv.cfg",
    }
)  # fmt: skip
_STARTED: Final = frozenset({"sitecustomize", "usercustomize"})
_RUNNER: Final = frozenset(
    {"pytest", "_pytest", "py", "pluggy", "iniconfig", "exceptiongroup", "tomli", "xdist", "pytest_cov", "pytest_asyncio", "pytest_timeout"}
)
_FACTS: Final = (".egg-info", ".dist-info", ".egg-link", ".pth")
_MAKEFILES: Final = frozenset({"makefile", "gnumakefile"})
_WORD: Final = re.compile(r"[^\s;&|()<>=:'\"`$]+")
_SEARCHED: Final = re.compile(r"(?<![\w$])PYTHONPATH=[\"']?([^\s;\"']+)")
FLOOR: Final = frozenset(sys.stdlib_module_names) | _RUNNER
"""Names that are nobody's to take, whatever the container has."""


class Ground(msgspec.Struct, frozen=True):
    """What the pristine container says. `names`: top-level modules that can be imported from outside the workdir; `roots`: folders of the
    workdir on the search path; `base`: bytes of steering files that base has; `existed`: which of the asked paths base has.
    """

    names: frozenset[str] = frozenset()
    roots: tuple[str, ...] = ()
    base: dict[str, bytes] = {}
    existed: frozenset[str] = frozenset()


class Terms(msgspec.Struct, frozen=True):
    """What the task says: paths of graded tests, its command, what it allows to be changed."""

    graded: tuple[str, ...]
    command: str
    allow: tuple[str, ...] = ()


class Restored(msgspec.Struct, frozen=True):
    """A patch without what was undone; `back`: paths that are as at base, wholly or (shared files) in the runner's tables."""

    patch: Patch
    back: tuple[str, ...]


def graded_back(patch: Patch, terms: Terms) -> Restored:
    """Graded tests as at base: what the agent wrote in their place is not what is judged, whatever its kind."""
    graded = frozenset(terms.graded) - frozenset(terms.allow)
    above = {str(parent) for name in graded for parent in PurePosixPath(name).parents}
    back = {file.path for file in patch.files if file.path in graded or (file.kind != "dir" and file.path in above)}
    return _without(patch, back | {path for path in patch.removed if path in graded})


def asked(patch: Patch, terms: Terms) -> tuple[str, ...]:
    """Paths whose state at base decides: those of the patch, and their first parts at folders that may be searched."""
    paths = _paths(patch)
    return tuple(sorted({*paths, *(first for _, first in _firsts(paths, roots(terms)))}))


def touched(patch: Patch, terms: Terms, ground: Ground) -> tuple[str, ...]:
    """Paths of the patch that steer a runner and are not allowed."""
    hidden = _shadows(patch, terms, ground)
    held = {file.path: file for file in patch.files}
    return tuple(
        sorted(
            path
            for path in _paths(patch)
            if path not in terms.allow and (path in hidden or (steers(path, terms) and not _harmless(held.get(path), ground)))
        )
    )


def strict(patch: Patch, paths: tuple[str, ...], ground: Ground) -> Restored:
    """The patch with those paths as at base; of shared files only the runner's tables are."""
    files = [made for file in patch.files if (made := _merged(file, ground) if file.path in paths else file) is not None]
    return Restored(Patch(tuple(files), tuple(path for path in patch.removed if path not in paths)), paths)


def steers(path: str, terms: Terms) -> bool:
    """Whether a file of this name, or where it stands, can change what a test run says."""
    parts = tuple(_plain(part) for part in PurePosixPath(path).parts)
    name = parts[-1] if parts else ""
    if name in _NAMES or name in SHARED or any(part.endswith(_FACTS) or part.partition(".")[0] in _STARTED for part in parts):
        return True
    if name == "__init__.py" and any(str(PurePosixPath(one).parent) == str(PurePosixPath(path).parent) for one in terms.graded):
        return True
    words = set(_WORD.findall(terms.command))
    return path in words or f"./{path}" in words or (name in _MAKEFILES and "make" in words)


def roots(terms: Terms, further: Iterable[str] = ()) -> frozenset[str]:
    """Folders of the workdir that may be searched for modules: its root, src and lib, those of graded tests and all above them."""
    told = (part for found in _SEARCHED.findall(terms.command) for part in found.split(":") if not part.startswith(("/", "$")))
    above = (str(parent) for name in terms.graded for parent in PurePosixPath(name).parents)
    return frozenset(str(PurePosixPath(one)) for one in (".", "src", "lib", *told, *above, *further))


def _paths(patch: Patch) -> tuple[str, ...]:
    return (*(file.path for file in patch.files), *patch.removed)


def _firsts(paths: Iterable[str], at: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(path, the path of its first part below a searched folder), for each such folder."""
    for path in paths:
        parts = PurePosixPath(path).parts
        for depth in range(len(parts)):
            if str(PurePosixPath(*parts[:depth])) in at:
                yield path, str(PurePosixPath(*parts[: depth + 1]))


def _shadows(patch: Patch, terms: Terms, ground: Ground) -> frozenset[str]:
    """Paths that take the place of a module from outside. A project that is itself such a module has its own at base."""
    names = {_plain(name) for name in (*ground.names, *FLOOR)}
    graded = {str(PurePosixPath(name).parent) for name in terms.graded}
    found = set()
    for path, first in _firsts([file.path for file in patch.files], roots(terms, ground.roots)):
        name = PurePosixPath(first)
        if _plain(name.name).partition(".")[0] not in names or first in ground.existed or first in graded:
            continue
        if first != path or name.suffix in ("", ".py", ".so", ".pyd") or ".so" in name.suffixes:
            found.add(path)
    return frozenset(found)


def _harmless(file: PatchFile | None, ground: Ground) -> bool:
    """A shared file in which the runner's tables are what they were."""
    if file is None or file.kind != "file" or PurePosixPath(file.path).name not in SHARED:
        return False
    return same_tables(PurePosixPath(file.path).name, ground.base.get(file.path, b""), file.data)


def _merged(file: PatchFile, ground: Ground) -> PatchFile | None:
    name = PurePosixPath(file.path).name
    if file.kind != "file" or name not in SHARED:
        return None
    data = merged(name, ground.base.get(file.path, b""), file.data)
    return None if data is None else msgspec.structs.replace(file, data=data)


def _without(patch: Patch, back: set[str]) -> Restored:
    files = tuple(file for file in patch.files if file.path not in back)
    return Restored(Patch(files, tuple(path for path in patch.removed if path not in back)), tuple(sorted(back)))


def _plain(name: str) -> str:
    """Twins by case or by unicode form are one name here: on some file systems they are one file."""
    return unicodedata.normalize("NFKC", name).casefold()
