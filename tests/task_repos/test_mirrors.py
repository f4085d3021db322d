"""Cached clones and trees without history, on real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.core.errors import TaskError
from task_repos.mirrors import mirrored, open_repo, snapshot, write_tree

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(("git", *words), cwd=folder, env=os.environ | IDENTITY, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "HEAD")


def test_a_tree_is_what_was_committed(tmp_path: Path) -> None:
    """Bytes, modes and links as stored, whatever attributes say; nothing untracked; no .git."""
    repo = tmp_path / "repo"
    repository(repo, a="1\r\n", run="#!/bin/sh\n")
    (repo / ".gitattributes").write_text("* text eol=lf export-ignore\n")
    (repo / "run").chmod(0o755)
    (repo / "link").symlink_to("a")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "y")
    (repo / "late").write_text("x")
    found = snapshot(open_repo(repo), "HEAD")
    write_tree(found, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"a", "run", "link", ".gitattributes"}
    assert (tmp_path / "out" / "run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out" / "link").readlink() == Path("a")
    assert {file.path: file.data for file in found.files}["a"] == git_blob(repo, "a")


def git_blob(repo: Path, name: str) -> bytes:
    return subprocess.run(("git", "cat-file", "blob", f"HEAD:{name}"), cwd=repo, check=True, capture_output=True).stdout


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """Submodules and LFS pointers are told apart from files."""
    repository(tmp_path / "inner", x="1")
    repo = tmp_path / "repo"
    repository(repo, big="version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    git(repo, "submodule", "add", "-q", str(tmp_path / "inner"), "sub")
    git(repo, "commit", "-qm", "sub")
    found = snapshot(open_repo(repo), "HEAD")
    assert (found.submodules, found.lfs) == (("sub",), ("big",))


def test_a_mirror_is_fetched_only_for_what_it_lacks(tmp_path: Path) -> None:
    """A second use makes no clone; a commit that came later is fetched; an address that leads nowhere is a complaint."""
    first = repository(tmp_path / "repo", a="1")
    url = f"file://{tmp_path / 'repo'}"
    repo = mirrored(url, tmp_path / "cache", first)
    assert repo.bare
    second = repository(tmp_path / "repo", b="2")
    again = mirrored(url, tmp_path / "cache", second)
    assert again.git_dir == repo.git_dir
    assert {file.path for file in snapshot(again, second).files} == {"a", "b"}
    repo.close()
    again.close()
    with pytest.raises(TaskError, match="that can be cloned"):
        mirrored(f"file://{tmp_path / 'none'}", tmp_path / "cache")
    with pytest.raises(TaskError, match="no git repository"):
        open_repo(tmp_path / "cache")
