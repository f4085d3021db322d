"""What a container may: a place and options become the engine's settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, Literal

import msgspec

from harness.core.machine import PreparedImage, User
from harness.core.task import Place

AGENT: Final = 1000
WARDEN: Final = "/.longhaul/warden"
CAPABILITIES: Final = ("KILL", "SETGID", "SETUID")
ROOT: Final = 0
# What commands of root's hold: what package managers, su and servers need of files, users and ports. Not KILL, which would reach our
# supervisors; not MKNOD, NET_RAW, SETFCAP and SETPCAP, which the engine would give.
ROOTS_OWN: Final = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT",
)  # fmt: skip
_BITS: Final = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10, "SYS_CHROOT": 18,
    "AUDIT_WRITE": 29,
}  # fmt: skip
ROOTS_MASK: Final = sum(1 << _BITS[name] for name in ROOTS_OWN)
WARDENS: Final = {"amd64": "warden-x86_64", "arm64": "warden-aarch64"}
MIB: Final = 1 << 20
Mode = Literal["full", "zero-capability"]


class Options(msgspec.Struct, frozen=True):
    """`disk_mb`: growth of the container's own layer at which a command is ended; `file_mb`: the longest file. MiB."""

    mode: Mode = "full"
    disk_mb: int = 10240
    file_mb: int = 4096


def settings(image: PreparedImage, place: Place, options: Options, labels: Mapping[str, str]) -> dict[str, Any]:
    """The body of the engine's create call."""
    full, user = options.mode == "full", image.user
    return {
        "Image": image.reference,
        "Entrypoint": entrypoint(user),
        "Cmd": [],
        "User": "0:0" if full else f"{user.uid}:{user.gid}",
        "Hostname": "sandbox",
        "WorkingDir": image.workdir,
        "Env": environment(place, user),
        "Labels": dict(labels),
        "Tty": False,
        "OpenStdin": True,
        # The warden ends with its stdin, so the container ends with whoever holds the other end.
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "NetworkDisabled": place.network == "none",
        "Healthcheck": {"Test": ["NONE"]},
        # PID 1 heeds no other signal, from outside either: a plain `docker stop` would wait ten seconds in vain.
        "StopSignal": "SIGKILL",
        "HostConfig": host_settings(place, options, capabilities=added(user) if full else ()),
    }


def warden_of(architecture: str) -> bytes:
    """The first process's program; `architecture` as the engine names it."""
    return resources.files("sandboxes.warden").joinpath(WARDENS[architecture]).read_bytes()


def entrypoint(user: User) -> list[str]:
    """PID 1 and what it is told: whom commands run as."""
    return [WARDEN, *(str(number) for number in (user.uid, user.gid, *user.groups))]


def added(user: User) -> tuple[str, ...]:
    """The capabilities of a container whose commands are this user's."""
    return tuple(sorted({*CAPABILITIES, *ROOTS_OWN})) if user.uid == ROOT else CAPABILITIES


def host_settings(place: Place, options: Options, capabilities: tuple[str, ...]) -> dict[str, Any]:
    memory = place.memory_mb * MIB
    longest = options.file_mb * MIB
    return {
        "NetworkMode": "none" if place.network == "none" else "bridge",
        "AutoRemove": True,
        "CapDrop": ["ALL"],
        "CapAdd": list(capabilities),
        "SecurityOpt": ["no-new-privileges"],
        "Privileged": False,
        "IpcMode": "private",
        "Memory": memory,
        # Equal to the memory, so that there is no swap to hide in.
        "MemorySwap": memory,
        "NanoCpus": int(place.cpus * 1e9),
        "PidsLimit": place.pids,
        "LogConfig": {"Type": "none", "Config": {}},
        # No nproc: the kernel counts it per uid over all containers.
        "Ulimits": [
            {"Name": "fsize", "Soft": longest, "Hard": longest},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
    }


def environment(place: Place, user: User) -> list[str]:
    """The task's variables, after those of the user; where it has none here, they are the derived image's own."""
    own = (("HOME", user.home), ("USER", user.name), ("LOGNAME", user.name))
    return [f"{name}={value}" for name, value in (*own, *place.environment) if value or (name, value) not in own]


def named_labels(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Every label of ours begins with longhaul."""
    return {name if name.startswith("longhaul.") else f"longhaul.{name}": value for name, value in labels}
