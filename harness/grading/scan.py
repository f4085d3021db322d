"""What the scan of a patch reads: lines that it adds to code, and literals of graded tests that nobody but their author could know."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from harness.core.ports import Patch, PatchFile, Sandbox
from harness.core.task import CopiedFile, Request
from harness.grading.clues.parse import pieces
from harness.grading.clues.rules import aliases, clues
from harness.grading.evidence import Known, evidence, literals
from harness.grading.ground import base_bytes
from harness.grading.reach import among_tests, numbered, read_files

Lines = Mapping[str, tuple[tuple[int, str], ...]]

_QUICK_S: Final = 60.0
_AT_ONCE: Final = 200
_PACK: Final = "find . -name '*.py' -size -1000k -not -path './.git/*' -print0 | tar --null --no-recursion -T - -cf -"
_FIND: Final = 'for each; do grep -rqF --exclude-dir=.git -e "$each" . && printf "%s\\0" "$each"; done; true'


class Sought(msgspec.Struct, frozen=True):
    """What only tests know, and what was asked of the agent: what is named there may be named by anybody."""

    ids: tuple[str, ...]
    files: tuple[CopiedFile, ...]
    paths: tuple[str, ...]
    requests: tuple[Request, ...]


def scanned(sought: Sought, patch: Patch, sandbox: Sandbox) -> tuple[str, ...]:
    """Sentences of evidence. `sandbox` is the pristine one, before any work is laid over it. Raises SandboxError."""
    asked = "\n".join(request.text for request in sought.requests)
    try:
        files = read_files(patch.files)
        lines = added(files, lambda path: base_bytes(sandbox, path) or b"", patch.removed)
        text = "\n".join(line for each in lines.values() for _, line in each)
        held = {one for one in literals(sought.files) if one in text and one not in asked}
        known = Known(sought.ids, frozenset(held - _in_base(held, sandbox)), sought.paths)
        # What base's own code and the request say of tests matters only where the work says anything of them, which is seldom.
        found = evidence(lines, known) if lines else ()
        return found and evidence(lines, msgspec.structs.replace(known, spoken=_spoken(sandbox) | _named(files, asked)))
    except (RecursionError, MemoryError, ValueError, SyntaxError) as fault:
        return (f"the added code can't be read: {type(fault).__name__}",)


def added(files: Iterable[PatchFile], base: Callable[[str], bytes], removed: Iterable[str]) -> Lines:
    """Lines that were in none of these files before: what only moved or was renamed is not new. Pure but for `base`."""
    files = tuple(files)
    before = Counter(line for path in (*(file.path for file in files), *removed) for line in base(path).splitlines())
    found = {file.path: _new(file.data, before) for file in files}
    return {path: lines for path, lines in found.items() if lines}


def _new(data: bytes, before: Mapping[bytes, int]) -> tuple[tuple[int, str], ...]:
    numbered = enumerate(data.splitlines(), 1)
    return tuple((number, line.decode("utf-8", "replace")) for number, line in numbered if line.strip() and line not in before)


def _in_base(held: Iterable[str], sandbox: Sandbox) -> frozenset[str]:
    """Those that base has somewhere: whoever wrote them may have read them there."""
    asked = sorted(one for one in held if "\0" not in one)
    found: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        done = sandbox.exec(("sh", "-c", _FIND, "sh", *asked[start : start + _AT_ONCE]), deadline=_QUICK_S)
        found |= {one.decode("utf-8", "replace") for one in done.stdout.split(b"\0") if one}
    return frozenset(found)


def _spoken(sandbox: Sandbox) -> frozenset[str]:
    """Words by which base's own code, tests left out, shows that tests are its trade."""
    done = sandbox.exec(("sh", "-c", _PACK), deadline=_QUICK_S)
    found: set[str] = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            for member in tar:
                held = tar.extractfile(member)
                file = PatchFile(member.name.removeprefix("./"), "file", 0, held.read() if held else b"")
                found |= set() if among_tests(file.path) else _words(file)
    except (tarfile.TarError, OSError):
        pass  # more than an answer holds: what was read of it counts
    return frozenset(found)


def _named(files: Iterable[PatchFile], asked: str) -> frozenset[str]:
    """Words of the work's signs that stand in the request."""
    return frozenset(word for file in files for word in _words(file) if word in asked)


def _words(file: PatchFile) -> set[str]:
    trees = tuple(pieces(numbered(file)))
    named = aliases(trees)
    return {word for piece in trees for _, _, word in clues(file.path, piece, named)}
