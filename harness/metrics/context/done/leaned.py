"""What a call leans upon being there: files that it reads or runs, tests that it names. Only calls that failed over it; pure.

Finding out (ls, find, grep, test), making things, guarded commands, and shell lines that cannot be read for sure lean upon nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from harness.metrics.context.done.pathnames import relative
from harness.metrics.context.done.shell_lines import Command, commands, directory, script
from harness.metrics.context.scene import Did, Scene, Turn

READERS = frozenset(("cat", "head", "tail", "nl", "wc", "less", "more"))
GONE = re.compile(r"no such file|can't open file|cannot open|file or directory not found|there is no such file", re.IGNORECASE)
UNKNOWN_TEST = re.compile(r"^ERROR: not found|no match in any of|^ERROR: found no collectors", re.MULTILINE | re.IGNORECASE)
BUILT = re.compile(
    r"(?:^|/)(?:build|dist|out|target|tmp|temp|htmlcov|node_modules|site-packages|__pycache__|\.[^/]+|[^/]+\.egg-info)(?:/|$)"
    r"|\.(?:pyc|log|tmp|lock|out|so|o|whl|gz|zip|db|sqlite)$"
)
"""Paths that are made by tools, or hidden: a snapshot need not hold them."""


class Leaning(msgspec.Struct, frozen=True):
    """`path` normal and relative to the workdir; `name`: of a test in it, "" for the file itself."""

    turn: int
    did: Did
    path: str
    name: str = ""


def leanings(scene: Scene) -> Iterator[Leaning]:
    """In order of calls."""
    home = here = ""
    for turn in scene.turns:
        for did in turn.calls:
            yield from _of_tool(turn, did, home) if did.name != "shell" else _of_shell(turn, did, home if here in ("", home) else None)
            stood = directory(did)
            here = stood or here
            home = home or ("" if re.search(r"\b(?:cd|pushd)\b", script(did)) else stood)


def _of_tool(turn: Turn, did: Did, home: str) -> Iterator[Leaning]:
    path = (did.arguments or {}).get("path")
    if did.name in ("read", "replace") and not did.ok and not did.problem and isinstance(path, str) and GONE.search(did.output):
        found = relative(path, home)
        if found and not BUILT.search(found):
            yield Leaning(turn.number, did, found)


def _of_shell(turn: Turn, did: Did, home: str | None) -> Iterator[Leaning]:
    """`home` None: the shell stands somewhere else, and relative paths mean something else."""
    if home is None or did.problem or not (GONE.search(did.output) or UNKNOWN_TEST.search(did.output)):
        return
    for command in commands(script(did)):
        if command.words[0] in ("cd", "pushd", "popd"):
            return
        for word in () if command.quiet else _paths(command):
            path, _, name = word.partition("::")
            found = "" if path.startswith("/") else relative(path)
            if found and not BUILT.search(found) and word in did.output:
                yield Leaning(turn.number, did, found, name.rpartition("::")[2].partition("[")[0])


def _paths(command: Command) -> tuple[str, ...]:
    """The words of one command that name files which must be there."""
    program, words = command.words[0].rpartition("/")[2], command.words[1:]
    if re.fullmatch(r"python[\d.]*", program):
        if words[:2] == ("-m", "pytest"):
            return _tested(words[2:])
        return tuple(word for word in words[:1] if word.endswith(".py"))
    if program in ("pytest", "py.test"):
        return _tested(words)
    plain = tuple(word for word in words if not word.startswith(("-", "+")) and not word.isdigit())
    if program in READERS:
        return plain
    return plain[1:] if program == "sed" and not {"-e", "-f"} & set(words) else ()


def _tested(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if not word.startswith("-") and (".py" in word or "/" in word) and "=" not in word)
