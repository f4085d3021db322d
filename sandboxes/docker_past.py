"""Cuts the history of every repository in a container's workspace, through the engine's archive calls and without running anything there."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from docker.models.containers import Container

from harness.core.errors import TaskError
from sandboxes.docker_history import Findings, examine, rebuild
from sandboxes.docker_tar import Laid, fetched, kind_at, packed, put, tree_tar, unpack_plain


def cut_history(container: Container, workdir: str, repositories: tuple[tuple[str, bool], ...], uid: int) -> str:
    """What was found and done, for the record: "none", "clean", or what was cut away. Raises TaskError where it can't be cut."""
    own = enclosing(container, workdir)
    told: list[str] = []
    for path, folder in dict.fromkeys((*own, *repositories)):
        if folder:
            told.append(cut(container, path, uid))
        elif path in dict(own):
            raise TaskError(path, "history", "a .git file that points elsewhere", "a .git folder")
        else:
            # An empty folder is no repository to git; a file can't be taken away through the archive calls.
            put(container, str(PurePosixPath(path).parent), packed([Laid(".git", b""), Laid(".git", None, 0o755, uid, uid)]))
            told.append(f"a link to another repository at {path}")
    cuts = [words for words in told if words != "clean"]
    return "none" if not told else "cut: " + "; ".join(cuts) if cuts else "clean"


def enclosing(container: Container, workdir: str) -> tuple[tuple[str, bool], ...]:
    """The repository that git would find from the workdir upwards."""
    path = PurePosixPath(workdir)
    for folder in (path, *path.parents):
        if kind := kind_at(container, str(folder / ".git")):
            return ((str(folder / ".git"), kind == "dir"),)
    return ()


def cut(container: Container, path: str, uid: int) -> str:
    """One repository: looked at, rebuilt where it holds more than its base commit, and looked at again."""
    with tempfile.TemporaryDirectory(prefix="longhaul-history-") as folder:
        room = Path(folder)
        found = look(container, path, room / "before")
        if found.clean:
            return "clean"
        fresh = rebuild(room / "before" / "git", found, room / "before")
        with tree_tar(fresh, ".git", uid) as tar:
            put(container, str(PurePosixPath(path).parent), tar)
        after = look(container, path, room / "after")
    if not after.clean or after.head != found.head:
        raise TaskError(path, "history", after.words or "another commit than before", "nothing beyond the base commit")
    return found.words


def look(container: Container, path: str, room: Path) -> Findings:
    copy = room / "git"
    copy.mkdir(parents=True)
    with fetched(container, path) as spool:
        links = unpack_plain(spool, copy)
    return examine(copy, room, links)
