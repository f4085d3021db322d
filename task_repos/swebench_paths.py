"""Which paths a git diff names, read from its headers alone. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

ESCAPES: Final = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}


class Touched(msgspec.Struct, frozen=True):
    """Paths of a patch: `old` existed before it, `new` did not."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def touched_paths(diff: str) -> Touched:
    """Which paths a git diff names, in its order."""
    old: dict[str, None] = {}
    new: dict[str, None] = {}
    for block in re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE):
        head = block.split("\n@@", 1)[0].splitlines()
        if head and head[0].startswith("diff --git "):
            before, after = block_paths(head)
            old |= {before: None} if before else {}
            new |= {after: None} if after and after != before else {}
    return Touched(tuple(old), tuple(new))


def block_paths(head: list[str]) -> tuple[str, str]:
    """Path before and after of one file's block; empty where there is none."""
    said = {key: line.removeprefix(key) for line in head for key in MARKS if line.startswith(key)}
    if {"rename from ", "rename to "} <= said.keys():
        return unquoted(said["rename from "]), unquoted(said["rename to "])
    if "copy to " in said:
        return "", unquoted(said["copy to "])
    name = named(said, head[0])
    return ("", name) if "new file mode " in said else (name, "" if "deleted file mode " in said else name)


MARKS: Final = ("--- ", "+++ ", "rename from ", "rename to ", "copy to ", "new file mode ", "deleted file mode ")


def named(said: dict[str, str], first: str) -> str:
    """The one path of a block that renames nothing; a binary or mode-only block has it in its first line alone."""
    for key in ("+++ ", "--- "):
        text = unquoted(said.get(key, "/dev/null").split("\t")[0])
        if text != "/dev/null":
            return text[2:]
    both = first.removeprefix("diff --git ")
    half = both[len(both) // 2 + 1 :]
    return unquoted(half)[2:]


def unquoted(text: str) -> str:
    """A path as git prints it: plain, or in quotes with C's escapes over bytes."""
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text

    def byte(match: re.Match[str]) -> str:
        word = match.group(1)
        return chr(int(word, 8) if word.isdigit() else ESCAPES[word])

    return re.sub(r"\\([0-7]{3}|[abtnvfr\"\\])", byte, text[1:-1]).encode("latin-1", "replace").decode(errors="replace")
