"""What dead runs left behind, told by the owner's label: removed when the owner was ours and is gone, else only listed."""

from __future__ import annotations

import os
import platform
import subprocess
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
import requests
from docker import APIClient
from docker.errors import APIError

OWNER: Final = "longhaul.owner"
SEPARATOR: Final = "/"
StartedAt: TypeAlias = Callable[[int], str]


class Owner(msgspec.Struct, frozen=True):
    """A process, told apart from every other on every machine; what a system does not tell is empty."""

    machine: str
    boot: str
    namespace: str
    pid: int
    started: str


class Leftover(msgspec.Struct, frozen=True):
    """A container of ours. `standing`: its owner lives; is dead; or is of another machine or namespace, where we can't look."""

    container: str
    owner: str
    run: str
    trial: str
    state: str
    standing: Literal["living", "dead", "foreign"]
    removed: bool = False


def find_leftovers(api: APIClient) -> tuple[Leftover, ...]:
    """Every container with an owner's label, running or not."""
    here = owner()
    found = []
    for row in api.containers(all=True, filters={"label": OWNER}):
        labels = row["Labels"]
        standing = judge(parse_owner(labels[OWNER]), here, started_at)
        run, trial = (labels.get(f"longhaul.{name}", "") for name in ("run", "trial"))
        found.append(Leftover(row["Id"], labels[OWNER], run, trial, row["State"], standing))
    return tuple(found)


def sweep(api: APIClient, *, named: str = "", run: str = "", dry_run: bool = False) -> tuple[Leftover, ...]:
    """Remove what dead owners left, and what the owner called `named` left wherever it lived; gives all, with what was removed.

    `run`: only of this run.
    """
    done = []
    for leftover in find_leftovers(api):
        if run and leftover.run != run:
            continue
        doomed = leftover.standing == "dead" or (named != "" and leftover.owner == named)
        removed = doomed and not dry_run and remove_one(api, leftover.container)
        done.append(msgspec.structs.replace(leftover, removed=removed))
    return tuple(done)


def remove_one(api: APIClient, container: str) -> bool:
    """True when it is gone, by us or by itself."""
    try:
        api.remove_container(container, force=True, v=True)
    except APIError as fault:
        return fault.status_code in (404, 409)
    except requests.RequestException:
        return False
    return True


def judge(left: Owner | None, here: Owner, started: StartedAt) -> Literal["living", "dead", "foreign"]:
    """`started` tells when a process of this machine began, "" for none."""
    if left is None or not left.machine or left.machine != here.machine:
        return "foreign"
    # After a restart of the machine nobody of before lives, in whatever namespace.
    if left.boot != here.boot:
        return "dead"
    if left.namespace != here.namespace:
        return "foreign"
    return "living" if started(left.pid) == left.started else "dead"


def owner_label() -> str:
    mine = owner()
    return SEPARATOR.join((mine.machine, mine.boot, mine.namespace, str(mine.pid), mine.started))


def parse_owner(label: str) -> Owner | None:
    words = label.split(SEPARATOR)
    if len(words) != 5 or not words[3].isdigit():
        return None
    return Owner(words[0], words[1], words[2], int(words[3]), words[4])


def owner() -> Owner:
    """Who asks: a process after a fork is another one."""
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> Owner:
    return Owner(_machine(), _boot(), _namespace(), pid, started_at(pid))


def started_at(pid: int) -> str:
    """When a process of this namespace began, in the system's own words without separators; "" when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            return stat.read_text(errors="replace").rpartition(")")[2].split()[19]
        except OSError:
            return ""
    shown = subprocess.run(("ps", "-o", "lstart=", "-p", str(pid)), capture_output=True, text=True, check=False)
    return "-".join(shown.stdout.split())


def _machine() -> str:
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            if found := Path(path).read_text().strip():
                return found
        except OSError:
            continue
    return f"{platform.node()}-{uuid.getnode():012x}".replace(SEPARATOR, "-")


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        shown = subprocess.run(("sysctl", "-n", "kern.bootsessionuuid"), capture_output=True, text=True, check=False)
        return shown.stdout.strip()


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
