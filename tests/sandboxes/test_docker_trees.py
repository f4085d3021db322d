"""Looks at the tree: everything the agent did, nothing it did not, and no trace of the looking."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import PurePosixPath as Path

import pytest

from harness.core.machine import TreeDelta, TreeEntry
from sandboxes.docker_sandbox import DockerSandbox
from sandboxes.docker_tree import CONTENT_CAP, TreeWatch

pytestmark = pytest.mark.docker


def seen(delta: TreeDelta) -> dict[bytes, tuple[str, int, int, bytes | None]]:
    return {entry.path: (entry.kind, entry.mode, entry.size, entry.data) for entry in delta.entries}


def test_the_first_look_has_no_content(sandbox: DockerSandbox) -> None:
    """Prime lists paths with kind, mode and size; the next look has no more than what was written within the same tick of the clock, and the one after it nothing."""
    sandbox.shell("mkdir d; echo hello > d/f; ln -s d/f l", deadline=20)
    assert seen(sandbox.prime()) == {
        b"d": ("dir", 0o755, 0, None),
        b"d/f": ("file", 0o644, 6, None),
        b"l": ("link", 0o777, 3, None),
    }
    assert seen(sandbox.changes()).items() <= {b"d/f": ("file", 0o644, 6, b"hello\n"), b"l": ("link", 0o777, 3, b"d/f")}.items()
    assert sandbox.changes() == TreeDelta((), ())


def test_every_kind_of_change_is_seen(sandbox: DockerSandbox) -> None:
    """Files, links, empty folders, modes, specials, odd names, unreadable things, replaced kinds and removals."""
    sandbox.shell("mkdir d; echo 1 > d/f; echo 2 > gone; echo > x; echo > turns", deadline=20)
    sandbox.changes()
    sandbox.shell(
        "echo 22 > d/f; rm gone turns; mkdir empty turns; chmod 700 x; mkfifo fifo; ln -s /etc/shadow link; "
        "printf a > $'o\\n\\xff'; echo s > secret; chmod 0 secret; mkdir locked; echo > locked/in; chmod 0 locked",
        deadline=20,
    )
    delta = sandbox.changes()
    got = seen(delta)
    assert got.pop(b"fifo")[0] == "special"
    assert got == {
        b"d/f": ("file", 0o644, 3, b"22\n"),
        b"empty": ("dir", 0o755, 0, None),
        b"turns": ("dir", 0o755, 0, None),
        b"x": ("file", 0o700, 1, b"\n"),
        b"link": ("link", 0o777, 11, b"/etc/shadow"),
        b"o\n\xff": ("file", 0o644, 1, b"a"),
        b"secret": ("unreadable", 0, 2, None),
        b"locked": ("unreadable", 0, 0, None),
    }
    assert delta.removed == (b"gone",)
    assert sandbox.changes() == TreeDelta((), ())


def test_forged_times_do_not_hide_a_change(sandbox: DockerSandbox) -> None:
    """Content of the same size under the old modification time is seen; a touched file with the same content is not a change."""
    sandbox.shell("echo old > f; echo same > g; touch -d '2001-01-01' f", deadline=20)
    sandbox.changes()
    sandbox.shell("echo new > f; touch -d '2001-01-01' f; touch g; cp g h; mv h g", deadline=20)
    assert seen(sandbox.changes()) == {b"f": ("file", 0o644, 4, b"new\n")}


def test_a_change_in_the_same_clock_tick_is_seen(sandbox: DockerSandbox) -> None:
    """Writes right after a look, inside the resolution of the file system's clock, are found at the next."""
    for number in range(50):
        sandbox.write(Path("f"), b"%03d" % number)
        assert seen(sandbox.changes())[b"f"][3] == b"%03d" % number
        sandbox.exec(("dd", "of=f", "conv=notrunc", "status=none"), deadline=20, stdin=b"x")
        assert seen(sandbox.changes())[b"f"][3] == b"x%02d" % (number % 100)


def test_big_files_go_by_digest(sandbox: DockerSandbox) -> None:
    """Over the cap a file has size and digest, and no content; a sparse monster has its size alone and costs nothing."""
    sandbox.shell(f"head -c {CONTENT_CAP + 1} /dev/zero > big; truncate -s 3G sparse", deadline=60)
    by_path = {entry.path: entry for entry in sandbox.changes().entries}
    big = by_path[b"big"]
    assert (big.size, big.data, big.sha256) == (
        CONTENT_CAP + 1,
        None,
        hashlib.sha256(bytes(CONTENT_CAP + 1)).hexdigest(),
    )
    assert (by_path[b"sparse"].size, by_path[b"sparse"].data, by_path[b"sparse"].sha256) == (3 << 30, None, "")


