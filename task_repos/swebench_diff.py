"""Whether a text is a diff that git could apply to some tree: its blocks, its hunks' counts, its paths. Pure, and asks no git."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from task_repos.swebench_paths import touched_paths

HUNK: Final = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def malformed(diff: str) -> str:
    """What is wrong with it, in words after "found"; "" for a diff that is whole, and for an empty text."""
    if not diff.strip():
        return ""
    touched = touched_paths(diff)
    paths = (*touched.old, *touched.new)
    if not paths:
        return "text without a `diff --git` block"
    for path in paths:
        if not inside(path):
            return f"a change of {path[:200]!r}, which is no path of the work tree"
    return next(_short(diff), "")


def inside(path: str) -> bool:
    """A relative path that stays in the tree and out of git's folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and parts[0].lower() != ".git" and "\0" not in path


def _short(diff: str) -> Iterator[str]:
    """A sentence for each hunk that has other lines than its head counts."""
    lines = diff.split("\n")
    at = 0
    while at < len(lines):
        head = HUNK.match(lines[at])
        at += 1
        if head:
            first, old, new = at, int(head[1] or 1), int(head[2] or 1)
            while at < len(lines) and (old > 0 or new > 0) and (lines[at][:1] in " +-\\" or not lines[at]):
                # An editor that strips line ends leaves an empty line for an empty line of context; git takes it so, too.
                kind = lines[at][:1] or " "
                old, new, at = old - (kind in " -"), new - (kind in " +"), at + 1
            if old or new:
                yield f"a hunk (line {first}) with other lines than its head counts"
