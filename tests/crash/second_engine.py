"""A Docker Engine of a test's own beside the machine's: own data, own socket, own containerd, no network; killed and begun again at will."""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import docker

from sandboxes.docker_base import TAG
from sandboxes.docker_engine import Place, ask, connect
from tests.crash.ground import PATIENCE_S, called, kill, naming, until

PROGRAM = "/usr/sbin/dockerd"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class SecondEngine:
    """`folder` must have a short path: a socket's name has 107 bytes at most."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, f"unix://{folder / 'engine.sock'}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it answers."""
        places = ("--data-root", "data", "--exec-root", "exec", "--pidfile", "pid")
        words = [word if word.startswith("--") else str(self.folder / word) for word in places]
        # Told to have no bridge, an engine deletes the docker0 it finds, which is the machine's: so it begins where there is none.
        alone = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=overlay2")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ("unshare", "--net", PROGRAM, "-H", self.url, *words, *alone), env={"PATH": SYSTEM_PATH}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(lambda: self.answers() or (self._process and self._process.poll() is not None), PATIENCE_S)
        assert self.answers(), (self.folder / "log").read_text("utf-8")[-2000:]

    def answers(self) -> bool:
        return ask(Place("test", self.url)).version is not None

    def take(self, other: docker.DockerClient) -> None:
        """The base image from another engine."""
        mine = connect(Place("test", self.url))
        mine.images.load(b"".join(other.images.get(TAG).save(named=TAG)))
        mine.close()

    def kill(self) -> None:
        """As the kernel's out-of-memory killer would: at once, its containers left alone. Its containerd dies of it, a moment later."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert until(lambda: not [pid for pid in self.left() if called(pid) == "containerd"])
        # Where nobody has buried the dead process yet, the next engine would take it for a living one and wait for it in vain.
        (self.folder / "exec" / "containerd" / "containerd.pid").unlink()

    def stop(self) -> None:
        """By id: the engine, then what it left running, then what it left mounted."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE_S)
            self._process.kill()
            self._process.wait()
        for pid in self.left():
            kill(pid)
        for place in self.mounts():
            subprocess.run(("umount", "--lazy", place), check=True)

    def left(self) -> tuple[int, ...]:
        """The engine, its containerd and its shims."""
        return naming(self.folder)

    def mounts(self) -> tuple[str, ...]:
        """Deepest first."""
        lines = Path("/proc/self/mounts").read_text("utf-8").splitlines()
        return tuple(sorted((place for line in lines if (place := line.split()[1]).startswith(f"{self.folder}/")), key=len, reverse=True))
