"""Git repositories on the host: cached bare clones, and a commit as a tree of bytes without history, filters or attributes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

import git
import msgspec
from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError
from git.objects import Blob, Commit

from harness.core.errors import TaskError

LFS: Final = b"version https://git-lfs.github.com/spec/"
SUBMODULE: Final = 0o160000
LINK: Final = 0o120000


class TreeFile(msgspec.Struct, frozen=True):
    """A tracked file: `mode` is git's, `data` the stored bytes (of a link its target)."""

    path: str
    mode: int
    data: bytes


class Snapshot(msgspec.Struct, frozen=True):
    """A commit's tree. `submodules` and `lfs` are paths whose content is not here; `date` seconds since 1970."""

    commit: str
    date: int
    files: tuple[TreeFile, ...]
    submodules: tuple[str, ...]
    lfs: tuple[str, ...]


def open_repo(path: Path) -> git.Repo:
    """A local repository; raises TaskError when there is none."""
    try:
        return git.Repo(path)
    except (InvalidGitRepositoryError, NoSuchPathError) as fault:
        raise TaskError(str(path), "repository", "no git repository", "the folder of a git repository") from fault


def mirrored(url: str, cache: Path, commit: str = "") -> git.Repo:
    """The cached bare clone of a repository, fetched anew only when `commit` is not in it. Raises TaskError."""
    path = cache / "mirrors" / hashlib.sha256(url.encode()).hexdigest()[:32]
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_suffix(".lock")):
        try:
            if not (path / "HEAD").exists():
                clone(url, path)
            repo = git.Repo(path)
            if commit and not has(repo, commit):
                repo.git.fetch("--quiet", "--prune", "origin")
        except GitCommandError as fault:
            raise TaskError(url, "repository", str(fault.stderr).strip()[-300:], "a repository that can be cloned") from fault
        return repo


def clone(url: str, path: Path) -> None:
    """A mirror at `path`, whole or not at all."""
    part = path.with_suffix(f".part{hashlib.sha256(str(path).encode()).hexdigest()[:6]}")
    if part.exists():
        shutil.rmtree(part)  # left by a clone that was killed; we hold the lock
    git.Repo.clone_from(url, part, mirror=True).close()
    part.rename(path)


def has(repo: git.Repo, commit: str) -> bool:
    try:
        repo.commit(commit)
    except (ValueError, git.BadName, GitCommandError):
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def snapshot(repo: git.Repo, revision: str) -> Snapshot:
    """The tree of a commit, as stored: no export-ignore, no line-end conversion. Raises TaskError for an unknown revision."""
    try:
        commit = repo.commit(revision)
    except (ValueError, git.BadName, GitCommandError) as fault:
        raise TaskError(str(repo.working_dir or repo.git_dir), "base", repr(revision), "a commit of the repository") from fault
    return tree_of(commit)


def tree_of(commit: Commit) -> Snapshot:
    files: list[TreeFile] = []
    submodules: list[str] = []
    for item in commit.tree.traverse():
        if isinstance(item, Blob):
            files.append(TreeFile(str(item.path), item.mode, item.data_stream.read()))
        elif getattr(item, "mode", 0) == SUBMODULE:
            submodules.append(str(item.path))  # type: ignore[union-attr]
    files.sort(key=lambda file: file.path)
    lfs = tuple(file.path for file in files if file.data.startswith(LFS) and len(file.data) < 1024)
    return Snapshot(commit.hexsha, commit.committed_date, tuple(files), tuple(sorted(submodules)), lfs)


def write_tree(found: Snapshot, folder: Path) -> None:
    """Lay the files out; raises TaskError for a name or link that leaves the folder."""
    for file in found.files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or ".git" in path.parts:
            raise TaskError(found.commit, "tree", repr(file.path), "relative names without .. and .git")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == LINK:
            target.symlink_to(link_target(file, folder, found.commit))
            continue
        target.write_bytes(file.data)
        target.chmod(0o755 if file.mode & 0o100 else 0o644)


def link_target(file: TreeFile, folder: Path, commit: str) -> str:
    text = file.data.decode("utf-8", "surrogateescape")
    place = (folder / file.path).parent / text
    if text.startswith("/") or not place.resolve().is_relative_to(folder.resolve()):
        raise TaskError(commit, "tree", f"{file.path}, a link to {text}", "links that stay in the repository")
    return text
