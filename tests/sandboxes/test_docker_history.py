"""The repository in a prepared image holds nothing beyond its base commit, whatever was hidden in it, and git on the host obeys none of it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.errors import TaskError
from harness.core.machine import PreparedImage
from harness.core.task import ImageBuild, Place
from sandboxes.docker_history import examine, rebuild
from sandboxes.docker_images import create

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ("git", "-c", "safe.directory=*", *words), cwd=folder, env=os.environ | IDENTITY, check=True, capture_output=True
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two commits, of which the second is the base."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "a", "1")
    commit(folder, "b", "2")
    return folder


def future(repo: Path) -> str:
    """A commit after the base, whose id is returned; HEAD stays at the base."""
    base = git(repo, "rev-parse", "HEAD")
    late = commit(repo, "solution", "the answer")
    git(repo, "reset", "-q", "--hard", base)
    (repo / ".git" / "ORIG_HEAD").unlink(missing_ok=True)
    return late


def clear_logs(repo: Path) -> None:
    shutil.rmtree(repo / ".git" / "logs")


def promised(repo: Path) -> None:
    """The future in a pack that git's own clean-up never prunes."""
    future(repo)
    clear_logs(repo)
    git(repo, "tag", "x", "HEAD")
    ids = git(repo, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    pack = repo / ".git" / "objects" / "pack" / "pack"
    name = subprocess.run(("git", "pack-objects", "-q", str(pack)), cwd=repo, input=ids.encode(), capture_output=True, check=True)
    pack.with_name(f"pack-{name.stdout.decode().strip()}.promisor").write_text("")
    git(repo, "tag", "-d", "x")
    git(repo, "prune-packed")


def alternated(repo: Path) -> None:
    """The future in another folder that the repository borrows from."""
    (repo / ".git" / "objects" / "info" / "alternates").write_text("../../hidden\n")


def remote_kept(repo: Path) -> None:
    late = future(repo)
    clear_logs(repo)
    git(repo, "update-ref", "refs/remotes/origin/main", late)


def stashed(repo: Path) -> None:
    (repo / "a").write_text("stash")
    git(repo, "stash")


def worktree_kept(repo: Path) -> None:
    git(repo, "worktree", "add", "-q", str(repo.parent / "other"), "-b", "other")


def packed_away(repo: Path) -> None:
    late = future(repo)
    git(repo, "tag", "-a", "v9", "-m", "x", late)
    git(repo, "pack-refs", "--all")
    git(repo, "gc", "-q")


def hinted(repo: Path) -> None:
    """Only a name of the future: in a reflog."""
    log = repo / ".git" / "logs" / "HEAD"
    log.write_text(log.read_text() + f"{'1' * 40} {'2' * 40} a <a@b> 1 +0000\tcommit: fix\n")


def replaced(repo: Path) -> None:
    late = future(repo)
    git(repo, "replace", "HEAD", late)


def fetched(repo: Path) -> None:
    (repo / ".git" / "FETCH_HEAD").write_text(f"{'3' * 40}\t\tbranch 'main' of upstream\n")


def patch_left(repo: Path) -> None:
    (repo / ".git" / "gold.patch").write_text("the answer")


HIDDEN = (future, promised, alternated, remote_kept, stashed, worktree_kept, packed_away, hinted, replaced, fetched, patch_left)


def objects(folder: Path) -> set[str]:
    return set(git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())


@pytest.mark.parametrize("hide", HIDDEN, ids=lambda hide: hide.__name__)
def test_whatever_is_hidden_is_found_and_cut(repo: Path, tmp_path: Path, hide: object) -> None:
    """Each hiding place is seen; afterwards head, branch and tree are the same and every object is of the base commit."""
    head = git(repo, "rev-parse", "HEAD")
    hide(repo)  # type: ignore[operator]
    work = tmp_path / "work"
    work.mkdir()
    found = examine(repo / ".git", work)
    assert not found.clean
    fresh = rebuild(repo / ".git", found, work)
    shutil.rmtree(repo / ".git")
    shutil.copytree(fresh, repo / ".git")
    assert git(repo, "rev-parse", "HEAD") == head
    assert git(repo, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(repo, "status", "--porcelain") == ""
    assert objects(repo) == {line.split()[0] for line in git(repo, "rev-list", "--objects", "HEAD").splitlines()}
    assert git(repo, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert git(repo, "fsck") == ""
    again = tmp_path / "again"
    again.mkdir()
    assert examine(repo / ".git", again).clean


def test_a_plain_repository_is_left_as_it_is(repo: Path, tmp_path: Path) -> None:
    """Commits before the base, their log and a staged file are no secret."""
    (repo / "staged").write_text("s")
    git(repo, "add", "staged")
    assert examine(repo / ".git", tmp_path).clean


def test_staged_work_survives_a_cut(repo: Path, tmp_path: Path) -> None:
    """An index that differs from the base keeps its objects."""
    future(repo)
    (repo / "staged").write_text("only staged")
    git(repo, "add", "staged")
    found = examine(repo / ".git", tmp_path)
    fresh = rebuild(repo / ".git", found, tmp_path)
    shutil.rmtree(repo / ".git")
    shutil.copytree(fresh, repo / ".git")
    assert git(repo, "status", "--porcelain") == "A  staged"
    assert git(repo, "show", ":staged") == "only staged"


def test_a_detached_head_stays_detached(repo: Path, tmp_path: Path) -> None:
    """The commit is the same, no branch is invented, and the branch that was there is gone."""
    git(repo, "checkout", "-q", "--detach", "HEAD")
    head = git(repo, "rev-parse", "HEAD")
    fresh = rebuild(repo / ".git", examine(repo / ".git", tmp_path), tmp_path)
    assert (fresh / "HEAD").read_text().strip() == head


def test_an_empty_repository_is_no_fault(tmp_path: Path) -> None:
    """A repository before its first commit holds nothing."""
    git(tmp_path, "init", "-q", "r")
    assert examine(tmp_path / "r" / ".git", tmp_path).clean


def test_nothing_named_in_a_foreign_configuration_is_run(repo: Path, tmp_path: Path) -> None:
    """Hooks, filters, monitors, remotes, includes and promisors of the image's repository run nothing on this machine."""
    trap = tmp_path / "trap"
    script = tmp_path / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.hooksPath", "uploadpack.packObjectsHook",
                 "core.alternateRefsCommand", "credential.helper", "filter.x.smudge", "filter.x.clean", "diff.external"):  # fmt: skip
        git(repo, "config", name, str(script))
    git(repo, "config", "remote.origin.url", f"ext::{script}")
    git(repo, "config", "remote.origin.promisor", "true")
    git(repo, "config", "extensions.partialClone", "origin")
    (repo / ".git" / "info" / "attributes").write_text("* filter=x\n")
    future(repo)
    trap.unlink(missing_ok=True)
    found = examine(repo / ".git", tmp_path)
    fresh = rebuild(repo / ".git", found, tmp_path)
    assert not trap.exists()
    assert str(script) not in (fresh / "config").read_text()


def test_a_broken_repository_is_the_tasks_fault(repo: Path, tmp_path: Path) -> None:
    """A HEAD that names nothing sensible and objects that are no objects give one sentence."""
    (repo / ".git" / "HEAD").write_text("rubbish\n")
    with pytest.raises(TaskError, match="HEAD"):
        examine(repo / ".git", tmp_path)
    head = git(tmp_path / "repo", "init", "-q") or "ref: refs/heads/main\n"
    (repo / ".git" / "HEAD").write_text(head)
    for path in (repo / ".git" / "objects").glob("??/*"):
        path.chmod(0o644)
        path.write_bytes(b"no object")
    work = tmp_path / "second"
    work.mkdir()
    with pytest.raises(TaskError, match="git"):
        examine(repo / ".git", work)


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    made = docker.from_env(timeout=120)
    yield made
    made.close()


def taken(client: docker.DockerClient, image: PreparedImage, into: Path) -> Path:
    """The workspace of an image, on the host."""
    container = client.containers.create(image.reference)
    try:
        chunks, _ = container.get_archive(image.workdir)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            tar.extractall(into, filter="fully_trusted")
            assert {member.uid for member in tar.getmembers()} == {1000}
    finally:
        container.remove(force=True)
    return into / Path(image.workdir).name


@pytest.mark.docker
@pytest.mark.parametrize("base", ["scratch", "longhaul/base:bookworm-1"])
def test_the_image_is_cut_even_without_git_in_it(repo: Path, tmp_path: Path, client: docker.DockerClient, base: str) -> None:
    """A repository, another nested in it and a dangling worktree file: after preparation each object is of its base commit."""
    head = git(repo, "rev-parse", "HEAD")
    remote_kept(repo)
    inner = repo / "vendor" / "lib"
    inner.mkdir(parents=True)
    git(inner, "init", "-q", "-b", "main")
    commit(inner, "x", "1")
    future(inner)
    (repo / "link").mkdir()
    (repo / "link" / ".git").write_text("gitdir: ../elsewhere\n")
    (repo / "Dockerfile").write_text(f"FROM {base}\nLABEL test={uuid.uuid4().hex}\nCOPY . /app\nWORKDIR /app\n")
    images = create(cache=tmp_path / "cache")
    image = images.prepare(Place(image=ImageBuild(str(repo))), lambda _: None)
    try:
        assert image.history.startswith("cut: ")
        assert "1 other refs" in image.history
        tree = taken(client, image, tmp_path / "out")
        assert git(tree, "rev-parse", "HEAD") == head
        for place in (tree, tree / "vendor" / "lib"):
            assert objects(place) == {line.split()[0] for line in git(place, "rev-list", "--objects", "HEAD").splitlines()}
        assert (tree / "link" / ".git").is_dir()
        assert images.prepare(Place(image=ImageBuild(str(repo))), lambda _: None) == image
    finally:
        client.images.remove(image.reference, force=True)
        client.images.remove(image.source_digest, force=True)
        images.close()


def test_a_pack_without_an_index_hides_nothing(repo: Path, tmp_path: Path) -> None:
    """What the image's own index leaves out is counted all the same: packs are indexed anew."""
    future(repo)
    shutil.rmtree(repo / ".git" / "logs")
    listed = git(repo, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").encode()
    subprocess.run(("git", "pack-objects", "-q", ".git/objects/pack/pack"), cwd=repo, input=listed, check=True, stdout=subprocess.DEVNULL)
    reached = {line.split()[0] for line in git(repo, "rev-list", "--objects", "HEAD").splitlines()}
    for path in (*(repo / ".git" / "objects").glob("??/*"), *(repo / ".git" / "objects" / "pack").glob("*.idx")):
        if path.parent.name + path.name not in reached:
            path.unlink()
    (tmp_path / "work").mkdir()
    assert examine(repo / ".git", tmp_path / "work").foreign == 3, "the solution's commit, tree and blob"
