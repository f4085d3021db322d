"""What a container may: a place and options become the engine's settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from harness.core.machine import PreparedImage
from harness.core.task import Place

AGENT: Final = 1000
WARDEN: Final = "/.longhaul/warden"
CAPABILITIES: Final = ("KILL", "SETGID", "SETUID")
MIB: Final = 1 << 20
Mode = Literal["full", "zero-capability"]


class Options(msgspec.Struct, frozen=True):
    """`disk_mb`: growth of the container's own layer at which a command is ended; `file_mb`: the longest file. MiB."""

    mode: Mode = "full"
    disk_mb: int = 10240
    file_mb: int = 4096


def settings(image: PreparedImage, place: Place, options: Options, labels: Mapping[str, str]) -> dict[str, Any]:
    """The body of the engine's create call."""
    full = options.mode == "full"
    return {
        "Image": image.reference,
        "Entrypoint": [WARDEN],
        "Cmd": [],
        "User": "0:0" if full else f"{AGENT}:{AGENT}",
        "Hostname": "sandbox",
        "WorkingDir": image.workdir,
        "Env": environment(place),
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
        "HostConfig": host_settings(place, options, capabilities=CAPABILITIES if full else ()),
    }


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


def environment(place: Place) -> list[str]:
    """The task's variables; HOME, USER and LOGNAME are the derived image's, which knows whose uid the agent's is."""
    return [f"{name}={value}" for name, value in place.environment]


def named_labels(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Every label of ours begins with longhaul."""
    return {name if name.startswith("longhaul.") else f"longhaul.{name}": value for name, value in labels}
