"""Laying a patch over a fresh sandbox's workdir, as the agent's uid: removals first, then folders, files and links."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.core.ports import Patch, PatchFile, Sandbox

_QUICK_S = 60.0
_AT_ONCE = 32 << 20
"""Bytes of one write, below every sandbox's bound; longer files are laid piece by piece."""
# Modes of folders stay as base or the umask has them: one that the agent closed would keep out what is laid below it.
# A file or link that became a folder goes first; `mkdir -p` would refuse the one and follow the other.
_FOLDER = 'if [ -L "$1" ] || [ ! -d "$1" ]; then rm -f -- "$1" && mkdir -p -- "$1"; fi'


def apply(patch: Patch, sandbox: Sandbox) -> str:
    """Returns "" or the sentence why it can't be applied. Raises SandboxError when the machine fails us."""
    for path in (*patch.removed, *(file.path for file in patch.files)):
        if not inside(path):
            return f"{path!r} is not a path of the work tree"
    try:
        for path in patch.removed:
            sandbox.remove(PurePosixPath(path))
        for file in sorted(patch.files, key=lambda file: file.path):
            _lay(file, sandbox)
    except OSError as fault:
        return f"{fault.filename or 'a path'}: could not be applied: {fault.strerror or fault}"
    return ""


def inside(path: str) -> bool:
    """A relative path that stays in the tree and out of the repository's own records. Pure."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and parts[0] != ".git" and "\0" not in path


def _lay(file: PatchFile, sandbox: Sandbox) -> None:
    path = PurePosixPath(file.path)
    match file.kind:
        case "file":
            _write(file, path, sandbox)
        case "dir":
            _run(("sh", "-c", _FOLDER, "sh", file.path), file.path, sandbox)
        case _:
            sandbox.remove(path)
            _run(("ln", "-s", "--", file.data.decode("utf-8", "surrogateescape"), file.path), file.path, sandbox)


def _write(file: PatchFile, path: PurePosixPath, sandbox: Sandbox) -> None:
    try:
        sandbox.write(path, file.data[:_AT_ONCE], mode=file.mode)
    except (IsADirectoryError, NotADirectoryError, FileExistsError):
        sandbox.remove(path)
        sandbox.write(path, file.data[:_AT_ONCE], mode=file.mode)
    for start in range(_AT_ONCE, len(file.data), _AT_ONCE):
        _run(("sh", "-c", 'chmod u+w -- "$1" && cat >> "$1"', "sh", file.path), file.path, sandbox, file.data[start : start + _AT_ONCE])
    if len(file.data) > _AT_ONCE:
        _run(("chmod", f"{file.mode:o}", "--", file.path), file.path, sandbox)


def _run(argv: tuple[str, ...], path: str, sandbox: Sandbox, stdin: bytes = b"") -> None:
    done = sandbox.exec(argv, deadline=_QUICK_S, stdin=stdin)
    if done.exit_code:
        raise OSError(1, done.stderr.decode("utf-8", "replace").strip(), path)
