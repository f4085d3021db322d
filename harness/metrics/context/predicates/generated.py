"""Files that tools make and nobody writes: bytecode, caches of runners and checkers, build records, and what the repository itself ignores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from harness.metrics.context.predicates.globs import pattern

MADE: Final = re.compile(
    r"(?:.*/)?(?:__pycache__|\.git|\.pytest_cache|\.pytest_tmp|\.mypy_cache|\.ruff_cache|\.hypothesis|\.tox|\.nox|\.venv|\.eggs|node_modules|[^/]+\.egg-info)/.*"
    r"|.*\.py[co]|(?:.*/)?\.coverage(?:\..*)?|(?:.*/)?\.DS_Store",
    re.DOTALL,
)
"""Told by name alone, in any repository; none of them is work."""
LONGEST: Final = 1000
"""Characters of a line of `.gitignore`: a longer one is no pattern that somebody wrote."""


class _Rule(msgspec.Struct, frozen=True):
    keeps: bool
    match: Callable[[str], bool]


def generated(path: str) -> bool:
    """Whether a tool has made it, by its name."""
    return MADE.fullmatch(path) is not None


def ignoring(lines: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path is generated or ignored by these lines of the repository's top-level `.gitignore`, as gitignore(5) says; the last match decides."""
    rules = [rule for line in lines if (rule := _rule(line))]

    def left(path: str) -> bool:
        if generated(path):
            return True
        hit = next((rule for rule in reversed(rules) if rule.match(path)), None)
        return hit is not None and not hit.keeps

    return left


def _rule(line: str) -> _Rule | None:
    word = line.rstrip("\r\n").rstrip(" ")
    keeps = word.startswith("!")
    word = word.removeprefix("!").removeprefix("\\")
    if not word.strip("/") or line.startswith("#") or len(word) > LONGEST:
        return None
    bare = word.rstrip("/")
    glob = bare.lstrip("/") if "/" in bare else f"**/{bare}"
    below = pattern((f"{glob}/**",)) if word.endswith("/") else pattern((glob, f"{glob}/**"))
    return _Rule(keeps, below)
