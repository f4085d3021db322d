"""Who the agent is in an image, from the bytes of passwd and group alone: uid 1000, or whom the task names. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.core.machine import User

UID: Final = 1000
ROOTS_GROUP: Final = 0
HIGHEST: Final = 2**32 - 2
ROOT: Final = b"root:x:0:0:root:/root:/bin/sh\n"
# A home that the agent would own whole must not be one of these.
NO_HOMES: Final = frozenset({"", "/", "/root", "/etc", "/usr", "/bin", "/var", "/nonexistent", "/dev/null", "/tmp"})  # noqa: S108


class Account(msgspec.Struct, frozen=True):
    """Who commands run as, and both files as they must be; `new` when the entry is ours. `named`: the task chose the user."""

    user: User
    passwd: bytes
    group: bytes
    new: bool
    named: bool = False


def account(passwd: bytes | None, group: bytes | None, *, bash: bool) -> Account:
    """The account of uid 1000: the one there is, or one added; raises ValueError when the one there is can't be used."""
    groups = group if group is not None else b"root:x:0:\n"
    for fields in entries(passwd if passwd is not None else ROOT):
        if len(fields) >= 7 and fields[2] == b"1000":
            home = text(fields[5])
            if home.rstrip("/") in NO_HOMES:
                raise ValueError(f"uid 1000 is {text(fields[0])} with home {home or 'empty'}")
            user = User(UID, UID, (), text(fields[0]), home)
            return Account(user, passwd or ROOT, with_group(groups, b"agent"), new=False)
    taken = {fields[0] for fields in entries(passwd or ROOT)}
    name = next(name for name in ("agent", "longhaul", "longhaul-agent") if name.encode() not in taken)
    home = f"/home/{name}"
    shell = "/bin/bash" if bash else "/bin/sh"
    entry = f"{name}:x:{UID}:{UID}::{home}:{shell}\n".encode()
    user = User(UID, UID, (), name, home)
    return Account(user, ended(passwd or ROOT) + entry, with_group(groups, name.encode()), new=True)


def named(asked: str, passwd: bytes | None, group: bytes | None) -> Account:
    """The account that a task asks for by name or number, as `docker run --user` reads it; `NAME:GROUP` names the group as well.

    A number that passwd does not know has group 0 and home /. Raises ValueError for a name that is not there.
    """
    name, colon, of = asked.partition(":")
    known = [fields for fields in entries(passwd if passwd is not None else ROOT) if len(fields) >= 7]
    told = name.encode("utf-8", "surrogateescape")
    # A name goes before a number: a user may be called 1000.
    found = next((fields for at in (0, 2) for fields in known if fields[at] == told), None)
    if found is not None:
        user = User(number(text(found[2])), number(text(found[3])), memberships(found[0], group), text(found[0]), text(found[5]) or "/")
    elif name.isascii() and name.isdigit():
        user = User(number(name), ROOTS_GROUP, (), name, "/")
    else:
        raise ValueError(f"{asked!r}, which is none of {', '.join(text(fields[0]) for fields in known)}")
    if colon:
        user = msgspec.structs.replace(user, gid=group_number(of, group), groups=())
    return Account(user, passwd if passwd is not None else ROOT, group or b"root:x:0:\n", new=False, named=True)


def memberships(name: bytes, group: bytes | None) -> tuple[int, ...]:
    """The groups that list this user."""
    rows = [fields for fields in entries(group or b"") if len(fields) >= 4 and name in fields[3].split(b",")]
    return tuple(number(text(fields[2])) for fields in rows)


def group_number(asked: str, group: bytes | None) -> int:
    for fields in entries(group or b""):
        if len(fields) >= 3 and asked.encode("utf-8", "surrogateescape") == fields[0]:
            return number(text(fields[2]))
    return number(asked)


def number(word: str) -> int:
    """Raises ValueError for what is no uid."""
    if not (word.isascii() and word.isdigit() and int(word) <= HIGHEST):
        raise ValueError(f"{word!r} for a number")
    return int(word)


def entries(text: bytes) -> list[list[bytes]]:
    return [line.split(b":") for line in text.split(b"\n") if line.strip()]


def text(word: bytes) -> str:
    return word.decode("utf-8", "replace")


def with_group(group: bytes, name: bytes) -> bytes:
    """The group file with an entry for gid 1000."""
    lines = [line.split(b":") for line in group.split(b"\n")]
    if any(len(fields) >= 3 and fields[2] == b"1000" for fields in lines):
        return group
    taken = {fields[0] for fields in lines}
    free = next(free for free in (name, b"agent", b"longhaul", b"longhaul-agent") if free not in taken)
    return ended(group) + free + b":x:1000:\n"


def ended(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"
