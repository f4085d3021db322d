"""Globs over posix paths: `*` and `?` within a folder, `[...]` a character, `**` across folders. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from harness.core.patterns import whole

FEW: Final = 2
"""Wildcards of any length in a glob that Python may look for: a path of thousands of folders takes the square of them, milliseconds."""
_WILD = re.compile(r"(?:\*\*/)+|\*\*|\*|\?|\[[^\]/]+\]")


@lru_cache(maxsize=4096)
def pattern(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a whole path matches any of them; of no glob, none does. Raises PatternError for one of tens of thousands of wildcards.

    Python's engine is the quicker one, and tries every way in which wildcards may share a path: their number grows with the power of theirs.
    """
    few = re.compile(rf"(?:{'|'.join(_translated(glob) for glob in globs if _tame(glob)) or '(?!)'})\Z", re.DOTALL)
    many = [whole(f"(?s){_translated(glob)}") for glob in globs if not _tame(glob)]
    return lambda path: few.match(path) is not None or any(matches(path) for matches in many)


def within(path: str, globs: tuple[str, ...], but: tuple[str, ...] = ()) -> bool:
    """Whether some glob matches the whole path and none of `but` does."""
    return pattern(globs)(path) and not (but and pattern(but)(path))


def _tame(glob: str) -> bool:
    return sum(found[0].startswith("*") for found in _WILD.finditer(glob)) <= FEW


def plain(glob: str) -> bool:
    """Whether it names one path."""
    return _WILD.search(glob) is None


def _translated(glob: str) -> str:
    glob, done, at = glob.removeprefix("./"), [], 0
    for found in _WILD.finditer(glob):
        done.append(re.escape(glob[at : found.start()]) + _wild(found[0]))
        at = found.end()
    return "".join(done) + re.escape(glob[at:])


def _wild(word: str) -> str:
    match word:
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if word.startswith("*"):
            return r"(?:[^/]+/)*"
        case _:
            return _class(word)


def _class(word: str) -> str:
    """Every sign in it stands for itself but a hyphen between two others; what is no class at all (`[z-a]`) is read as it is written."""
    inside = word[1:-1].removeprefix("!")
    signs = [sign if sign == "-" and 0 < at < len(inside) - 1 else re.escape(sign) for at, sign in enumerate(inside)]
    made = f"[^/{''.join(signs)}]" if word.startswith("[!") else f"[{''.join(signs)}]"
    try:
        re.compile(made)
    except re.error:
        return re.escape(word)
    return made if inside else re.escape(word)
