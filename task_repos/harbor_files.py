"""The files of a Harbor task folder: which count, their digest as Harbor computes it, and what goes into a container."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.core.errors import TaskError
from harness.core.task import CopiedFile
from task_repos.harbor_ignore import Pattern, ignored, patterns

SINGLES: Final = ("task.toml", "instruction.md", "README.md", "trajectory.json")
FOLDERS: Final = ("environment", "tests", "solution", "steps")
SCOPED: Final = re.compile(r"(?:tests|solution|steps/[^/]+/(?:tests|solution))(?:/.*)?")
ALWAYS_IGNORED: Final = ("__pycache__/", "*.pyc", ".DS_Store", "*.swp", "*.swo", "*~")
IGNORE_FILE: Final = ".harborignore"
CANARY: Final = re.compile(r"(<!--.*canary.*-->|#.*canary.*)", re.IGNORECASE)
TEXT_BYTES: Final = 4 << 20
FILES_BYTES: Final = 512 << 20
WHOLE_BYTES: Final = 16 << 30


def digest(folder: Path) -> str:
    """The words "sha256:" and a hash over the files that decide a task, equal to Harbor's own. Raises TaskError for more than anybody ships."""
    whole, names = hashlib.sha256(), counted(folder)
    if (size := sum((folder / name).stat().st_size for name in names)) > WHOLE_BYTES:
        raise TaskError(str(folder), "size", f"{size >> 30} GiB", f"at most {WHOLE_BYTES >> 30} GiB")
    for name in names:
        with (folder / name).open("rb") as handle:
            whole.update(f"{name}\0{hashlib.file_digest(handle, 'sha256').hexdigest()}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{whole.hexdigest()}"


def counted(folder: Path) -> list[str]:
    """Relative names of the files in the digest, sorted."""
    path = folder / ".gitignore"
    unwanted = patterns(read_lines(path) if path.exists() else ALWAYS_IGNORED)
    found = [name for name in SINGLES if (folder / name).is_file()]
    for part in FOLDERS:
        found += [name for name in walked(folder, part) if (folder / name).is_file()]
    return sorted(name for name in found if not ignored(name, unwanted))


def walked(folder: Path, part: str) -> Iterator[str]:
    """Relative names below a part, without what .harborignore leaves out; links to folders are not entered."""
    if not (folder / part).is_dir():
        return
    yield from walk(folder, part, ())


def walk(folder: Path, name: str, rules: tuple[tuple[str, tuple[Pattern, ...]], ...]) -> Iterator[str]:
    here = folder / name
    rules = (*rules, *rules_of(folder, name))
    for path in sorted(here.iterdir()):
        child = f"{name}/{path.name}"
        enters = path.is_dir() and not path.is_symlink()
        if path.name == IGNORE_FILE or left_out(child, rules, folder=path.is_dir()):
            continue
        if path.is_symlink() and leads_to_left_out(folder, path):
            continue
        yield child
        if enters:
            yield from walk(folder, child, rules)


def rules_of(folder: Path, name: str) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    """What the ignore file of a folder says, where such files count."""
    path = folder / name / IGNORE_FILE
    if not SCOPED.fullmatch(name) or not path.is_file():
        return ()
    return ((name, patterns(read_lines(path))),)


def read_lines(path: Path) -> list[str]:
    """The lines of an ignore file, whatever its bytes are. Raises TaskError for a device, a pipe or what is too large to be one."""
    if not path.is_file() or path.stat().st_size > TEXT_BYTES:
        raise TaskError(str(path), "text", "no file of sensible size", f"a file of at most {TEXT_BYTES >> 20} MiB")
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def leads_to_left_out(folder: Path, link: Path) -> bool:
    """Whether a link's target is itself left out."""
    root, end = folder.resolve(), target(link)
    if end is None or not end.is_relative_to(root):
        return False
    parts = end.relative_to(root).parts
    rules: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()
    for count in range(1, len(parts) + 1):
        name = "/".join(parts[:count])
        if left_out(name, rules, folder=count < len(parts) or end.is_dir()):
            return True
        rules = (*rules, *rules_of(folder, name))
    return False


def left_out(name: str, rules: tuple[tuple[str, tuple[Pattern, ...]], ...], *, folder: bool) -> bool:
    """The verdict of the nearest file that speaks of it."""
    verdict = False
    for place, found in rules:
        said = ignored(name.removeprefix(f"{place}/"), found, folder=folder)
        verdict = verdict if said is None else said
    return verdict


def contained(folder: Path) -> None:
    """Raise TaskError for a link that leads out of the task, or in a circle."""
    root = folder.resolve()
    for name in (*SINGLES, *FOLDERS, *(name for part in FOLDERS for name in walked(folder, part))):
        path = folder / name
        if not path.is_symlink():
            continue
        where = target(path)
        if where is None:
            raise TaskError(str(path), "link", "a circle of links", "links that end at a file")
        if not where.is_relative_to(root):
            raise TaskError(str(path), "link", f"a link to {path.readlink()}", "links that stay in the task's folder")


def target(link: Path) -> Path | None:
    """Where a link ends; None for a circle."""
    try:
        return link.resolve()
    except (OSError, RuntimeError):
        return None


def copied(folder: Path, part: str) -> tuple[CopiedFile, ...]:
    """The files below a part, named from there; links are followed, since they stay inside. Raises TaskError."""
    found: list[CopiedFile] = []
    total = 0
    for name in walked(folder, part):
        path = folder / name
        if path.is_dir() and path.is_symlink():
            raise TaskError(str(path), "link", "a link to a folder", "files, folders and links to files")
        if not path.is_file():
            continue
        total += path.stat().st_size
        if total > FILES_BYTES:
            raise TaskError(str(folder / part), "size", f"over {FILES_BYTES >> 20} MiB", "less")
        mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
        found.append(CopiedFile(name.removeprefix(f"{part}/"), path.read_bytes(), mode))
    return tuple(found)


def read_text(path: Path, field: str) -> str:
    """A text file of sensible size in UTF-8; raises TaskError."""
    try:
        if path.exists() and not path.is_file():
            raise TaskError(str(path), field, "a folder or device", "a file")
        if path.stat().st_size > TEXT_BYTES:
            raise TaskError(str(path), field, f"{path.stat().st_size >> 20} MiB", f"at most {TEXT_BYTES >> 20} MiB")
        text = path.read_bytes().decode("utf-8")
    except OSError as fault:
        raise TaskError(str(path), field, fault.strerror or str(fault), "a readable file") from fault
    except UnicodeDecodeError as fault:
        raise TaskError(str(path), field, f"bytes that are not UTF-8 at {fault.start}", "UTF-8 text") from fault
    if "\0" in text:
        raise TaskError(str(path), field, "a NUL character", "text without one")
    return text


def without_canary(text: str) -> str:
    """The text without marker lines at its very top and the blank lines after them; pure."""
    lines = text.split("\n")
    at = 0
    while at < len(lines) and CANARY.fullmatch(lines[at].strip()):
        at += 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    return "\n".join(lines[at:])
