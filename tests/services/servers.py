"""Runs real model servers for tests: each on its own loopback port, with its own models and log, ended by its group."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.services.scripted_gguf import TRAINED_WINDOW, Architecture, digest_of, write_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.services.scripted_script import Wanted

READY_WAIT_S = 60
END_WAIT_S = 10
POLL_S = 0.05
# A test run that is killed takes its servers with it; where the program is missing (macOS) they stay.
GUARD = ("setpriv", "--pdeathsig", "TERM")
INHERITED = ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Process:
    """A running server: its address, the log with all it said, and the process that leads its group."""

    url: str
    port: int
    log: Path
    leader: subprocess.Popen[bytes]

    @property
    def program(self) -> Path:
        """The program that was started."""
        words = [str(word) for word in self.leader.args]  # type: ignore[union-attr]
        return Path(words[len(GUARD)] if tuple(words[: len(GUARD)]) == GUARD else words[0])

    def kill(self) -> None:
        """End the server and its children at once, as a crash would."""
        end_group(self.leader, signal.SIGKILL)


@dataclass(frozen=True)
class OllamaServer(Process):
    """A running Ollama; `folder` holds its models, its log and the files of its scripted models."""

    folder: Path

    def create(
        self, wanted: Wanted, *, architecture: Architecture = "llama", trained_window: int = TRAINED_WINDOW
    ) -> str:
        """The name of a scripted model on this server; made unless it is there."""
        name = f"scripted-{architecture}-{digest_of(wanted, architecture, trained_window)}:latest"
        with loopback_client(self.url) as client:
            if client.post("/api/show", json={"model": name}).status_code == httpx.codes.OK:
                return name
            path = self.folder / f"{name.partition(':')[0]}.gguf"
            model = write_model(path, wanted, architecture=architecture, trained_window=trained_window)
            client.post(f"/api/blobs/{model.digest}", content=path.read_bytes()).raise_for_status()
            client.post("/api/create", json=model.create_request(name)).raise_for_status()
        return name


def loopback_client(url: str, *, timeout_s: float = 120) -> httpx.Client:
    """A client that goes to this machine whatever proxies the environment names."""
    return httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)


@contextmanager
def serving_ollama(
    binary: Path, folder: Path, *, port: int | None = None, extra: Mapping[str, str] | None = None
) -> Iterator[OllamaServer]:
    """An Ollama until the block ends; the same folder and port again bring back one that was killed."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    settings = {
        "OLLAMA_HOST": f"127.0.0.1:{port}",
        "OLLAMA_MODELS": str(folder / "models"),
        "HOME": str(folder),  # its key pair and history go here, not to the user's
    }
    log = folder / "server.log"
    leader = start([str(binary), "serve"], log, settings | dict(extra or {}))
    try:
        wait_until_ready(leader, f"{url}/api/version", log)
        yield OllamaServer(url=url, port=port, log=log, leader=leader, folder=folder)
    finally:
        end_group(leader, signal.SIGTERM)


@contextmanager
def serving_llama(
    binary: Path, model: Path, log: Path, *, window: int = 2048, port: int | None = None
) -> Iterator[Process]:
    """A `llama-server` with one model until the block ends."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [str(binary), "-m", str(model), "-c", str(window), "--parallel", "1", "--jinja",
            "--host", "127.0.0.1", "--port", str(port), "--alias", "scripted"]  # fmt: skip
    leader = start(argv, log, {"HOME": str(log.parent)})
    try:
        wait_until_ready(leader, f"{url}/health", log)
        yield Process(url=url, port=port, log=log, leader=leader)
    finally:
        end_group(leader, signal.SIGTERM)


def start(argv: list[str], log: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a server as the leader of its own group, with few of our variables and all its output in the log."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    guarded = [*GUARD, *argv] if shutil.which(GUARD[0]) else argv
    with log.open("ab") as out:
        return subprocess.Popen(
            guarded, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True, env=env | dict(settings)
        )


def wait_until_ready(leader: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Poll until the server answers 200; raises RuntimeError with its last words when it ends or takes too long."""
    end = time.monotonic() + READY_WAIT_S
    with loopback_client("", timeout_s=2) as client:
        while time.monotonic() < end and leader.poll() is None:
            try:
                if client.get(url).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(POLL_S)
    end_group(leader, signal.SIGKILL)
    last = " | ".join(log.read_text(errors="replace").splitlines()[-6:])
    raise RuntimeError(f"{leader.args!r} is not ready: {last} (whole log: {log})")


def end_group(leader: subprocess.Popen[bytes], first: signal.Signals) -> None:
    """End a server and every child in its group, politely first if asked; the group's id is the leader's."""
    for sign in dict.fromkeys((first, signal.SIGKILL)):
        try:
            os.killpg(leader.pid, sign)
        except ProcessLookupError:
            break
        try:
            leader.wait(END_WAIT_S)
        except subprocess.TimeoutExpired:
            continue
    leader.wait(END_WAIT_S)


def free_port() -> int:
    """A loopback port that nobody listens on at this moment.

    Below those that a system gives away by itself (from 32768 on Linux, from 49152 elsewhere): a server that was killed
    comes back to a port that nobody has been given meanwhile.
    """
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
