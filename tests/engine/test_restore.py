"""A recorded workspace in a fresh folder: the same trees come out, whatever was made, and what can't be restored is named."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pytest

from harness.core.errors import SandboxError
from harness.core.machine import PreparedImage, TreeEntry
from harness.core.ports import Order, Sandbox
from harness.core.recorded import KeptEntry, Tree, Trees
from harness.core.task import ImageTag, Place
from harness.engine.restore import planned, restore
from harness.store.lines import RunLines
from sandboxes.host import HostSandbox, create

IMAGE = PreparedImage("none", "sha256:none", "sha256:none", "amd64", "")
MADE = (
    "chmod 700 kept; printf two > kept/b; rm -r gone; printf new > gone; rm file; mkdir -p file/deep; echo > file/deep/x",
    "mkdir empty closed; chmod 500 closed; ln -s kept/b link; ln -s /etc/passwd far; mkfifo pipe; chmod 4755 run; printf '%s' \"$(printf '\\377')\" > odd",
    "touch \"$(printf 'b\\377c')\"; git init -q . && git add -A && git -c user.name=t -c user.email=t@example.invalid commit -qm one && rm -rf .git/hooks",
)


@pytest.fixture
def lines(tmp_path: Path) -> RunLines:
    repository = tmp_path / "repository"
    for name in ("kept/a", "gone/x/y", "file", "run", "same"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(name)
    (tmp_path / "run").mkdir()
    return RunLines(tmp_path / "run", create())


@contextmanager
def opened(lines: RunLines) -> Iterator[tuple[HostSandbox, Trees, Tree, dict[bytes, int]]]:
    """A fresh sandbox with its line of trees begun."""
    place = Place(ImageTag("none"), upload=str(lines.folder.parent / "repository"))
    base = lines.base(IMAGE, place)
    with create().open(Order(IMAGE, place)) as sandbox:
        trees = lines.line()
        yield sandbox, trees, trees.start(base, sandbox.prime()), {entry.path: entry.mode for entry in base.entries}


def made(lines: RunLines, *commands: str) -> Tree:
    """The tree after these commands."""
    with opened(lines) as (sandbox, trees, _, _):
        for command in commands:
            assert sandbox.shell(command, deadline=30).exit_code == 0, command
        return trees.follow(sandbox.changes())


@pytest.mark.parametrize("commands", [(), MADE[:1], MADE[:2], MADE], ids=["nothing", "changes", "oddities", "a repository"])
def test_a_workspace_is_restored_as_it_was(lines: RunLines, commands: tuple[str, ...]) -> None:
    """Kinds, contents, modes, links, pipes, empty folders, odd names and the workdir's own .git: all three ids are the recorded ones."""
    wanted = made(lines, *commands)
    with opened(lines) as (sandbox, trees, first, modes):
        done = restore(wanted, first, modes, lines, (sandbox, trees))
        assert (done.tree, done.lost) == (wanted, ())
        if commands == MADE:
            assert sandbox.shell("git log --oneline", deadline=10).output.split()[1] == b"one"


def test_what_is_not_as_recorded_is_a_fault_that_names_the_paths(lines: RunLines) -> None:
    """A sandbox that takes nothing: the look afterwards tells another tree."""
    wanted = made(lines, *MADE[:1])
    with opened(lines) as (sandbox, trees, first, modes), pytest.raises(SandboxError, match=r"could not be restored: file.*kept/b"):
        restore(wanted, first, modes, lines, (Deaf(sandbox), trees))


class Deaf:
    """Lays nothing."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def lay(self, _entries: Iterable[TreeEntry]) -> None:
        """Nothing happens."""

    def remove(self, path: PurePosixPath) -> None:
        self._sandbox.remove(path)

    def changes(self) -> object:
        return self._sandbox.changes()


def test_an_older_record_has_no_state_of_the_repository(lines: RunLines) -> None:
    """Where only a digest of .git was kept, that is said, and the rest is restored."""
    wanted = made(lines, *MADE)
    older = Tree(wanted.tree, wanted.extra, hashlib.sha256(b"state").hexdigest())
    with opened(lines) as (sandbox, trees, first, modes):
        done = restore(older, first, modes, lines, (sandbox, trees))
        assert done.lost == ("the repository's own .git as it was then: it is not on record",)
        assert done.tree.tree == wanted.tree


class Kept:
    """A recorded tree made by hand."""

    def __init__(self, contents: dict[str, bytes], **entries: KeptEntry) -> None:
        self._contents, self._entries = contents, {name.encode(): entry for name, entry in entries.items()}

    def entries(self) -> dict[bytes, KeptEntry]:
        return self._entries

    def repository(self) -> dict[bytes, KeptEntry] | None:
        return {}

    def content(self, oid: str) -> bytes:
        return self._contents[oid]


def file(oid: str, size: int = 9, mode: int | None = 0o644) -> KeptEntry:
    return KeptEntry("file", mode, False, size, oid)


LONG = b"long content"
SHA256, SHA1 = hashlib.sha256(LONG).hexdigest(), "a" * 40


def test_what_was_kept_by_digest_alone_is_named() -> None:
    """Long files, sockets, and what nobody could read are no content to lay."""
    socket, closed = KeptEntry("special", stat.S_IFSOCK | 0o755, True, 0, ""), KeptEntry("unreadable", 0, False, 0, "")
    work = planned({}, Kept({}, long=file("b" * 64, 12), socket=socket, closed=closed))
    assert work.lay == ()
    assert work.lost == (
        "long: only the digest of its 12 bytes is on record", "socket: a socket or device",
        "closed: it could not be read when the tree was recorded",
    )  # fmt: skip


def test_a_long_file_of_the_image_that_was_only_touched_is_laid_from_the_image() -> None:
    """Its recorded digest is that of the content the image's tree has, so nothing is lost."""
    work = planned({b"long": file(SHA1, mode=None)}, Kept({SHA1: LONG}, long=file(SHA256, 12)))
    assert (work.remove, work.lost) == ((), ())
    assert [(path, entry.oid) for path, entry in work.lay] == [(b"long", SHA1)]


def test_a_long_file_that_is_lost_is_not_left_as_it_was() -> None:
    """An older content in its place would be neither the one nor the other."""
    work = planned({b"long": file(SHA1)}, Kept({SHA1: b"another"}, long=file(SHA256, 12)))
    assert (work.remove, work.lay) == ((b"long",), ())


def test_only_the_topmost_of_what_is_gone_is_removed() -> None:
    """A folder goes with all that is in it."""
    have = {b"d/e/f": file(SHA1), b"d/g": file(SHA1), b"stays": file(SHA1)}
    assert planned(have, Kept({}, stays=file(SHA1))).remove == (b"d",)
