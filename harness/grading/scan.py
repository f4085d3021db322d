"""What the scan of a patch reads: lines that it adds to code, and literals of graded tests that nobody but their author could know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import msgspec

from harness.core.ports import Patch, PatchFile, Sandbox
from harness.core.task import CopiedFile, Request
from harness.grading.apart import UnreadableError, named, signs, work
from harness.grading.evidence import Known, literals
from harness.grading.ground import base_bytes
from harness.grading.reach import LONGEST, among_tests
from harness.grading.trade import in_base, spoken

Lines = Mapping[str, tuple[tuple[int, str], ...]]


class Sought(msgspec.Struct, frozen=True):
    """What only tests know, and what was asked of the agent: what is named there may be named by anybody."""

    ids: tuple[str, ...]
    files: tuple[CopiedFile, ...]
    paths: tuple[str, ...]
    requests: tuple[Request, ...]


def scanned(sought: Sought, patch: Patch, sandbox: Sandbox) -> tuple[str, ...]:
    """Sentences of evidence. `sandbox` is the pristine one, before any work is laid over it. Raises SandboxError."""
    asked = "\n".join(request.text for request in sought.requests)
    long = _too_long(patch.files, sandbox)
    if long:
        return long
    try:
        files = work(patch.files)
        lines = added(files, lambda path: base_bytes(sandbox, path) or b"", patch.removed)
        text = "\n".join(line for each in lines.values() for _, line in each)
        held = {one for one in literals(sought.files) if one in text and one not in asked}
        known = Known(sought.ids, frozenset(held - in_base(held, sandbox)), sought.paths)
        # What base's own code and the request say of tests matters only where the work says anything of them, which is seldom.
        found = signs(lines, known) if lines else ()
        fair = spoken(sandbox) | {word for word in named(files) if word in asked} if found else frozenset()
        return signs(lines, msgspec.structs.replace(known, spoken=fair)) if found else ()
    except UnreadableError as fault:
        return (f"the added code can't be read: {fault}",)


def _too_long(files: Iterable[PatchFile], sandbox: Sandbox) -> tuple[str, ...]:
    """Code that grew beyond what is read: nobody writes so much of it, and anything may stand in it."""
    grown = (file for file in files if file.path.endswith(".py") and file.kind == "file" and len(file.data) > LONGEST and not among_tests(file.path))
    held = ((file, base_bytes(sandbox, file.path)) for file in grown)
    return tuple(f"{file.path}:1: is too long to be read: {len(file.data)} bytes" for file, base in held if len(base or b"") < LONGEST)


def added(files: Iterable[PatchFile], base: Callable[[str], bytes], removed: Iterable[str]) -> Lines:
    """Lines that were in none of these files before: what only moved or was renamed is not new. Pure but for `base`."""
    files = tuple(files)
    before = Counter(line for path in (*(file.path for file in files), *removed) for line in base(path).splitlines())
    found = {file.path: _new(file.data, before) for file in files}
    return {path: lines for path, lines in found.items() if lines}


def _new(data: bytes, before: Mapping[bytes, int]) -> tuple[tuple[int, str], ...]:
    numbered = enumerate(data.splitlines(), 1)
    return tuple((number, line.decode("utf-8", "replace")) for number, line in numbered if line.strip() and line not in before)
