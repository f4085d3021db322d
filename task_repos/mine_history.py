"""A foreign repository's history, read through a repository of ours over the same objects.

Of the foreign one git is given objects and the names of commits, never its configuration, hooks, attributes, filters, replacements or
remotes: nothing named there can be run or fetched, and nothing is written to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import git
from git.exc import GitCommandError
from git.objects import Commit

from harness.core.errors import PlanError, TaskError
from task_repos.mine_change import Change, Touched, Unit

TITLES: Final = 30
ID: Final = re.compile(r"[0-9a-f]{40}")
REF: Final = re.compile(r"refs/[!-~]+")
CONFIG: Final = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[protocol]\n\tallow = never\n[gc]\n\tauto = 0\n"
ENVIRONMENT: Final = {
    "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ATTR_NOSYSTEM": "1",
}  # fmt: skip


@contextmanager
def history(path: Path, room: Path) -> Iterator[git.Repo]:
    """Our twin of the repository at `path`, made in `room`. Raises TaskError where there is none, or one that can't be read so."""
    inner, shared = folders(path)
    if "objectformat" in text(shared / "config").lower().replace(" ", ""):
        raise TaskError(str(path), "repository", "another object format than SHA-1", "a repository of SHA-1 objects")
    twin = room / "twin.git"
    for name in ("objects/info", "refs"):
        (twin / name).mkdir(parents=True)
    (twin / "config").write_text(CONFIG, encoding="utf-8")
    (twin / "objects" / "info" / "alternates").write_text(f"{(shared / 'objects').resolve()}\n", encoding="utf-8", errors="surrogateescape")
    (twin / "packed-refs").write_text("".join(f"{name} {ref}\n" for ref, name in sorted(refs(shared).items())), encoding="utf-8")
    (twin / "HEAD").write_text(head(inner), encoding="utf-8")
    if lines := [line for line in text(shared / "shallow").split() if ID.fullmatch(line)]:
        (twin / "shallow").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    repo = git.Repo(twin)
    repo.git.update_environment(**ENVIRONMENT)
    try:
        yield repo
    finally:
        repo.close()


def folders(path: Path) -> tuple[Path, Path]:
    """The repository's own folder and the one with its objects, which differ in a linked work tree. Raises TaskError."""
    place = path / ".git"
    if place.is_file() and (said := text(place)).startswith("gitdir:"):
        place = path / said.removeprefix("gitdir:").strip()
    elif not place.is_dir():
        place = path
    shared = (place / text(place / "commondir").strip()) if (place / "commondir").is_file() else place
    if not (shared / "objects").is_dir() or not (place / "HEAD").is_file():
        raise TaskError(str(path), "repository", "no git repository", "the folder of a git repository")
    return place, shared


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def refs(shared: Path) -> dict[str, str]:
    """Every ref with its id, packed or loose; read as text, since git would first read the configuration."""
    found: dict[str, str] = {}
    for line in text(shared / "packed-refs").splitlines():
        words = line.split(" ")
        if len(words) == 2:
            found[words[1]] = words[0]
    for path in sorted((shared / "refs").rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[path.relative_to(shared).as_posix()] = text(path).strip()
    return {name: value for name, value in found.items() if ID.fullmatch(value) and REF.fullmatch(name)}


def head(inner: Path) -> str:
    """HEAD as it is, when it is a branch or a commit."""
    said = text(inner / "HEAD").strip()
    name = said.removeprefix("ref:").strip()
    if not (ID.fullmatch(said) or (said.startswith("ref:") and REF.fullmatch(name) and ".." not in name)):
        raise TaskError(str(inner), "HEAD", repr(said[:80]), "a branch or a commit")
    return f"{said}\n"


def commit_of(repo: git.Repo, revision: str) -> Commit:
    """Raises PlanError for words that name no commit."""
    try:
        return repo.commit(str(repo.git.rev_parse("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")))
    except (ValueError, git.BadName, GitCommandError) as fault:
        raise PlanError("", "--range", repr(revision), "a commit of the repository") from fault


def walked(repo: git.Repo, ends: tuple[str, str], since: int) -> Iterator[Commit]:
    """Commits reachable from the second end and not from the first ("" for all), newest first, not older than `since`."""
    last = commit_of(repo, ends[1]).hexsha
    words = f"{commit_of(repo, ends[0]).hexsha}..{last}" if ends[0] else last
    try:
        yield from (commit for commit in repo.iter_commits(words, topo_order=True) if commit.committed_date >= since)
    except (ValueError, GitCommandError) as fault:
        raise TaskError(str(repo.git_dir), "history", str(fault).strip()[-200:], "a repository that has all its commits") from fault


def change_of(repo: git.Repo, commit: Commit, project: str) -> Change:
    """A commit against its first parent; one without a parent has nothing before it. A merge without words has those of its commits."""
    name = f"{project}-{commit.hexsha[:10]}"
    if not commit.parents:
        return Change(f"commit:{commit.hexsha}", "commit", name, "", commit.hexsha, commit.committed_date, (message(commit),), ())
    if len(commit.parents) == 1:
        return between(repo, "commit", name, (commit.parents[0], commit), (message(commit),))
    _, _, body = message(commit).partition("\n")
    said = body if body.strip() else titles(repo, commit.parents[0].hexsha, commit.hexsha)
    return between(repo, "merge", name, (commit.parents[0], commit), (said,))


def titles(repo: git.Repo, before: str, after: str) -> str:
    """The first lines of the commits between two, oldest first, merges left out."""
    found = repo.iter_commits(f"{before}..{after}", topo_order=True, reverse=True, no_merges=True, max_count=TITLES)
    return "\n".join(f"- {message(commit).strip().partition(chr(10))[0]}" for commit in found)


def together(repo: git.Repo, run: tuple[Change, ...]) -> Change:
    """A run of commits, newest first, as one change in stages."""
    ends = (repo.commit(run[-1].before), repo.commit(run[0].after))
    messages = tuple(change.messages[0] for change in reversed(run))
    return between(repo, "stages", f"{run[0].name}-x{len(run)}", ends, messages)


def between(repo: git.Repo, unit: Unit, name: str, ends: tuple[Commit, Commit], messages: tuple[str, ...]) -> Change:
    """The change from one commit to another."""
    before, after = ends
    key = f"{unit}:{before.hexsha}..{after.hexsha}"
    return Change(key, unit, name, before.hexsha, after.hexsha, after.committed_date, messages, touched(repo, before.hexsha, after.hexsha))


def touched(repo: git.Repo, before: str, after: str) -> tuple[Touched, ...]:
    """What differs, without looking for renames: names and ids of contents. Raises TaskError."""
    try:
        said = repo.git.diff_tree("-r", "-z", "--raw", "--no-renames", "--no-commit-id", before, after, stdout_as_string=False)
    except GitCommandError as fault:
        raise TaskError(after, "tree", str(fault.stderr).strip()[-200:], "objects that are there") from fault
    words = said.decode("utf-8", "surrogateescape").split("\0")
    pairs = zip(words[0::2], words[1::2], strict=False)
    return tuple(Touched(path, *meta.removeprefix(":").split(" ")[:4]) for meta, path in pairs)


def message(commit: Commit) -> str:
    """The commit's words, whatever their encoding."""
    said = commit.message
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
