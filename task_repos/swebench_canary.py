"""A pair of tests of our own beside the graded ones, under names and values that nobody knows before: one must pass, one must fail. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

import msgspec

PARSERS: Final = frozenset(
    f"parse_log_{name}"
    for name in (
        "pytest", "pytest_options", "pytest_v2", "matplotlib", "seaborn", "astroid", "flask", "marshmallow", "pvlib", "pyvista", "sqlfluff",
        "xarray", "pydicom", "requests", "pylint", "astropy", "scikit", "sphinx",
    )
)
"""Of the package's registry, those that read what pytest prints."""
RUNNER: Final = re.compile(r"(?:[\w./-]*/)?(?:pytest|py\.test|tox|python[\d.]*)\s")
SEVERAL: Final = re.compile(r"&&|\|\||[;|<>`]|\$\(")
CHOOSING: Final = re.compile(r"(?:pytest|py\.test|tox)\s(?:.*\s)?(?:-k|-m|-x|--deselect|--exitfirst|--maxfail|--lf|--ff)(?=[\s=]|$)")
STATUS: Final = "PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS"


class Canary(msgspec.Struct, frozen=True):
    """`path` from where the tests are run; `command` is the test part of the script that runs it, too. `alone`: nothing follows the runner."""

    path: str
    passing: str
    failing: str
    command: str
    alone: bool

    @property
    def ids(self) -> tuple[str, str]:
        """(must pass, must fail), as node ids."""
        return f"{self.path}::{self.passing}", f"{self.path}::{self.failing}"

    @property
    def file(self) -> str:
        return PurePosixPath(self.path).name


def choose(test: str, graded: tuple[str, ...], nonce: str) -> Canary | None:
    """Where a pair can stand among the tests that `test` runs; None where its one line of a runner can't be told, or runs only a choice.

    `graded` are paths of graded test files, `nonce` at least 24 hex digits that nothing in a container knows.
    """
    lines = test.splitlines()
    found = [(number, path, match) for number, line in enumerate(lines) for path in graded if (match := _named(line, path))]
    if not found:
        return None
    number, path, match = found[-1]
    line, before = lines[number], "\n".join(lines[:number])
    if not RUNNER.match(line) or SEVERAL.search(line) or CHOOSING.search(line) or re.search(r"\b(?:cd|pushd)\s", before):
        return None
    name = str(PurePosixPath(path).parent / f"test_{nonce[:12]}.py")
    lines[number] = f"{line[: match.end()]} {name}{line[match.end() :]}"
    alone = not any(rest.strip() and not rest.lstrip().startswith("#") for rest in lines[number + 1 :])
    return Canary(name, f"test_{nonce[12:18]}", f"test_{nonce[18:24]}", "\n".join((*lines, "")), alone)


def _named(line: str, path: str) -> re.Match[str] | None:
    """The last word of a line that is the graded file, a test in it, or a folder above it."""
    above = [rf"{re.escape(str(folder))}(?:/|(?=\s*$))" for folder in PurePosixPath(path).parents if str(folder) != "."]
    words = "|".join((rf"{re.escape(path)}(?:::\S+)?", *above))
    return next(reversed(list(re.finditer(rf"(?<!\S)(?:\./)?(?:{words})(?!\S)", line))), None)


def text(canary: Canary) -> bytes:
    """The file. The one that must fail stands last, so that a runner which stops there has run the others."""
    word = canary.failing.removeprefix("test_")
    return (
        f"def {canary.passing}():\n    assert '{word}'.upper().lower() == '{word}'\n\n\n"
        f"def {canary.failing}():\n    assert '{word}'.upper() + 'x' == '{word}'\n"
    ).encode()


def seen(canary: Canary, log: str) -> dict[str, set[str]]:
    """What a log says of each test of the pair's file, by name; a name may have several words."""
    # From the beginning of a word alone: elsewhere the search would take the square of the length of a line that the work may have printed.
    name = rf"(?<!\S)\S*{re.escape(canary.file)}::(\w+)"
    found: dict[str, set[str]] = {}
    for status, test in re.findall(rf"^(?:\x1b\[[\d;]*m)*({STATUS})(?:\x1b\[[\d;]*m)*[ \t]+{name}", log, re.MULTILINE):
        found.setdefault(test, set()).add(status)
    for test, status in re.findall(rf"{name}[ \t]+(?:\x1b\[[\d;]*m)*({STATUS})", log):
        found.setdefault(test, set()).add(status)
    return found


def without(canary: Canary, log: str) -> str:
    """The log as it would be without the pair, as far as a parser of statuses reads it."""
    stem = canary.file.removesuffix(".py")
    return "".join(line for line in log.splitlines(keepends=True) if stem not in line)
