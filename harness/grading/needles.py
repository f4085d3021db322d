"""What must lie nowhere in an image that an agent gets: distinctive stretches of the solution's added lines and of hidden tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from harness.core.ports import Patch
from harness.core.solving import hidden, patches
from harness.core.task import TaskSpec

STRETCH = 3
"""Lines of a stretch: fewer stand by chance in other code."""
LETTERS = 12
"""Letters and digits that make a line worth looking for."""
WEIGHT = 60
"""Letters and digits of a whole stretch: shorter ones are met by chance."""
SHORT = 4096
"""Bytes of a file that is looked for as a whole."""
COMMON = (b"import ", b"from ", b"#", b"//", b"@", b"else", b"return None")
"""How lines begin that stand in everybody's files."""
MOST = 200
"""Stretches of one task; spread over all that there are, they find a file that was left behind as surely as each of its lines would."""
_HUNK = re.compile(rb"^@@ [^\n]*$", re.MULTILINE)
_FILE = re.compile(rb"^\+\+\+ (?:b/)?([^\t\n]+)", re.MULTILINE)

Stretch = tuple[str, bytes]
"""Where it is from, and its lines as they stand one after the other, ends included."""


def needles(task: TaskSpec, work: Patch | None = None) -> tuple[Stretch, ...]:
    """At most MOST stretches of each kind: "solution PATH" and "tests PATH". `work`: what the solution made, where it is no patch itself.

    What base holds of them is left out by whoever looks: files of the work are mostly base's own lines.
    """
    solution = _of_solution(task) if patches(task.solution) else _of_files("solution", ((file.path, file.data) for file in work.files)) if work else ()
    tests = _of_files("tests", ((file.path, file.data) for file in hidden(task.check)))
    return (*_spread(solution), *_spread(tests))


def _spread(found: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """From the first to the last."""
    every = tuple(dict.fromkeys(found))
    return every[:: max(1, -(-len(every) // MOST))]


def _of_solution(task: TaskSpec) -> Iterator[Stretch]:
    """Lines that the solution adds; what it takes away elsewhere was there before, so code that only moves tells nothing."""
    for patch in patches(task.solution):
        gone = {line[1:] for line in patch.splitlines() if line.startswith(b"-") and not line.startswith(b"---")}
        for name, hunk in _hunks(patch):
            added: list[bytes] = []
            for line in (*hunk.split(b"\n"), b" "):
                if line.startswith(b"+") and not line.startswith(b"+++"):
                    added.append(line[1:])
                else:
                    yield from _stretches(f"solution {name}", [each for each in added if each.rstrip(b"\r") not in gone])
                    added = []


def _hunks(patch: bytes) -> Iterator[tuple[str, bytes]]:
    for part in re.split(rb"^diff --git |^(?=--- )", patch, flags=re.MULTILINE):
        named = _FILE.search(part)
        for hunk in _HUNK.split(part)[1:]:
            yield named[1].decode("utf-8", "replace") if named else "a file", hunk


def _of_files(kind: str, files: Iterable[tuple[str, bytes]]) -> Iterator[Stretch]:
    """A short file is looked for as a whole as well: its lines may be too plain each by itself."""
    for path, data in files:
        if b"\0" in data[:8192]:
            continue
        if len(data) <= SHORT and _letters(data) >= WEIGHT:
            yield f"{kind} {path}", data.strip()
        yield from _stretches(f"{kind} {path}", data.split(b"\n"))


def _stretches(name: str, lines: list[bytes]) -> Iterator[Stretch]:
    """Stretches one after the other, without overlap; a line that is all brackets or spaces parts nothing and proves nothing."""
    start = 0
    while start + STRETCH <= len(lines):
        held = lines[start : start + STRETCH]
        found = sum(map(_telling, held)) >= STRETCH - 1 and sum(map(_letters, held)) >= WEIGHT
        if found:
            yield name, b"\n".join(held)
        start += STRETCH if found else 1


def _telling(line: bytes) -> bool:
    return _letters(line) >= LETTERS and not line.lstrip().startswith(COMMON)


def _letters(line: bytes) -> int:
    return sum(chr(byte).isalnum() for byte in line)
