"""The base tree of an instance: a release with the row's patches taken back, as a repository of one commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from harness.core.errors import MissingError, TaskError
from sandboxes.recipe_archive import read_archive, write_members
from sandboxes.recipe_spec import Recipe

BRANCH: Final = "main"
MOMENT: Final = "2000-01-01T00:00:00Z"
MOMENT_S: Final = 946684800
# Nothing of the user's git has a say: no configuration, no template with hooks, no attributes but the tree's own.
GIT_ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin",
    "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1", "GIT_TEMPLATE_DIR": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "base", "GIT_AUTHOR_EMAIL": "base@longhaul.invalid", "GIT_AUTHOR_DATE": MOMENT,
    "GIT_COMMITTER_NAME": "base", "GIT_COMMITTER_EMAIL": "base@longhaul.invalid", "GIT_COMMITTER_DATE": MOMENT,
}  # fmt: skip
SETTINGS: Final = ("gc.auto=0", "core.logAllRefUpdates=false", "core.autocrlf=false", "core.fileMode=true")
UNTRACKED: Final = ("*.egg-info/", "__pycache__/", "*.py[co]", ".pytest_cache/", "/build/")
DEADLINE_S: Final = 300


def make_tree(recipe: Recipe, archive: Path, where: str) -> bytes:
    """A tar of `testbed/` holding the base tree and its repository; raises TaskError when the tree's id is not the recipe's."""
    with tempfile.TemporaryDirectory(prefix="longhaul-tree-") as folder:
        tree = Path(folder) / "testbed"
        tree.mkdir()
        write_members(read_archive(archive, where), tree)
        run_git(tree, "init", "-q", "-b", BRANCH)
        take_back(tree, recipe, where)
        commit(tree, recipe)
        found = run_git(tree, "rev-parse", "HEAD^{tree}").decode().strip()
        if found != recipe.base_tree:
            raise TaskError(where, "base_tree", found, f"the tree {recipe.base_tree} of the recipe")
        return pack(tree)


def take_back(tree: Path, recipe: Recipe, where: str) -> None:
    """Reverse the fix, then its tests. Raises TaskError when one does not fit the release."""
    for field, patch in (("patch", recipe.patch), ("test_patch", recipe.test_patch)):
        try:
            run_git(tree, "apply", "-R", "--whitespace=nowarn", "-", stdin=patch.encode())
        except GitError as fault:
            expected = f"a patch that {recipe.sdist.name} {recipe.sdist.version} contains"
            raise TaskError(where, field, str(fault), expected) from fault


def commit(tree: Path, recipe: Recipe) -> None:
    """One commit with a fixed name and date, so that its id is the same everywhere; packed, without a log of refs."""
    spared = tuple(f":(exclude,literal){path}" for path in recipe.generated)
    run_git(tree, "add", "-A", "-f", ".", *spared)
    run_git(tree, "commit", "-q", "--no-verify", "--no-gpg-sign", "-m", f"{recipe.sdist.name}: base of {recipe.instance_id}")
    run_git(tree, "repack", "-a", "-d", "-q")
    info = tree / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "exclude").write_text("\n".join((*UNTRACKED, *(f"/{path}" for path in recipe.generated), "")))
    (tree / ".git" / "COMMIT_EDITMSG").unlink(missing_ok=True)


class GitError(Exception):
    """The first line of what git said."""


def run_git(tree: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git printed; raises GitError, and MissingError when there is no git."""
    settings = tuple(word for setting in SETTINGS for word in ("-c", setting))
    try:
        done = subprocess.run(
            ("git", "-C", str(tree), *settings, *arguments),
            input=stdin, capture_output=True, check=False, env=GIT_ENVIRONMENT, timeout=DEADLINE_S,
        )  # fmt: skip
    except FileNotFoundError as fault:
        raise MissingError("git is not installed", "`apt-get install git`") from fault
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
        raise GitError(f"git {arguments[0]}: {said[0]}")
    return done.stdout


def pack(tree: Path) -> bytes:
    """The folder as a tar under its own name: root's, one date, sorted."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(tree, arcname=tree.name, filter=plain)
    return buffer.getvalue()


def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member without traces of the machine that packed it."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = MOMENT_S
    if info.isdir():
        info.mode = 0o755
    elif info.isreg():
        info.mode = 0o755 if info.mode & 0o100 else 0o644
    return info
