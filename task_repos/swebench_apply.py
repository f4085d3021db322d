"""Laying the graded work into a fresh container, file by file, by bytes and modes; nothing of it may touch the repository's own records."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from harness.core.ports import Patch, PatchFile, Sandbox

DEADLINE_S: Final = 60.0
# A file or link that became a folder goes first; `mkdir -p` would refuse the one and follow the other.
FOLDER: Final = 'if [ -L "$1" ] || [ ! -d "$1" ]; then rm -f -- "$1" && mkdir -p -- "$1"; fi'


def lay(patch: Patch, sandbox: Sandbox) -> str:
    """"" when it is done, else the sentence why not. Raises SandboxError."""
    for path in (*patch.removed, *(file.path for file in patch.files)):
        if not inside(path):
            return f"{path!r} is not a path of the work tree"
    try:
        for path in patch.removed:
            sandbox.remove(PurePosixPath(path))
        for file in sorted(patch.files, key=lambda file: file.path):
            put(file, sandbox)
    except OSError as fault:
        return f"a path could not be laid: {fault}"
    return ""


def inside(path: str) -> bool:
    """A relative path that stays in the tree and out of git's folder. Pure."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and parts[0].lower() != ".git" and "\0" not in path


def put(file: PatchFile, sandbox: Sandbox) -> None:
    """One path of any kind, in place of what is there. Raises OSError, SandboxError."""
    path = PurePosixPath(file.path)
    if file.kind == "dir":
        run(sandbox, ("sh", "-c", FOLDER, "sh", file.path))
        return
    if file.kind == "link":
        sandbox.remove(path)
        run(sandbox, ("ln", "-s", "--", file.data.decode("utf-8", "surrogateescape"), file.path))
        return
    try:
        sandbox.write(path, file.data, mode=file.mode)
    except (IsADirectoryError, NotADirectoryError, FileExistsError):
        sandbox.remove(path)
        sandbox.write(path, file.data, mode=file.mode)


def run(sandbox: Sandbox, argv: tuple[str, ...]) -> None:
    """A command that must succeed. Raises OSError with its words."""
    done = sandbox.exec(argv, deadline=DEADLINE_S)
    if done.exit_code:
        raise OSError(1, done.stderr.decode(errors="replace").strip(), argv[-1])
