"""The reading of an agent's code, in a process of its own: whatever stands there, it costs no more than so much time and memory, and breaks nothing."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from harness.core.parts import plain
from harness.core.ports import PatchFile
from harness.grading.clues.parse import pieces
from harness.grading.clues.rules import aliases, clues
from harness.grading.evidence import Known, evidence
from harness.grading.reach import numbered, read_files

LONGEST_S: Final = 90.0
"""A megabyte of ordinary code takes about five."""
_MEMORY: Final = 4 << 30
_HALF: Final = "from harness.grading.apart import serve; serve()"

Numbered: TypeAlias = tuple[tuple[int, str], ...]


class UnreadableError(Exception):
    """The code could not be read in time, or at all."""


class Work(msgspec.Struct, frozen=True, tag=True):
    """Which of these files are the work itself? Answered by their places."""

    files: tuple[PatchFile, ...]


class Signs(msgspec.Struct, frozen=True, tag=True):
    """Sentences of evidence in these lines."""

    lines: tuple[tuple[str, Numbered], ...]
    known: Known


class Named(msgspec.Struct, frozen=True, tag=True):
    """Words of the signs in these files."""

    files: tuple[PatchFile, ...]


Question: TypeAlias = Work | Signs | Named


def work(files: tuple[PatchFile, ...], limit: float = LONGEST_S) -> tuple[PatchFile, ...]:
    """Those of a patch that are read. Raises UnreadableError."""
    return tuple(files[int(place)] for place in _asked(Work(tuple(map(_legible, files))), limit))


def signs(lines: Mapping[str, Numbered], known: Known, limit: float = LONGEST_S) -> tuple[str, ...]:
    """As `evidence` gives them. Raises UnreadableError."""
    named: dict[str, Numbered] = {}
    for path, held in lines.items():
        name = plain(path)
        while name in named:  # two names that are no text may be written alike
            name = f"./{name}"
        named[name] = held
    return _asked(Signs(tuple(named.items()), known), limit)


def named(files: tuple[PatchFile, ...], limit: float = LONGEST_S) -> frozenset[str]:
    """As `words` gives them, of all files. Raises UnreadableError."""
    return frozenset(_asked(Named(tuple(map(_legible, files))), limit))


def words(file: PatchFile) -> set[str]:
    """Of the signs in a Python file."""
    trees = tuple(pieces(numbered(file)))
    names = aliases(trees)
    return {word for piece in trees for _, _, word in clues(file.path, piece, names)}


def answered(question: Question) -> tuple[str, ...]:
    """Pure."""
    match question:
        case Work(files=files):
            chosen = {id(file) for file in read_files(files)}
            return tuple(str(place) for place, file in enumerate(files) if id(file) in chosen)
        case Signs(lines=lines, known=known):
            return evidence(dict(lines), known)
        case Named(files=files):
            return tuple(sorted({word for file in files for word in words(file)}))


def serve() -> None:
    """The other half: a question on standard input, its answer on standard output."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    found = answered(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Question))
    sys.stdout.buffer.write(msgspec.msgpack.encode(tuple(map(plain, found))))


def _asked(question: Question, limit: float) -> tuple[str, ...]:
    environment = {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _HALF], input=msgspec.msgpack.encode(question), capture_output=True, timeout=limit, check=True, env=environment, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"it takes more than {limit:g} s") from None
    except subprocess.CalledProcessError as fault:
        raise UnreadableError(fault.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200] or f"exit {fault.returncode}") from None
    return msgspec.msgpack.decode(done.stdout, type=tuple[str, ...])


def _legible(file: PatchFile) -> PatchFile:
    return msgspec.structs.replace(file, path=plain(file.path))
