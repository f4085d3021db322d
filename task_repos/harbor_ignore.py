"""Ignore patterns in gitignore's syntax, as far as Harbor's digest and selection of files need them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

SPECIAL = re.compile(r"[\\\[\]&~|^]|--")
"""What means something else between brackets here than there."""


class Pattern(msgspec.Struct, frozen=True):
    """One line: `keep` for a line with !, `folder` for one that ends in a slash."""

    expression: str
    keep: bool
    folder: bool


def patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """All that a file says; comments and blank lines say nothing."""
    return tuple(found for line in lines if (found := pattern(line)) is not None)


def pattern(line: str) -> Pattern | None:
    text = line.rstrip("\n").rstrip(" ")
    if not text or text.startswith("#"):
        return None
    keep = text.startswith("!")
    text = text[1:] if keep else text.removeprefix("\\") if text.startswith(("\\#", "\\!")) else text
    folder = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    text = text.lstrip("/")
    if not text:
        return None
    whole = ("" if anchored else "(?:.*/)?") + expression(text)
    try:
        re.compile(whole)
    except re.error:  # such as [z-a]: nothing is meant by it
        return None
    return Pattern(whole, keep, folder)


def expression(text: str) -> str:
    """A regular expression for the words between slashes."""
    parts = text.split("/")
    built = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            built.append(".*" if last else "(?:.*/)?")
        else:
            built.append(words(part) + ("" if last else "/"))
    return "".join(built)


def words(part: str) -> str:
    """One name with its wildcards."""
    found = []
    for token in re.findall(r"\\.|\[[!^]?\]?[^\]]*\]|.", part):
        if token[0] == "\\" and len(token) == 2:
            found.append(re.escape(token[1]))
        elif token[0] == "[" and len(token) > 1:
            negated, held = ("^", token[2:-1]) if token[1] in "!^" else ("", token[1:-1])
            found.append(f"[{negated}{SPECIAL.sub(escaped, held)}]")
        else:
            found.append({"*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token)))
    return "".join(found)


def escaped(hit: re.Match[str]) -> str:
    return "".join(f"\\{each}" for each in hit[0])


def ignored(path: str, found: tuple[Pattern, ...], *, folder: bool = False) -> bool | None:
    """Whether the last pattern that speaks of `path`, or of a folder above it, ignores it; None when none does."""
    verdict: bool | None = None
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts))]
    for one in found:
        itself = (folder or not one.folder) and re.fullmatch(one.expression, path, re.DOTALL)
        if itself or any(re.fullmatch(one.expression, name, re.DOTALL) for name in above):
            verdict = not one.keep
    return verdict
