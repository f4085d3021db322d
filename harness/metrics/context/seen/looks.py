"""Which files a call showed, and which of their lines: told only where it is certain."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

import msgspec

from harness.metrics.context.scene import Did

WORKDIR = "/workspace"
_HEADING = re.compile(r"\[(?P<path>.+): lines (?P<first>\d{1,12}) to (?P<last>\d{1,12}) of (?P<of>\d{1,12})[;\]]")
_LEFT_OUT = re.compile(r"^\[\.\.\. \d+ bytes left out; ", re.MULTILINE)
_PLACE = re.compile(r"^\[exit code \d+, in (/.*?)(?:, no output)?\]\Z", re.MULTILINE)
_SED = re.compile(r"(\d{1,12})(?:,(\d{1,12}|\$))?p")
_SHELLISH = re.compile(r"[|<>`$(){}*?~#!;\n\\]|\[|(?<!&)&(?!&)")


class Look(msgspec.Struct, frozen=True):
    """Lines `first` to `last` of a file, `last` None for its end; `path` relative to the workdir. `first` < 0 counts from the end.

    `whole`: all of these lines were shown, none was left out for its length.
    """

    path: str
    first: int = 1
    last: int | None = None
    whole: bool = True


def looks(did: Did, workdir: str = WORKDIR) -> tuple[Look, ...]:
    """What a reading, or a plain `cat`, `head`, `tail` or `sed -n` of files, showed of them; () for anything else or a failed one."""
    if not did.ok or did.arguments is None:
        return ()
    if did.name == "read":
        return _read(did, workdir)
    command = did.arguments.get("command")
    if did.name == "shell" and isinstance(command, str) and did.exit_code == 0:
        whole, after = _LEFT_OUT.search(did.output) is None, _PLACE.search(did.output.rstrip())
        return tuple(msgspec.structs.replace(look, whole=whole) for look in printed(command, workdir, after[1] if after else ""))
    return ()


def covers(wide: Look, narrow: Look) -> bool:
    """Whether lines counted from the beginning hold all of the others; for those counted from the end it can't be told."""
    if wide.path != narrow.path or wide.first < 1 or narrow.first < 1 or wide.first > narrow.first:
        return False
    return wide.last is None or (narrow.last is not None and narrow.last <= wide.last)


def relative(path: str, workdir: str = WORKDIR) -> str:
    """The path as git has it: below the workdir without it, dots resolved; one outside stays absolute."""
    parts: list[str] = []
    for part in (PurePosixPath(workdir or WORKDIR) / path).parts:
        if part == "..":
            parts = parts[:-1] or parts
        else:
            parts.append(part)
    place, root = PurePosixPath(*parts), PurePosixPath(workdir or WORKDIR)
    return str(place.relative_to(root)) if place.is_relative_to(root) else str(place)


def _read(did: Did, workdir: str) -> tuple[Look, ...]:
    path = did.arguments.get("path") if did.arguments else None
    if not isinstance(path, str):
        return ()
    head = _HEADING.match(did.output)
    if head is None:
        return (Look(relative(path, workdir)),)
    first, last, of = int(head["first"]), int(head["last"]), int(head["of"])
    return (Look(relative(path, workdir), first, None if last == of else last, _LEFT_OUT.search(did.output) is None),)


def printed(command: str, workdir: str = WORKDIR, after: str = "") -> tuple[Look, ...]:
    """The files that a plain command line prints, joined by `&&` and led by `cd` at most; () where anything in it is less than plain.

    `after`: the directory that the shell was in afterwards, since it keeps the one of earlier commands; "" where that is not known.
    """
    if _SHELLISH.search(re.sub(r"'[^']*'", "", command)):
        return ()
    try:
        commands = _commands(shlex.split(command))
    except ValueError:
        return ()
    place = workdir or WORKDIR
    while commands and commands[0][:1] == ["cd"] and len(commands[0]) == 2:
        place = str(PurePosixPath(place) / commands.pop(0)[1])
    each = [_shown(argv) for argv in commands]
    if any(shown is None for shown in each):
        return ()
    return tuple(
        Look(relative(str(PurePosixPath(after or place) / path), workdir), first, last) for shown in each for path, first, last in shown or ()
    )


def _commands(words: list[str]) -> list[list[str]]:
    each: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            each.append([])
        else:
            each[-1].append(word)
    return each


def _shown(argv: list[str]) -> list[tuple[str, int, int | None]] | None:
    """(path, first, last) of each file that one command prints; None where it does anything else."""
    name, rest = (argv[0], argv[1:]) if argv else ("", [])
    if name in ("cat", "nl"):
        files = [word for word in rest if word not in ("-n", "-b", "-A", "-ba")]
        return [(path, 1, None) for path in files] if files and not _options(files) else None
    if name == "sed" and len(rest) == 3 and rest[0] == "-n" and (lines := _SED.fullmatch(rest[1])):
        last = lines[2] or lines[1]
        return None if _options(rest[2:]) else [(rest[2], int(lines[1]), None if last == "$" else int(last))]
    if name in ("head", "tail"):
        return _ends(name, rest)
    return None


def _ends(name: str, rest: list[str]) -> list[tuple[str, int, int | None]] | None:
    count, files = 10, list(rest)
    if files and (short := re.fullmatch(r"-(?:n)?(\d{1,12})", files[0])):
        count, files = int(short[1]), files[1:]
    elif len(files) > 1 and files[0] == "-n" and files[1].isdecimal() and len(files[1]) <= 12:
        count, files = int(files[1]), files[2:]
    if not files or _options(files) or not count:
        return None
    return [(path, 1, count) if name == "head" else (path, -count, None) for path in files]


def _options(words: list[str]) -> bool:
    return any(word.startswith("-") for word in words)
