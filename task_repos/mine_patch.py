"""The real change as a patch that git applies, content and modes, text and binary."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import git

from harness.core.errors import TaskError
from task_repos.mine_change import ASIDE, Change, is_graded
from task_repos.mine_history import ENVIRONMENT
from task_repos.mirrors import Snapshot, TreeFile, write_tree

SNIFFED: Final = 8000
HEADER: Final = re.compile(rb"^diff --git [ab]/(.+) [ab]/\1$", re.MULTILINE)


def solved(change: Change) -> tuple[str, ...]:
    """Paths of the change that a solution has to change: all but what comes from the version after for grading."""
    return tuple(file.path for file in change.touched if not is_graded(file.path))


def binary(change: Change, trees: Iterable[Mapping[str, TreeFile]]) -> tuple[str, ...]:
    """What a solution would have to write and is no text; pictures of the documentation don't count, since nothing asks for them."""
    paths = [path for path in solved(change) if PurePosixPath(path).parts[0] not in ASIDE and not path.startswith(".")]
    return tuple(sorted({path for tree in trees for path in paths if path in tree and b"\0" in tree[path].data[:SNIFFED]}))


def patch(change: Change, before: Mapping[str, TreeFile], after: Mapping[str, TreeFile]) -> bytes:
    """The unified diff of what a solution changes. Raises TaskError for names that no tree may hold."""
    with tempfile.TemporaryDirectory(prefix="longhaul-patch-") as room:
        for side, tree in (("a", before), ("b", after)):
            files = tuple(tree[path] for path in solved(change) if path in tree)
            (Path(room) / side).mkdir()
            write_tree(Snapshot(change.after, 0, files, (), ()), Path(room) / side)
        return compared(Path(room))


def compared(room: Path) -> bytes:
    """What git says of the folders a and b. Their own names stand for its prefixes, so that the patch is one for the root."""
    tool = git.Git(str(room))
    tool.update_environment(**ENVIRONMENT, GIT_CEILING_DIRECTORIES=str(room.parent))
    words = ("--no-index", "--binary", "--full-index", "--no-renames", "--no-prefix", "--no-ext-diff", "--no-textconv", "--no-color", "a", "b")
    status, said, trouble = tool.execute(
        ["git", "diff", *words], with_extended_output=True, with_exceptions=False, stdout_as_string=False, strip_newline_in_stdout=False,
    )  # fmt: skip
    if status not in (0, 1):
        raise TaskError("the change", "git diff", str(trouble)[-200:], "two trees that can be compared")
    return HEADER.sub(rb"diff --git a/\1 b/\1", bytes(said))  # a file that came or went bears one side's name twice
