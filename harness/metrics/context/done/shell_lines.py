"""What a shell command line plainly does, read without guessing: its simple commands and rollbacks; pure.

Whatever a reader cannot be sure of (substitutions, globs, loops, here-documents, long scripts) is left out, so that nothing is claimed of it.
"""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

import msgspec

from harness.metrics.context.scene import Did

LONGEST = 4_000
"""Characters of a script that is taken apart. Longer ones are programs, and the reader's work per character is high."""
ROLLBACKS = re.compile(r"\bgit\s+(?:-\S+\s+)*(?:checkout|restore|reset|revert|stash)\b|\bpatch\s+(?:-\S+\s+)*-R\b|\bgit\s+apply\s+(?:-\S+\s+)*-R\b")
UNREADABLE = re.compile(r"[`*?\[\]{}~$\\]|<<|^[^\S\n]*(?:for|while|until|if|case|function)\b", re.MULTILINE)
QUOTED = re.compile(r"""'[^']*'|("(?:[^"\\]|\\.)*")""")
"""What stands in single quotes is itself; within double ones a shell still puts things in."""
STATUS = re.compile(r", in (/[^\n]*?)(?:, no output)?\]\s*\Z")
SEPARATORS = frozenset({";", "&&", "||", "|", "&", "|&", "(", ")"})


class Command(msgspec.Struct, frozen=True):
    """One simple command. `quiet`: its failure is provided for (`||`, errors thrown away), so the writer was only asking."""

    words: tuple[str, ...]
    quiet: bool = False


def script(did: Did) -> str:
    """The command line of a call of `shell`; "" for any other call."""
    told = (did.arguments or {}).get("command") if did.name == "shell" else None
    return told if isinstance(told, str) else ""


def rolls_back(did: Did) -> bool:
    """Whether the call takes work back on purpose, through version control."""
    return bool(ROLLBACKS.search(script(did)[:LONGEST]))


def directory(did: Did) -> str:
    """Where the keeping shell stood after this call, as its last line says; "" where it does not."""
    found = STATUS.search(did.output[-600:]) if did.name == "shell" else None
    return found.group(1) if found else ""


@lru_cache(maxsize=256)
def commands(line: str) -> tuple[Command, ...]:
    """The simple commands of a script, () where any of it cannot be read for sure."""
    if len(line) > LONGEST or UNREADABLE.search(_bare(line)):
        return ()
    try:
        words = _words(line)
    except ValueError:
        return ()
    done: list[Command] = []
    begun: list[str] = []
    for word in (*words, ";"):
        if word not in SEPARATORS:
            begun.append(word)
            continue
        command = _command(begun, word)
        done += [command] if command.words else []
        begun = []
    return tuple(done)


def _bare(line: str) -> str:
    """Without what is quoted singly; with it where a comment may hold an apostrophe."""
    return line if "#" in line else QUOTED.sub(lambda found: found[1] or "''", line)


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line.replace("\n", " ; "), posix=True, punctuation_chars=";&|()<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _command(words: list[str], end: str) -> Command:
    """Redirections are taken off with what they name: a file that is written to need not be there."""
    kept: list[str] = []
    quiet, skip = end == "||", False
    for word in words:
        if skip:
            quiet, skip = quiet or word == "/dev/null", False
        elif word and set(word) <= set("<>&"):
            kept = kept[:-1] if kept and kept[-1].isdigit() else kept
            skip = True
        else:
            kept.append(word)
    return Command(tuple(kept), quiet)
