"""Globs over posix paths: `*` and `?` within a folder, `[...]` a character, `**` across folders. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_WILD = re.compile(r"(?:\*\*/)+|\*\*|\*|\?|\[[^\]/]+\]")


@lru_cache(maxsize=4096)
def pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of them, to be asked with `match`; of no glob, one that matches nothing."""
    words = "|".join(_translated(glob.removeprefix("./")) for glob in globs)
    return re.compile(rf"(?:{words})\Z" if globs else r"(?!)", re.DOTALL)


def within(path: str, globs: tuple[str, ...], but: tuple[str, ...] = ()) -> bool:
    """Whether some glob matches the whole path and none of `but` does."""
    return pattern(globs).match(path) is not None and not (but and pattern(but).match(path))


def plain(glob: str) -> bool:
    """Whether it names one path."""
    return _WILD.search(glob) is None


def _translated(glob: str) -> str:
    done, at = [], 0
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
