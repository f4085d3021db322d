"""A classic row made into one of version 5: the eval script that its package no longer brings, synthesised from patch and command."""

from __future__ import annotations

import hashlib
import re
import shlex
from pathlib import PurePosixPath
from typing import Final

import msgspec

from task_repos.swebench_rows import Row

START: Final = ">>>>> Start Test Output"
END: Final = ">>>>> End Test Output"
WORKDIR: Final = "/testbed"
# Data that comes with tests; a runner is not asked to run these.
NOT_TESTS: Final = (".json", ".md", ".txt", ".rst", ".yml", ".yaml", ".toml", ".cfg", ".png", ".csv", ".xml", ".html")
LOG_FORMATS: Final = {"pytest_whole": "parse_log_pytest_v2", "": ""}
ESCAPES: Final = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}


class Touched(msgspec.Struct, frozen=True):
    """Paths of a patch: `old` existed before it, `new` did not."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def parser_name(word: str) -> str:
    """The registry's key for a parser: `pytest` is parse_log_pytest; a key is itself."""
    known = LOG_FORMATS.get(word)
    if known is not None:
        return known
    return word if word.startswith("parse_log_") else f"parse_log_{word}"


def eval_script(row: Row, command: str, base: str, workdir: str = WORKDIR) -> str:
    """Restore the graded files, apply the row's tests, run `command` between the markers. `{files}` are the graded test files."""
    touched = touched_paths(row.test_patch)
    fence = f"LONGHAUL_{hashlib.sha256(row.test_patch.encode()).hexdigest()[:16]}"
    tests = " ".join(shlex.quote(path) for path in (*touched.new, *touched.old) if not path.endswith(NOT_TESTS))
    lines = (
        "#!/bin/bash",
        "set -uxo pipefail",
        f"cd {shlex.quote(workdir)}",
        *restoring(touched, base),
        f"git apply --verbose - <<'{fence}'",
        row.test_patch.rstrip("\n"),
        fence,
        f": '{START}'",
        command.replace("{files}", tests),
        f": '{END}'",
        *restoring(touched, base),
    )
    return "\n".join((*lines, ""))


def restoring(touched: Touched, base: str) -> tuple[str, ...]:
    """Commands that put graded files back. No file means no command: a bare checkout would throw away the work that is graded."""
    checkout = f"git checkout {shlex.quote(base)} -- {shlex.join(touched.old)}"
    remove = f"rm -rf -- {shlex.join(touched.new)}"
    return ((checkout,) if touched.old else ()) + ((remove,) if touched.new else ())


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
    if "rename from " in said:
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


def languages(diff: str) -> tuple[str, ...]:
    """By the endings of the files that the fix touches."""
    touched = touched_paths(diff)
    endings = {PurePosixPath(path).suffix for path in (*touched.old, *touched.new)}
    return tuple(sorted({LANGUAGES[ending] for ending in endings if ending in LANGUAGES}))


LANGUAGES: Final = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "typescript", ".go": "go", ".rs": "rust",
    ".java": "java", ".rb": "ruby", ".php": "php", ".c": "c", ".h": "c", ".cpp": "c++", ".cc": "c++",
}  # fmt: skip
