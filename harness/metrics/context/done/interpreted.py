"""What a simple command has an interpreter do: the script that it runs with which words, the module or the code that it is given; pure."""

from __future__ import annotations

import ast
import re
from typing import Final

import msgspec

from harness.metrics.context.done.shell_lines import Command

PYTHON: Final = re.compile(r"python[\d.]*")
SHELLS: Final = frozenset(("sh", "bash", "dash", "ksh", "zsh"))
VALUED: Final = frozenset(("-X", "-W", "--check-hash-based-pycs"))
"""Options of Python that take the next word."""
LONGEST: Final = 2_000
"""Characters of code in a command line that are parsed."""


class Run(msgspec.Struct, frozen=True):
    """One of `script` (a path as it was written), `module` and `code`; `rest`: the words that it is given."""

    script: str = ""
    module: str = ""
    code: str = ""
    rest: tuple[str, ...] = ()


def interpreted(command: Command) -> Run:
    """Empty for a command that runs none, or that can't be told."""
    words = list(command.words)
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]):
        words.pop(0)
    if not words:
        return Run()
    program = words[0].rpartition("/")[2]
    if PYTHON.fullmatch(program):
        return _python(words[1:])
    if program in SHELLS:
        return _shell(words[1:])
    return Run(words[0], rest=tuple(words[1:])) if words[0].startswith("./") else Run()


def _python(words: list[str]) -> Run:
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-m", "-c") and words:
            given = words.pop(0)
            return Run(module=given, rest=tuple(words)) if option == "-m" else Run(code=given[:LONGEST], rest=tuple(words))
        if option in VALUED and words:
            words.pop(0)
    return Run(words[0], rest=tuple(words[1:])) if words else Run()


def _shell(words: list[str]) -> Run:
    while words and words[0].startswith(("-", "+")):
        if "c" in words.pop(0):
            return Run()
    return Run(words[0], rest=tuple(words[1:])) if words else Run()


def imported(code: str) -> frozenset[tuple[str, str]]:
    """(module, name) of what a piece of Python imports, "" for the name of a whole module; none where it provides for a failure or can't be parsed."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.Try | ast.TryStar) for node in nodes):
        return frozenset()
    whole = {(each.name, "") for node in nodes if isinstance(node, ast.Import) for each in node.names}
    named = {(node.module or "", each.name) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level for each in node.names}
    return frozenset(whole | named)
