"""Laying a patch over a fresh sandbox's workdir, as the agent's uid: removals first, then folders, files and links."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.core.ports import Patch, PatchFile, Sandbox

_QUICK_S = 60.0


def apply(patch: Patch, sandbox: Sandbox) -> str:
    """Returns "" or the sentence why it can't be applied. Raises SandboxError when the machine fails us."""
    try:
        for path in patch.removed:
            sandbox.remove(PurePosixPath(path))
        for file in sorted(patch.files, key=lambda file: file.path):
            _lay(file, sandbox)
    except OSError as fault:
        return f"{fault.filename or 'a path'}: could not be applied: {fault.strerror or fault}"
    return ""


def _lay(file: PatchFile, sandbox: Sandbox) -> None:
    path = PurePosixPath(file.path)
    if file.kind == "file":
        try:
            sandbox.write(path, file.data, mode=file.mode)
        except (IsADirectoryError, NotADirectoryError, FileExistsError):
            sandbox.remove(path)
            sandbox.write(path, file.data, mode=file.mode)
        return
    argv = _folder(file) if file.kind == "dir" else _link(file, sandbox)
    done = sandbox.exec(argv, deadline=_QUICK_S)
    if done.exit_code:
        raise OSError(1, done.stderr.decode("utf-8", "replace").strip(), file.path)


def _folder(file: PatchFile) -> tuple[str, ...]:
    """A file or link that became a folder goes first; `mkdir -p` would refuse the one and follow the other."""
    script = 'if [ -L "$1" ] || [ ! -d "$1" ]; then rm -f -- "$1" && mkdir -p -- "$1"; fi'
    return ("sh", "-c", script, "sh", file.path)


def _link(file: PatchFile, sandbox: Sandbox) -> tuple[str, ...]:
    sandbox.remove(PurePosixPath(file.path))
    target = file.data.decode("utf-8", "surrogateescape")
    return ("ln", "-s", "--", target, file.path)