def test_a_look_that_stops_early_says_so(sandbox: DockerSandbox) -> None:
    """Over the number of paths the look is cut, reports nothing as removed, and the next whole one has the rest."""
    sandbox.shell("touch $(seq 50)", deadline=20)
    few, all_ = (TreeWatch(sandbox._channel, b"/workspace", items=items) for items in (20, 1000))
    cut = few.look(content=True)
    assert (len(cut.entries), cut.removed, cut.truncated) == (20, (), True)
    rest = all_.look(content=True)
    assert not rest.truncated
    assert {entry.path for entry in (*cut.entries, *rest.entries)} == {b"%d" % number for number in range(1, 51)}
    sandbox.shell("rm $(seq 50)", deadline=20)
    assert len(all_.look(content=True).removed) == 50


def test_a_closed_workspace_is_not_an_unchanged_one(sandbox: DockerSandbox) -> None:
    """An agent that shuts its own workspace hides nothing for good: the look says that it could not see."""
    sandbox.shell("echo x > f", deadline=20)
    sandbox.changes()
    sandbox.shell("echo y > f; chmod 0 .", deadline=20)
    assert sandbox.changes() == TreeDelta((), (), truncated=True)
    sandbox.shell("chmod 755 /workspace", deadline=20)
    assert seen(sandbox.changes()) == {b"f": ("file", 0o644, 2, b"y\n")}


def test_sparse_files_cost_no_more_than_the_budget(sandbox: DockerSandbox) -> None:
    """However many long files there are, only so many bytes are read for digests and contents; of the rest the size is told."""
    sandbox.shell(f"for n in 1 2 3; do truncate -s {CONTENT_CAP + 1} $n; done; for n in 4 5 6; do truncate -s {CONTENT_CAP} $n; done", deadline=20)
    delta = TreeWatch(sandbox._channel, b"/workspace", budget=2 * (CONTENT_CAP + 1)).look(content=True)
    long = [entry for entry in delta.entries if entry.size > CONTENT_CAP]
    short = [entry for entry in delta.entries if entry.size == CONTENT_CAP]
    assert [sum(bool(entry.sha256) for entry in group) for group in (long, short)] == [2, 2]


def test_git_folders_are_ordinary_and_filters_have_no_say(sandbox: DockerSandbox) -> None:
    """Everything under .git and nested repositories is listed, whatever attributes and ignore files say."""
    sandbox.shell(
        "git init -q; mkdir n; git init -q n; echo '*' > .gitignore; echo '* filter=evil eol=crlf' > .gitattributes; echo x > n/f",
        deadline=60,
    )
    paths = set(seen(sandbox.changes()))
    assert {b".git/HEAD", b"n/.git/HEAD", b"n/f", b".gitignore"} <= paths


def test_depth_has_no_harm(sandbox: DockerSandbox) -> None:
    """Folders nested beyond any path's length are walked as far as a path can be told, and the warden lives."""
    sandbox.shell(
        "python3 -c \"import os\nfor _ in range(3000):\n    os.mkdir('d' * 20); os.chdir('d' * 20)\"", deadline=60
    )
    delta = sandbox.changes()
    assert (len(delta.entries) > 100, delta.truncated) == (True, True)
    sandbox.remove(Path("d" * 20 + "/none"))
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"


def test_links_out_of_the_tree_are_not_followed(sandbox: DockerSandbox) -> None:
    """A folder behind a link is no part of the tree."""
    sandbox.shell("ln -s /usr usr; ln -s . self", deadline=20)
    assert set(seen(sandbox.changes())) == {b"usr", b"self"}


def test_links_out_of_the_tree_are_laid_as_they_are(sandbox: DockerSandbox) -> None:
    """A recorded workspace may hold them, at its top and below; nothing is written through them."""
    links = {b"up": b"..", b"far/up": b"../../../../etc", b"absolute": b"/etc/passwd", b"beside": b"../workspace2/x"}
    sandbox.lay((TreeEntry(b"far", "dir", 0o40755, 0), *(TreeEntry(path, "link", 0o120777, len(to), to) for path, to in links.items())))
    told = {path: sandbox.exec(("readlink", "--", path.decode()), deadline=10).stdout.rstrip(b"\n") for path in links}
    assert told == links


def test_the_harvest_is_the_engines(sandbox: DockerSandbox) -> None:
    """The tar holds what the tree held, unreadable files too, and processes of the agent are gone before it is taken."""
    sandbox.shell(
        "echo x > f; chmod 0 f; mkdir e; (while :; do date >> clock; done) > /dev/null 2>&1 & until [ -e clock ]; do :; done",
        deadline=20,
    )
    with tarfile.open(fileobj=io.BytesIO(sandbox.harvest(Path("/workspace")))) as tar:
        names = {member.name: member for member in tar.getmembers()}
        assert set(names) == {"workspace", "workspace/f", "workspace/e", "workspace/clock"}
        held = tar.extractfile(names["workspace/clock"])
        assert held is not None
        assert sandbox.read(Path("clock")) == held.read()
    assert sandbox.changes().alive == 0
