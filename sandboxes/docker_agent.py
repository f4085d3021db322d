"""Who the agent is in an image: the entries of passwd and group for uid 1000, made from the files' bytes alone. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

UID: Final = 1000
ROOT: Final = b"root:x:0:0:root:/root:/bin/sh\n"
# A home that the agent would own whole must not be one of these.
NO_HOMES: Final = frozenset({"", "/", "/root", "/etc", "/usr", "/bin", "/var", "/nonexistent", "/dev/null", "/tmp"})  # noqa: S108


class Account(msgspec.Struct, frozen=True):
    """The agent's name and home, and both files as they must be; `new` when the entry is ours."""

    name: str
    home: str
    passwd: bytes
    group: bytes
    new: bool


def account(passwd: bytes | None, group: bytes | None, *, bash: bool) -> Account:
    """The account of uid 1000: the one there is, or one added; raises ValueError when the one there is can't be used."""
    lines = [line.split(b":") for line in (passwd or ROOT).split(b"\n") if line.strip()]
    groups = group if group is not None else b"root:x:0:\n"
    for fields in lines:
        if len(fields) >= 7 and fields[2] == b"1000":
            home = fields[5].decode("utf-8", "replace")
            if home.rstrip("/") in NO_HOMES:
                raise ValueError(f"uid 1000 is {fields[0].decode('utf-8', 'replace')} with home {home or 'empty'}")
            return Account(fields[0].decode("utf-8", "replace"), home, passwd or ROOT, with_group(groups, b"agent"), new=False)
    taken = {fields[0] for fields in lines}
    name = next(name for name in ("agent", "longhaul", "longhaul-agent") if name.encode() not in taken)
    home = f"/home/{name}"
    shell = "/bin/bash" if bash else "/bin/sh"
    entry = f"{name}:x:{UID}:{UID}::{home}:{shell}\n".encode()
    return Account(name, home, ended(passwd or ROOT) + entry, with_group(groups, name.encode()), new=True)


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
