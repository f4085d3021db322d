"""Which files that steer a test run the real change touches: a solution may touch them, too. Pure."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from task_repos.mine_change import Change, is_graded
from task_repos.mine_runs import Tree

TOOLS: Final = ("pytest", "coverage", "tox", "nox")
SECTION: Final = re.compile(r"(?:tool:)?pytest|coverage|tox|testenv|nox")


def allowed(change: Change, old: Tree, new: Tree) -> tuple[str, ...]:
    """Shared files in which the runner's tables differ, and modules that the change brings: a new one may bear the name of one from outside."""
    paths = [file.path for file in change.touched if not is_graded(file.path)]
    shared = {path for path in paths if PurePosixPath(path).name in ("pyproject.toml", "setup.cfg") and tables(path, old) != tables(path, new)}
    brought = {path for path in paths if path.endswith(".py") and path not in old}
    have = set(folders(old))
    return tuple(sorted(shared | brought | {place for path in brought for place in folders((path,)) if place not in have}))


def folders(paths: Iterable[str]) -> Iterator[str]:
    """The folders above paths, but for the root."""
    for path in paths:
        yield from (str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")


def tables(path: str, tree: Tree) -> object:
    """What a file says to the runner; a file that can't be read says its bytes."""
    data = tree[path].data if path in tree else b""
    try:
        if path.endswith(".toml"):
            tool = tomllib.loads(data.decode()).get("tool", {})
            return {key: value for key, value in tool.items() if key.startswith(TOOLS)}
        parser = configparser.RawConfigParser()
        parser.read_string(data.decode())
        return {key: dict(parser[key]) for key in parser.sections() if SECTION.match(key)}
    except (ValueError, RecursionError, configparser.Error):
        return data
