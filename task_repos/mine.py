"""Tasks out of a project's history or two of its releases: every change is looked at once, and what comes of it is written down."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import git
import msgspec

from harness.core.errors import PlanError, TaskError
from harness.core.ports import Images, Sandboxes, Say
from task_repos.mine_book import Book
from task_repos.mine_change import Change, refusal, with_stages
from task_repos.mine_examine import Pit, Version, examine
from task_repos.mine_ground import Grounds
from task_repos.mine_history import between, change_of, commit_of, history, titles, together, walked
from task_repos.mine_manifest import Examined, Mined
from task_repos.mine_releases import ReadArchive, released
from task_repos.mine_runs import Bench, ReadReport
from task_repos.mine_task import day
from task_repos.mirrors import snapshot
from task_repos.new import parents
from task_repos.new_grade import runs_pytest

MAKING: Final = ".making-"


class Wanted(msgspec.Struct, frozen=True):
    """What the user asks for: a repository or two releases; `ends` of a range ("" for all before), `since` seconds since 1970,
    `least` source files, `limit` tasks in the folder, `deadline` seconds for one run of all tests.
    """

    to: Path
    repo: Path | None = None
    releases: tuple[Path, Path] | None = None
    ends: tuple[str, str] = ("", "HEAD")
    since: int = 0
    least: int = 3
    limit: int = 20
    dockerfile: Path | None = None
    test: str = "python3 -m pytest -q"
    deadline: float = 600
    source: str = "private"

    @property
    def settings(self) -> str:
        """A digest of the words that decide what becomes a task."""
        given = self.dockerfile.read_bytes() if self.dockerfile else b""
        words = f"{self.least}\0{self.test}\0{self.deadline:g}\0".encode()
        return hashlib.sha256(words + given).hexdigest()[:12]


class Workshop(msgspec.Struct, frozen=True):
    """What mining works with: `read_report` reads JUnit, `read_archive` a source distribution."""

    images: Images
    sandboxes: Sandboxes
    read_report: ReadReport
    read_archive: ReadArchive


def mine(wanted: Wanted, shop: Workshop, say: Say) -> Mined:
    """Look at every change until there are enough tasks. Raises PlanError, TaskError, MissingError, SandboxError; what was found stays."""
    check(wanted)
    to = wanted.to.absolute()
    with parents(to), ExitStack() as stack:
        stack.enter_context(folder(to))
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{MAKING}twin-", dir=to)))
        book = Book(to, wanted.settings, wanted.limit)
        grounds = Grounds(shop.images, wanted.dockerfile, say)
        changes, versions = stack.enter_context(opened(wanted, room, shop))
        bench = Bench(shop.images, shop.sandboxes, shop.read_report, wanted.deadline)
        pit = Pit(lru_cache(maxsize=4)(versions), grounds, bench, wanted.test, wanted.source)
        stack.callback(book.save)
        for change in changes:
            if book.full:
                break
            if not book.knows(change):
                book.put(look(change, pit, book, wanted.least, say))
        return book.mined


def check(wanted: Wanted) -> None:
    """Raise PlanError, TaskError for words that can't be meant."""
    if (wanted.repo is None) == (wanted.releases is None):
        raise PlanError("", "REPO", "both a repository and --releases" if wanted.repo else "neither a repository nor --releases", "one of them")
    if wanted.least < 1 or wanted.limit < 1:
        raise PlanError("", "--min-files" if wanted.least < 1 else "--limit", min(wanted.least, wanted.limit), "a number above 0")
    if not runs_pytest(wanted.test):
        raise PlanError("", "--test", repr(wanted.test), "a command that runs pytest: tasks are graded by its tests' names")
    if wanted.dockerfile is not None and not wanted.dockerfile.is_file():
        raise TaskError(str(wanted.dockerfile), "--dockerfile", "no such file", "a Dockerfile")


@contextmanager
def folder(to: Path) -> Iterator[None]:
    """The folder for the tasks, ours alone meanwhile; what a killed call left half made is gone, and an empty one does not stay. Raises TaskError."""
    if to.exists() and not (to / "mined.json").exists() and (not to.is_dir() or any(to.iterdir())):
        raise TaskError(str(to), "--to", "something else", "a new or empty folder, or one that `longhaul mine` has written")
    to.mkdir(exist_ok=True)
    lock = os.open(to, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        hold(to, lock)
        yield from kept(to)
    finally:
        os.close(lock)


def hold(to: Path, lock: int) -> None:
    """The system frees it when its holder dies. Raises TaskError where somebody else has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        raise TaskError(str(to), "--to", "a folder that another `longhaul mine` is at work in", "to be alone") from fault


def kept(to: Path) -> Iterator[None]:
    """The folder without scraps before, and not at all when nothing came to lie in it."""
    for left in to.glob(f"{MAKING}*"):
        shutil.rmtree(left)
    try:
        yield
    finally:
        if not any(to.iterdir()):
            to.rmdir()


@contextmanager
def opened(wanted: Wanted, room: Path, shop: Workshop) -> Iterator[tuple[Iterable[Change], Version]]:
    """The changes to look at, and what gives the tree of a version."""
    if wanted.releases is not None:
        change, trees = released(wanted.releases, shop.read_archive)
        yield (change,), trees.__getitem__
        return
    path = wanted.repo or Path()
    with history(path, room) as repo:
        project = re.sub(r"[^A-Za-z0-9._-]", "-", path.resolve().name.removesuffix(".git")).lstrip(".-_") or "project"
        commit_of(repo, wanted.ends[1])
        if wanted.ends[0]:
            commit_of(repo, wanted.ends[0])
        yield of_history(repo, wanted, project), lambda version: snapshot(repo, version)


def of_history(repo: git.Repo, wanted: Wanted, project: str) -> Iterator[Change]:
    """A given range as one change, then commits and merges newest first, with stages among them."""
    start, end = wanted.ends
    if start:
        ends = (commit_of(repo, start), commit_of(repo, end))
        name = f"{project}-{ends[0].hexsha[:7]}-to-{ends[1].hexsha[:7]}"
        yield between(repo, "range", name, ends, (titles(repo, ends[0].hexsha, ends[1].hexsha),))
    singles = (change_of(repo, commit, project) for commit in walked(repo, wanted.ends, wanted.since))
    yield from with_stages(singles, wanted.least, lambda run: together(repo, run))


def look(change: Change, pit: Pit, book: Book, least: int, say: Say) -> Examined:
    """What is to be said of a change: at once where its list of files speaks against it, else by its tests."""
    reason = refusal(change, least, book.prints)
    if reason is not None:
        return Examined(change.key, change.unit, change.title, day(change.date), len(change.sources), 0.0, reason=reason)
    book.prints.add(change.print)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=book.to) as room:
        made = Path(room) / change.name
        made.mkdir()
        examined = examine(change, pit, made)
        if examined.task:
            final = book.to / change.name
            if final.exists():
                shutil.rmtree(final)
            made.rename(final)
    say(told(change, examined))
    return examined


def told(change: Change, found: Examined) -> str:
    """One line of a change that was run."""
    came = f"{found.kind}: {found.fail_to_pass} FAIL_TO_PASS, {found.pass_to_pass} PASS_TO_PASS" if found.task else f"rejected: {found.reason}"
    return f"{change.name} {found.unit} {found.date} {found.files} source files, {came} ({found.seconds:.1f} s)"
