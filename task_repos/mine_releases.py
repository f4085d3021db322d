"""Two releases of a project as one change: source distributions, judged member by member before anything is read."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from harness.core.errors import TaskError
from harness.core.regular import read_regular
from task_repos.mine_change import Change, Touched
from task_repos.mirrors import Snapshot, TreeFile

NAME: Final = re.compile(r"(?P<project>.+?)-(?P<version>[vV]?\d[^/]*?)\.(?:tar\.gz|tgz)")
PACKAGING: Final = frozenset({"PKG-INFO"})
CHANGELOG: Final = re.compile(r"(?:docs?/(?:source/)?)?(?:changes|changelog|history|news|release[-_]?notes|versions)(?:\.\w+)?", re.IGNORECASE)
MOST: Final = 1 << 30
EARLIEST: Final = 1_199_145_600
FIXED: Final = frozenset({1_580_601_600, 1_451_606_400})
"""Dates that build tools write into every archive: they say nothing."""

ReadArchive = Callable[[Path], Iterable[Any]]
"""Gives members with `path`, `data`, `target` (of a link), `executable`; raises TaskError for what leads outside or unfolds too far."""


def released(archives: tuple[Path, Path], read_archive: ReadArchive) -> tuple[Change, dict[str, Snapshot]]:
    """The change between two archives, and the trees by the archives' names. Raises TaskError."""
    (project, old), (other, new) = (named(path) for path in archives)
    if project.replace("_", "-").lower() != other.replace("_", "-").lower():
        raise TaskError(str(archives[1]), "--releases", f"{other!r}", f"a release of {project!r}, as the first archive is")
    trees = [tree(path, read_archive) for path in archives]
    key = f"releases:{trees[0].commit}..{trees[1].commit}"
    name = re.sub(r"[^A-Za-z0-9._-]", "-", f"{project}-{old}-to-{new}")
    touched = tuple(differing(*({file.path: file for file in one.files} for one in trees)))
    told = "\n".join(news(trees[0], trees[1])).strip()
    said = f"{project} {new}\n\n{told}" if told else ""
    change = Change(key, "releases", name, trees[0].commit, trees[1].commit, trees[1].date, (said,), touched)
    return change, {one.commit: one for one in trees}


def named(path: Path) -> tuple[str, str]:
    """Project and version, as the archive's name says. Raises TaskError."""
    found = NAME.fullmatch(path.name)
    if found is None:
        raise TaskError(str(path), "--releases", repr(path.name), "a source distribution called PROJECT-VERSION.tar.gz")
    return found["project"], found["version"]


def tree(path: Path, read_archive: ReadArchive) -> Snapshot:
    """The project's files without packaging's own notes; `commit` is the digest of the archive. Raises TaskError."""
    try:
        digest = hashlib.sha256(read_regular(path, MOST)).hexdigest()
    except OSError as fault:
        raise TaskError(str(path), "--releases", fault.strerror or str(fault), "a readable archive") from fault
    files: list[TreeFile] = []
    for member in read_archive(path):
        if member.target:
            raise TaskError(str(path), "--releases", f"a link, {member.path!r} to {member.target!r}", "an archive of files and folders")
        if member.path not in PACKAGING and "__pycache__" not in member.path:
            files.append(TreeFile(member.path, 0o100755 if member.executable else 0o100644, member.data))
    files.sort(key=lambda file: file.path)
    return Snapshot(digest, dated(path), tuple(files), (), ())


def dated(path: Path) -> int:
    """The youngest member's date, 0 where it is one that build tools write for all; only of an archive that was judged already."""
    with tarfile.open(path) as archive:
        youngest = max((int(member.mtime) for member in archive), default=0)
    return 0 if youngest in FIXED or youngest < EARLIEST else youngest


def differing(old: dict[str, TreeFile], new: dict[str, TreeFile]) -> Iterable[Touched]:
    """Files that differ by content or mode."""
    for path in sorted(set(old) | set(new)):
        ago, now = old.get(path), new.get(path)
        if ago is None or now is None or (ago.data, ago.mode) != (now.data, now.mode):
            yield Touched(path, *(f"{file.mode:o}" if file else "000000" for file in (ago, now)), *(content(file) for file in (ago, now)))


def content(file: TreeFile | None) -> str:
    return hashlib.sha256(file.data).hexdigest() if file else ""


def news(before: Snapshot, after: Snapshot) -> list[str]:
    """Lines that the change log has got."""
    old = {file.path: file.data for file in before.files}
    lines: list[str] = []
    for file in after.files:
        if CHANGELOG.fullmatch(str(PurePosixPath(file.path))) and file.data != old.get(file.path):
            known = set(old.get(file.path, b"").decode("utf-8", "replace").splitlines())
            lines += [line for line in file.data.decode("utf-8", "replace").splitlines() if line not in known or not line.strip()]
    return lines
