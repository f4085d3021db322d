"""Laying a patch over a fresh sandbox's workdir, as the agent's uid: removals first, then folders, files and links."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.core.ports import Patch, PatchFile, Sandbox

_QUICK_S = 60.0
_AT_ONCE = 32 << 20
"""Bytes of one write, below every sandbox's bound; longer files are laid piece by piece."""


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
            sandbox.write(path, file.data[:_AT_ONCE], mode=file.mode)
        except (IsADirectoryError, NotADirectoryError, FileExistsError):
            sandbox.remove(path)
            sandbox.write(path, file.data[:_AT_ONCE], mode=file.mode)
        for start in range(_AT_ONCE, len(file.data), _AT_ONCE):
            _run(("sh", "-c", 'chmod u+w -- "$1" && cat >> "$1"', "sh", file.path), file.path, sandbox, file.data[start : start + _AT_ONCE])
        if len(file.data) > _AT_ONCE:
            _run(("chmod", f"{file.mode:o}", "--", file.path), file.path, sandbox)
        return
    _run(_folder(file) if file.kind == "dir" else _link(file, sandbox), file.path, sandbox)


def _run(argv: tuple[str, ...], path: str, sandbox: Sandbox, stdin: bytes = b"") -> None:
    done = sandbox.exec(argv, deadline=_QUICK_S, stdin=stdin)
    if done.exit_code:
        raise OSError(1, done.stderr.decode("utf-8", "replace").strip(), path)


def _folder(file: PatchFile) -> tuple[str, ...]:
    """A file or link that became a folder goes first; `mkdir -p` would refuse the one and follow the other."""
    script = 'if [ -L "$1" ] || [ ! -d "$1" ]; then rm -f -- "$1" && mkdir -p -- "$1"; fi'
    return ("sh", "-c", script, "sh", file.path)


def _link(file: PatchFile, sandbox: Sandbox) -> tuple[str, ...]:
    sandbox.remove(PurePosixPath(file.path))
    target = file.data.decode("utf-8", "surrogateescape")
    return ("ln", "-s", "--", target, file.path)
