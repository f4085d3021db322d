"""Files that a test runner shares with others: which of their tables are the runner's, and the agent's file with those of base. Pure."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import Any, Final

SHARED: Final = frozenset({"pyproject.toml", "setup.cfg", "tox.ini"})
_TOOLS: Final = ("pytest", "coverage", "tox", "nox")
_SECTIONS: Final = re.compile(r"(?:tool:)?pytest|coverage:|coverage$|tox$|tox:|testenv|nox|DEFAULT$")
"""DEFAULT speaks for every section, the runner's too."""
_HEADER: Final = re.compile(rb"(?m)^[ \t]*\[\[?[ \t]*([^\]\n]+?)[ \t]*\]\]?[ \t]*(?:[#;].*)?\r?$")


def same_tables(name: str, base: bytes, now: bytes) -> bool:
    """Whether the runner's tables are what they were; an unreadable file is like nothing but itself."""
    if base == now:
        return True
    before, after = _parted(name, base), _parted(name, now)
    return before is not None and after is not None and before[0] == after[0]


def merged(name: str, base: bytes, now: bytes) -> bytes | None:
    """The file as it is now with the runner's tables of base; None where it can't be told apart by its lines, and base must stand in."""
    kept = [text for header, text in _blocks(now) if not _runners(name, header)]
    back = [text for header, text in _blocks(base) if header and _runners(name, header)]
    made = b"".join(text if text.endswith(b"\n") or not text else text + b"\n" for text in (*kept, *back))
    parted, before, after = _parted(name, made), _parted(name, base), _parted(name, now)
    if parted is None or before is None or after is None or parted != (before[0], after[1]):
        return None
    return made


def _parted(name: str, data: bytes) -> tuple[object, object] | None:
    """(the runner's tables, all others), or None for what can't be read."""
    try:
        text = data.decode()
        return _toml(tomllib.loads(text)) if name.endswith(".toml") else _ini(text)
    except (ValueError, RecursionError, configparser.Error):
        return None


def _toml(found: dict[str, Any]) -> tuple[object, object]:
    tool = found.get("tool", {})
    held = tool if isinstance(tool, dict) else {}
    ours = {key: value for key, value in held.items() if key.startswith(_TOOLS)}
    others = {key: value for key, value in held.items() if key not in ours}
    return ours, {**found, "tool": others if isinstance(tool, dict) else tool}


def _ini(text: str) -> tuple[object, object]:
    parser = configparser.RawConfigParser(default_section="\0")
    parser.read_string(text)
    whole = {key: dict(parser[key]) for key in parser.sections()}
    ours = {key: value for key, value in whole.items() if _SECTIONS.match(key)}
    return ours, {key: value for key, value in whole.items() if key not in ours}


def _blocks(data: bytes) -> list[tuple[str, bytes]]:
    """The lines from one header to the next, with the header's name; what stands before the first has none."""
    heads = list(_HEADER.finditer(data))
    starts = [0, *(head.start() for head in heads)]
    ends = [*starts[1:], len(data)]
    names = ["", *(head[1].decode("utf-8", "replace") for head in heads)]
    return [(name, data[start:end]) for name, start, end in zip(names, starts, ends, strict=True)]


def _runners(name: str, header: str) -> bool:
    if not name.endswith(".toml"):
        return _SECTIONS.match(header) is not None
    words = [word.strip(" \t\"'") for word in header.split(".")]
    return len(words) > 1 and words[0] == "tool" and words[1].startswith(_TOOLS)
