"""Which Python files of a patch its code reaches by imports: what lies in a folder of tests is a test only as long as no code asks for it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from harness.core.ports import PatchFile
from harness.grading.clues.parse import pieces

_TESTS = frozenset({"test", "tests", "testing"})


def reached(code: Iterable[PatchFile], others: Iterable[PatchFile]) -> list[PatchFile]:
    """Those of the others that code imports, and what these import."""
    new, left, found = list(code), [file for file in others if file.path.endswith(".py")], []
    while new:
        names = frozenset(name for file in new if file.path.endswith(".py") for name in imports(file))
        new = [file for file in left if _asked_for(file.path, names)]
        left = [file for file in left if file not in new]
        found += new
    return found


def imports(file: PatchFile) -> Iterator[str]:
    """Dotted names that may be modules; relative ones from the file's own folder on."""
    package = PurePosixPath(file.path).parent.parts
    lines = tuple(enumerate(file.data.decode("utf-8", "replace").splitlines(), 1))
    for node in (node for piece in pieces(lines) for node in ast.walk(piece.tree)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: max(0, len(package) - node.level + 1)] if node.level else ()
            start = ".".join((*above, *((node.module,) if node.module else ())))
            yield start
            yield from (f"{start}.{each.name}" for each in node.names)


def _asked_for(path: str, names: frozenset[str]) -> bool:
    """Its own dotted path, or that below a folder of sources."""
    parts = PurePosixPath(path.removesuffix(".py")).parts
    parts = parts[:-1] if parts[-1:] == ("__init__",) else parts
    return any(".".join(parts[depth:]) in names for depth in range(len(parts)) if not _TESTS & {part.lower() for part in parts[:depth]})
