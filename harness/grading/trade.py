"""What base itself says of tests and holds of their values: asked in its pristine container until the answer is whole, for it clears honest work."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import Final

from harness.core.errors import SandboxError
from harness.core.machine import Ended, Exec
from harness.core.ports import PatchFile, Sandbox
from harness.grading.apart import words
from harness.grading.reach import among_tests

_QUICK_S: Final = 60.0
_SLOW_S: Final = 600.0
_AT_ONCE: Final = 200
_LIST: Final = "find . -name '*.py' -size -1000k -not -path './.git/*' -print0"
_PACK: Final = "tar --null --no-recursion -T - -cf -"
_FIND: Final = 'for each; do grep -rqF --exclude-dir=.git -e "$each" . && printf "%s\\0" "$each"; done; true'


def in_base(held: Iterable[str], sandbox: Sandbox) -> frozenset[str]:
    """Those that base has somewhere: whoever wrote them may have read them there. Raises SandboxError."""
    asked = sorted(one for one in held if "\0" not in one)
    found: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        done = _whole(("sh", "-c", _FIND, "sh", *asked[start : start + _AT_ONCE]), sandbox)
        found |= {one.decode("utf-8", "replace") for one in done.stdout.split(b"\0") if one}
    return frozenset(found)


def spoken(sandbox: Sandbox) -> frozenset[str]:
    """Words by which base's own code, tests left out, shows that tests are its trade. Raises SandboxError."""
    paths = [path for path in _whole(("sh", "-c", _LIST), sandbox).stdout.split(b"\0") if path]
    code = [path for path in paths if not among_tests(path.decode("utf-8", "replace"))]
    found: set[str] = set()
    for file in _packed(code, sandbox):
        with contextlib.suppress(RecursionError, MemoryError, ValueError):
            found |= words(file)
    return frozenset(found)


def _packed(paths: list[bytes], sandbox: Sandbox) -> Iterator[PatchFile]:
    """All at once, else by halves: an answer has a limit."""
    if not paths:
        return
    done = sandbox.exec(("sh", "-c", _PACK), deadline=_QUICK_S, stdin=b"\0".join(paths) + b"\0")
    if _is_whole(done):
        yield from _read(done.stdout)
    elif len(paths) > 1:
        yield from _packed(paths[: len(paths) // 2], sandbox)
        yield from _packed(paths[len(paths) // 2 :], sandbox)
    else:
        raise SandboxError(f"base's own code could not be read: {paths[0]!r}: ended by {done.ended}")


def _read(data: bytes) -> Iterator[PatchFile]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                held = tar.extractfile(member)
                yield PatchFile(member.name.removeprefix("./"), "file", 0, held.read() if held else b"")
    except (tarfile.TarError, OSError):
        return  # an image without tar: its trade stays unknown


def _whole(argv: tuple[str, ...], sandbox: Sandbox) -> Exec:
    """Asked a second time with time for a slow disk; no code of the work runs here, so what is then not whole is the machine's fault."""
    for deadline in (_QUICK_S, _SLOW_S):
        done = sandbox.exec(argv, deadline=deadline)
        if _is_whole(done):
            return done
    raise SandboxError(f"base could not be asked: ended by {done.ended}, {len(done.stdout)} of {done.stdout_total} bytes")


def _is_whole(done: Exec) -> bool:
    return done.ended is Ended.EXITED and len(done.stdout) == done.stdout_total
