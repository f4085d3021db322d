"""Which paths of an agent's tree may be written into a folder of the user's, and why not the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MOST_STEPS = 64
"""Links followed for one link; more than any kernel follows, so that none goes further than we looked."""

_IGNORED = dict.fromkeys((0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF))
"""Characters that some file systems leave out of names."""

REPOSITORY = "a repository's own records: git would run what they name"
COMMANDS = "settings and hooks of a bare repository: git would run what they name"


def refused(paths: Iterable[bytes]) -> dict[bytes, str]:
    """Path -> why it is left out: what git takes for a repository, by any spelling that some file system reads as .git."""
    every = list(paths)
    shops = _bare(every)
    found: dict[bytes, str] = {}
    for path in every:
        if any(_is_git(name) for name in path.split(b"/")):
            found[path] = REPOSITORY
        elif _commands(path, shops):
            found[path] = COMMANDS
    return found


def _is_git(name: bytes) -> bool:
    word = name.decode("utf-8", "replace").translate(_IGNORED).casefold().partition(":")[0].rstrip(". ")
    return word in (".git", "git~1")


def _bare(paths: list[bytes]) -> frozenset[bytes]:
    """Folders that git may take for a repository unasked: with `objects` and `refs`, or with HEAD and a way to another folder's."""
    below: dict[bytes, set[bytes]] = {}
    for path in paths:
        folder, _, name = path.rpartition(b"/")
        below.setdefault(folder, set()).add(name.lower())
        while folder:
            folder, _, name = folder.rpartition(b"/")
            below.setdefault(folder, set()).add(name.lower())
    marks = ({b"objects", b"refs"}, {b"head", b"commondir"})
    return frozenset(folder for folder, names in below.items() if any(mark <= names for mark in marks))


def _commands(path: bytes, shops: frozenset[bytes]) -> bool:
    """`commondir` leads git to another folder for the rest; it is left out with the settings."""
    names = path.lower().split(b"/")
    folders = path.split(b"/")
    for index, name in enumerate(names):
        if b"/".join(folders[:index]) not in shops:
            continue
        if name == b"hooks" or (index == len(names) - 1 and name in (b"config", b"config.worktree", b"commondir")):
            return True
    return False


def straying(links: Mapping[bytes, bytes], files: Iterable[bytes]) -> dict[bytes, str]:
    """Link -> why it is left out. `links` maps each path to its target; kept are those that provably stay in the folder, however chained."""
    folders = {b""} | {path[:at] for path in (*files, *links) for at, byte in enumerate(path) if byte == 0x2F}
    walked = ((path, _walk(path, links, folders)) for path in links)
    return {path: why for path, why in walked if why}


def _walk(path: bytes, links: Mapping[bytes, bytes], folders: set[bytes]) -> str:
    """Where the kernel would go, step by step. A `..` behind what is no folder of the tree can't be foretold, so it is not trusted."""
    here = path.split(b"/")[:-1]
    ahead, steps = links[path].split(b"/"), 0
    if links[path].startswith(b"/"):
        return "an absolute link"
    while ahead:
        name = ahead.pop(0)
        if name in (b"", b"."):
            continue
        if name == b"..":
            if not here:
                return "a link that leaves the folder"
            if b"/".join(here) not in folders:
                return "a link whose way can't be foretold"
            here.pop()
            continue
        here.append(name)
        target = links.get(b"/".join(here))
        if target is None:
            continue
        steps += 1
        if steps > MOST_STEPS:
            return "a link that leads in a circle"
        if target.startswith(b"/"):
            return "a link that leads to an absolute one"
        here.pop()
        ahead[:0] = target.split(b"/")
    return ""
