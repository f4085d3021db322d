"""Brings a Docker Engine to a Debian machine: the distribution's packages, and a daemon where no systemd starts it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import MissingError

PACKAGES: Final = ("docker.io", "iptables", "mmdebstrap", "debian-archive-keyring")
DAEMON_LOG: Final = "docker-engine.log"
INSTALL_LOG: Final = "docker-install.log"
# The lock timeout lets us wait for an `apt-get` of the machine's own.
APT: Final = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", "-y")
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_WAIT_S: Final = 60
PID_FILES: Final = (
    (Path("/var/run/docker.pid"), "dockerd"),
    (Path("/var/run/docker/containerd/containerd.pid"), "containerd"),
)
POLL_S: Final = 0.2
LOG_TAIL_LINES: Final = 8

Say = Callable[[str], None]


class Machine(msgspec.Struct, frozen=True):
    """What the decision about an engine needs to know of this machine; `daemon` is the path of dockerd, or ""."""

    system: str
    root: bool
    apt: bool
    systemd: bool
    daemon: str
    no_install: bool


def look_at_machine(*, no_install: bool) -> Machine:
    """The machine as it is now."""
    return Machine(
        system=platform.system(),
        root=os.geteuid() == 0,
        apt=shutil.which("apt-get") is not None and Path("/etc/debian_version").exists(),
        systemd=Path("/run/systemd/system").is_dir(),
        # /usr/sbin is not in every user's path, and a client alone in /usr/local/bin is common.
        daemon=shutil.which("dockerd", path=SYSTEM_PATH) or "",
        no_install=no_install,
    )


def install_packages(packages: tuple[str, ...], cache: Path, say: Say) -> None:
    """Install packages of the distribution, announced; raises MissingError with the log's last lines."""
    say(f"installing {' '.join(packages)} from this distribution's packages (NO_INSTALL=1 forbids it)")
    log = cache / INSTALL_LOG
    cache.mkdir(parents=True, exist_ok=True)
    for argv in ((*APT, "update"), (*APT, "install", "--no-install-recommends", *packages)):
        with log.open("ab") as out:
            status = subprocess.run(argv, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
        if status != 0:
            raise MissingError(f"apt-get {argv[-1]} ended with {status}: {tail(log)}", f"read {log}")


def start_daemon(machine: Machine, cache: Path, say: Say, answering: Callable[[], bool]) -> None:
    """Start the installed engine and wait until `answering()`; raises MissingError when it does not come up."""
    if machine.systemd:
        say("starting the Docker Engine (systemctl start docker)")
        subprocess.run(("systemctl", "start", "docker"), check=False, capture_output=True)
        wait_for(answering, lambda: True, "journalctl -u docker")
        return
    for pidfile, program in PID_FILES:
        drop_stale(pidfile, program)
    log = cache / DAEMON_LOG
    say(f"starting the Docker Engine in the background (its log: {log})")
    cache.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        # A session of its own: Ctrl-C on us is not meant for the engine, which serves others too.
        daemon = subprocess.Popen(
            ("env", f"PATH={SYSTEM_PATH}", machine.daemon),
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    wait_for(answering, lambda: daemon.poll() is None, str(log))


def drop_stale(pidfile: Path, program: str, processes: Path = Path("/proc")) -> None:
    """Remove the pid file of a daemon that was killed: where its number belongs to another process by now, the daemon would not start."""
    try:
        pid = int(pidfile.read_text("utf-8"))
        name = (processes / str(pid) / "comm").read_text("utf-8").strip()
    except ValueError:
        name = ""
    except FileNotFoundError:
        name = "" if pidfile.exists() else program
    if name != program:
        pidfile.unlink(missing_ok=True)


def wait_for(answering: Callable[[], bool], alive: Callable[[], bool], where: str) -> None:
    """Poll until the engine answers, ends or is out of time; raises MissingError for the last two."""
    end = time.monotonic() + START_WAIT_S
    while time.monotonic() < end:
        if answering():
            return
        if not alive():
            said = f": {tail(Path(where))}" if Path(where).is_file() else ""
            raise MissingError(f"the Docker Engine ended at once{said}", f"read {where}")
        time.sleep(POLL_S)
    raise MissingError(f"the Docker Engine does not answer after {START_WAIT_S} s", f"read {where}")


def tail(log: Path) -> str:
    """The last lines of a log, as one."""
    return " | ".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
