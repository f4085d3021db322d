"""The proof that a container is confined: read from inside by a command of the agent, and from outside by inspect. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.core.errors import SandboxError
from harness.core.machine import Confinement, User
from harness.core.task import Place
from sandboxes.docker_policy import ROOT, ROOTS_MASK, WARDEN, Mode, added

STATUS: Final = "/proc/self/status"
MOUNTS: Final = "/proc/self/mountinfo"
ROUTES: Final = "/proc/net/route"
ROUTES6: Final = "/proc/net/ipv6_route"
QUESTION: Final = tuple(word.encode() for word in (WARDEN, "show", STATUS, MOUNTS, ROUTES, ROUTES6))
# What every container has of the runtime itself: its root, the kernel's file systems, three files the engine writes.
_OWN: Final = ("/", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts")
_KERNEL: Final = ("/proc", "/sys", "/dev")


def read_proof(shown: Mapping[str, str], inspected: Mapping[str, Any], mode: Mode, user: User) -> Confinement:
    """What the inside and the outside say, unjudged."""
    status = dict(line.split(":", 1) for line in shown.get(STATUS, "").splitlines() if ":" in line)
    host = inspected["HostConfig"]
    return Confinement(
        mode="root" if user.uid == ROOT else mode,
        uid=int(status.get("Uid", "0").split()[0]),
        cap_eff=status.get("CapEff", "unknown").strip(),
        no_new_privs=status.get("NoNewPrivs", "0").strip() == "1",
        seccomp=int(status.get("Seccomp", "0")),
        routes=sum(1 for _ in _outward(shown)),
        mounts=tuple(_foreign(shown.get(MOUNTS, ""))),
        network=str(host["NetworkMode"]),
        privileged=bool(host["Privileged"]),
        cap_add=tuple(sorted(name.removeprefix("CAP_") for name in host.get("CapAdd") or ())),
        cap_drop=tuple(sorted(host.get("CapDrop") or ())),
    )


def require_confined(proof: Confinement, inspected: Mapping[str, Any], place: Place, user: User) -> None:
    """Raises SandboxError with every hole by name."""
    if holes := tuple(find_holes(proof, inspected, place, user)):
        raise SandboxError(f"the container is not confined: {'; '.join(holes)}")


def find_holes(proof: Confinement, inspected: Mapping[str, Any], place: Place, user: User) -> Iterator[str]:
    host = inspected["HostConfig"]
    wanted = () if proof.mode == "zero-capability" else added(user)
    allowed = ROOTS_MASK if proof.mode == "root" else 0
    # A volume that the image itself declares is empty, anonymous and goes with the container.
    declared = set(inspected["Config"].get("Volumes") or ())
    unconfined = [word for word in host.get("SecurityOpt") or () if "unconfined" in word]
    checks = {
        f"commands run as uid {proof.uid}": proof.uid == user.uid,
        f"commands hold capabilities {proof.cap_eff}": is_within(proof.cap_eff, allowed),
        "commands may gain privileges": proof.no_new_privs,
        f"no system call filter (Seccomp {proof.seccomp})": proof.seccomp == 2,
        f"mounts {', '.join(proof.mounts)}": set(proof.mounts) <= declared,
        f"bound folders {host.get('Binds')}": not host.get("Binds"),
        "the container is privileged": not proof.privileged,
        f"capabilities added {', '.join(proof.cap_add)}": proof.cap_add == wanted,
        f"capabilities dropped {', '.join(proof.cap_drop) or 'none'}": proof.cap_drop == ("ALL",),
        f"security options {', '.join(unconfined)}": not unconfined,
        f"network {proof.network}, {proof.routes} routes": place.network != "none"
        or (proof.network == "none" and proof.routes == 0),
        f"shared namespaces {host.get('PidMode')} {host.get('IpcMode')}": not host.get("PidMode")
        and host.get("IpcMode") == "private",
    }
    yield from (hole for hole, sound in checks.items() if not sound)


def is_within(mask: str, allowed: int) -> bool:
    """Whether a mask as the kernel writes it has no other bit than the allowed ones."""
    try:
        return int(mask, 16) & ~allowed == 0
    except ValueError:
        return False


def _outward(shown: Mapping[str, str]) -> Iterator[str]:
    """Routes that lead anywhere but to the container itself."""
    yield from (line for line in shown.get(ROUTES, "").splitlines()[1:] if line.split()[:1] != ["lo"])
    yield from (line for line in shown.get(ROUTES6, "").splitlines() if line.split()[-1:] != ["lo"])


def _foreign(mountinfo: str) -> Iterator[str]:
    for line in mountinfo.splitlines():
        place = line.split()[4] if len(line.split()) > 4 else line
        if place not in _OWN and not any(place == root or place.startswith(f"{root}/") for root in _KERNEL):
            yield place
