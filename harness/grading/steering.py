"""Files that steer a test runner: a change to one is undone before grading, unless the task allows it by path."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import PurePosixPath

from harness.core.ports import Patch, PatchFile

_ALWAYS = frozenset(
    {"conftest.py", "pytest.ini", ".pytest.ini", "sitecustomize.py", "usercustomize.py", "noxfile.py", ".coveragerc"}
)
_RUNNER = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "exceptiongroup", "xdist", "pytest_cov", "pytest_asyncio", "pytest_timeout"})
_SHARED = frozenset({"pyproject.toml", "setup.cfg", "tox.ini"})
_SECTIONS = ("tool:pytest", "pytest", "coverage:run", "coverage:report")


def steering(path: str) -> bool:
    """Whether a file of this name can change what a test run says."""
    name = PurePosixPath(path).name
    return name in _ALWAYS or name in _SHARED or name.endswith(".pth")


def restored(patch: Patch, base: dict[str, bytes], graded: tuple[str, ...], allow: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of the patch that must go back to their base state. `base` holds the base bytes of steering files; `graded` paths of graded tests.

    A graded test that the agent has rewritten says nothing: it goes back, too. A conftest of the agent's own in a folder that is new and
    holds nothing graded steers only the agent's own tests: it stays.
    """
    touched = [file for file in patch.files if (steering(file.path) or file.path in graded) and file.path not in allow]
    back = [file.path for file in touched if not _harmless(file, base, graded)]
    back += [file.path for file in patch.files if _diverting(file, graded)]
    back += _shadows(patch, base, allow)
    back += [path for path in patch.removed if (path in base or path in graded) and path not in allow]
    return tuple(sorted(set(back)))


def _diverting(file: PatchFile, graded: tuple[str, ...]) -> bool:
    """A link or file where the graded tests have a folder: they would be laid elsewhere, or not at all."""
    return file.kind != "dir" and any(PurePosixPath(file.path) in PurePosixPath(name).parents for name in graded)


def shadowing(path: str) -> bool:
    """A name of the runner's own at the root, which `python -m pytest` searches first: what it says would be the agent's word."""
    name, dot, ending = path.partition(".")
    return name in _RUNNER and (not dot or ending == "py" or ending.endswith("so"))


def _shadows(patch: Patch, base: dict[str, bytes], allow: tuple[str, ...]) -> list[str]:
    """New ones with all below them; a project that is itself such a module has its own at base."""
    roots = {file.path for file in patch.files if shadowing(file.path) and file.path not in base and file.path not in allow}
    return [file.path for file in patch.files if PurePosixPath(file.path).parts[0] in roots]


def _harmless(file: PatchFile, base: dict[str, bytes], graded: tuple[str, ...]) -> bool:
    path = PurePosixPath(file.path)
    if path.name == "conftest.py" and file.path not in base and str(path.parent) != ".":
        return not any(PurePosixPath(name).is_relative_to(path.parent) for name in graded)
    if path.name in _SHARED and file.kind == "file":
        return _tables(path.name, file.data) == _tables(path.name, base.get(file.path, b""))
    return False


def _tables(name: str, data: bytes) -> object:
    """The runner's own tables of a shared file; an unreadable file equals nothing but itself."""
    try:
        text = data.decode()
        if name == "pyproject.toml":
            tool = tomllib.loads(text).get("tool", {})
            return {key: tool.get(key) for key in ("pytest", "coverage", "tox", "nox")}
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        return {key: dict(parser[key]) for key in _SECTIONS if parser.has_section(key)}
    except (ValueError, configparser.Error, AttributeError):
        return data
