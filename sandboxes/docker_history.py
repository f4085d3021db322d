"""The repository an agent sees holds nothing beyond its base commit: checked object by object on the host, cut where it does.

Everything is read from a copy of the image's .git, and git only ever runs in a repository that we made: of the foreign one it is given
objects and an index, never its configuration, hooks, alternates or remotes, so nothing named there can be executed or fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import MissingError, TaskError

ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
ZEROS: Final = frozenset({"0" * 40, "0" * 64})
PACK: Final = re.compile(r"pack-[0-9a-f]+\.pack")
LOOSE: Final = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?")
# What a plain repository of one branch consists of; anything else is cut away with the rest.
PLAIN: Final = re.compile(
    r"HEAD|config|description|index|COMMIT_EDITMSG|shallow|packed-refs|hooks/.*|branches|info/(?:exclude|attributes|refs)"
    r"|objects/info/(?:packs|commit-graph)|objects/[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?"
    r"|objects/pack/pack-[0-9a-f]+\.(?:pack|idx|rev|bitmap)|logs/HEAD|logs/refs/heads/.*|refs/heads/.*"
)
KEPT_SETTINGS: Final = (
    "user.name", "user.email", "core.autocrlf", "core.eol", "core.filemode", "core.symlinks", "core.ignorecase",
)  # fmt: skip


class Findings(msgspec.Struct, frozen=True):
    """What is in a repository: `head` its commit id or empty, `branch` its name or empty, `foreign` objects beyond the base commit
    and the index, `files` that a plain repository has not, `refs` other than the branch.
    """

    head: str
    branch: str
    foreign: int
    files: tuple[str, ...]
    refs: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return not (self.foreign or self.files or self.refs)

    @property
    def words(self) -> str:
        parts = [
            f"{self.foreign} objects beyond the base commit" if self.foreign else "",
            f"{len(self.refs)} other refs" if self.refs else "",
            f"{len(self.files)} other files ({', '.join(self.files[:3])})" if self.files else "",
        ]
        return ", ".join(part for part in parts if part)


def examine(folder: Path, work: Path, links: tuple[str, ...] = ()) -> Findings:
    """Look into a copied .git `folder`, with room in `work`; `links` are members that were not copied; raises TaskError when it can't be read, MissingError without git."""
    head, branch = head_of(folder)
    refs = tuple(sorted(name for name in refs_of(folder) if name != f"refs/heads/{branch}"))
    twin = twin_of(folder, work / "twin", sha256=len(head) == 64)
    kept = index_objects(twin, folder)
    every = set(git(twin, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered").split())
    reach = {line[:64].split()[0] for line in git(twin, "rev-list", "--objects", "--missing=allow-any", head).splitlines()} if head else set()
    logged = {name for name in logged_ids(folder) if name not in reach}
    files = links + tuple(name for name in unplain(folder) if not name.startswith("refs/"))
    return Findings(head, branch, len(every - reach - kept) + len(logged - every), files, refs)


def unplain(folder: Path) -> list[str]:
    """Files that a plain repository has not, relative."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return [name for name in names if not PLAIN.fullmatch(name)]


def head_of(folder: Path) -> tuple[str, str]:
    """HEAD's commit id (empty before the first commit) and branch (empty when detached)."""
    text = read(folder / "HEAD").strip()
    if not text.startswith("ref:"):
        if not ID.fullmatch(text):
            raise TaskError(str(folder), "HEAD", repr(text[:80]), "a commit id or a ref")
        return text, ""
    name = text.removeprefix("ref:").strip()
    if not name.startswith("refs/heads/") or ".." in name:
        raise TaskError(str(folder), "HEAD", name[:80], "a branch under refs/heads")
    return refs_of(folder).get(name, ""), name.removeprefix("refs/heads/")


def refs_of(folder: Path) -> dict[str, str]:
    """Every ref, packed or loose, with its id; read as text, since git would first read the configuration."""
    found: dict[str, str] = {}
    for line in read(folder / "packed-refs").splitlines():
        words = line.split(" ")
        if len(words) == 2 and ID.fullmatch(words[0]):
            found[words[1]] = words[0]
    for path in sorted((folder / "refs").rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path.relative_to(folder))] = read(path).strip()
    return found


def logged_ids(folder: Path) -> set[str]:
    """Every id that a reflog names."""
    found: set[str] = set()
    for path in sorted((folder / "logs").rglob("*")):
        if path.is_file() and not path.is_symlink():
            found |= {word for line in read(path).splitlines() for word in line.split()[:2] if ID.fullmatch(word)}
    return found - ZEROS


def read(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def twin_of(folder: Path, twin: Path, *, sha256: bool = False) -> Path:
    """A repository of ours over the same objects: loose files and packs by their proper names only, and the shallow list."""
    form = "sha256" if sha256 else "sha1"
    git(twin.parent, "init", "--quiet", "--bare", f"--object-format={form}", str(twin))
    for path in sorted((folder / "objects").rglob("*")):
        proper = PACK.fullmatch(path.name) if path.parent.name == "pack" else LOOSE.fullmatch(path.name)
        if proper and path.is_file() and not path.is_symlink():
            target = twin / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(path, target)
            if path.parent.name == "pack":
                # The image's own index may leave out what the pack holds.
                git(twin, "index-pack", str(target))
    copy_shallow(folder, twin)
    return twin


def copy_shallow(folder: Path, twin: Path) -> None:
    """Where the history was cut off: without it git misses the commits before."""
    lines = [line for line in read(folder / "shallow").split() if ID.fullmatch(line)]
    if lines:
        (twin / "shallow").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def link_or_copy(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def index_objects(twin: Path, folder: Path) -> set[str]:
    """Ids of what is staged; empty when there is no index that git can read."""
    if not read(folder / "index"):
        return set()
    shutil.copyfile(folder / "index", twin / "index")
    try:
        lines = git(twin, "ls-files", "--stage", "-z").split("\0")
    except TaskError:
        (twin / "index").unlink()
        return set()
    return {line.split(" ")[1] for line in lines if line and not line.startswith("160000")}


def rebuild(folder: Path, found: Findings, work: Path) -> Path:
    """A new .git with the same HEAD, branch and index, and no object or name beyond; raises TaskError."""
    twin = work / "twin"
    fresh = work / "fresh"
    form = "sha256" if len(found.head) == 64 else "sha1"
    git(work, "init", "--quiet", f"--object-format={form}", "--template=", str(fresh))
    target = fresh / ".git"
    if found.head:
        git(twin, "update-ref", "refs/heads/longhaul-base", found.head)
        git(target, "fetch", "--quiet", "--depth=1", "--no-tags", f"file://{twin}", "refs/heads/longhaul-base")
    name_head(target, found)
    keep_index(folder, twin, target, found)
    keep_settings(folder, target)
    for name in ("FETCH_HEAD", "ORIG_HEAD"):
        (target / name).unlink(missing_ok=True)
    shutil.rmtree(target / "logs", ignore_errors=True)
    return target


def name_head(target: Path, found: Findings) -> None:
    """HEAD on the same branch, or detached, at the same commit."""
    if not found.branch:
        (target / "HEAD").write_text(f"{found.head}\n", encoding="ascii")
        return
    (target / "HEAD").write_text(f"ref: refs/heads/{found.branch}\n", encoding="utf-8")
    if found.head:
        git(target, "update-ref", f"refs/heads/{found.branch}", found.head)


def keep_index(folder: Path, twin: Path, target: Path, found: Findings) -> None:
    """The same index, with staged objects that no commit has; a fresh one where the old can't be read."""
    staged = index_objects(twin, folder)
    if not staged:
        if found.head:
            git(target, "read-tree", "HEAD")
        return
    shutil.copyfile(folder / "index", target / "index")
    here = set(git(target, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
    there = set(git(twin, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
    missing = "\n".join(sorted((staged & there) - here))
    if missing:
        pack = run_git(twin, ("pack-objects", "--stdout", "--quiet"), missing.encode())
        run_git(target, ("unpack-objects", "-q"), pack)


def keep_settings(folder: Path, target: Path) -> None:
    """Of the configuration only what changes how files are read; of info/ the lists of ignored files and attributes."""
    for name in KEPT_SETTINGS:
        try:
            value = git(target, "config", "--no-includes", "--file", str(folder / "config"), "--get", name).rstrip("\n")
        except TaskError:
            continue
        git(target, "config", name, value)
    for name in ("info/exclude", "info/attributes"):
        if read(folder / name):
            (target / "info").mkdir(exist_ok=True)
            shutil.copyfile(folder / name, target / name)


def git(folder: Path, *words: str) -> str:
    """What git prints, run in a repository of ours."""
    return run_git(folder, words).decode("utf-8", "surrogateescape")


def run_git(folder: Path, words: tuple[str, ...], given: bytes = b"") -> bytes:
    """Raises TaskError with git's own words, MissingError when there is no git on this machine."""
    settings = ("-c", "protocol.allow=never", "-c", "protocol.file.allow=always", "-c", "safe.directory=*", "-c", "gc.auto=0")
    surroundings = environment(folder)
    if words[0] == "init":
        surroundings.pop("GIT_DIR")
    done = subprocess.run((program(), *settings, *words), cwd=folder, input=given, capture_output=True, env=surroundings, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise TaskError("the image's repository", f"git {words[0]}", said or f"exit {done.returncode}", "a sound repository")
    return done.stdout


def program() -> str:
    """Raises MissingError when there is no git on this machine."""
    found = shutil.which("git")
    if found is None:
        raise MissingError("the program git", "`apt-get install git`")
    return found


def environment(folder: Path) -> dict[str, str]:
    """What a git of ours is told of its surroundings: nothing of this machine's settings, and no network."""
    return {
        "PATH": os.defpath, "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_DIR": str(folder), "GIT_NO_LAZY_FETCH": "1",
    }  # fmt: skip
