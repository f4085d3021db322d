"""Faults of the world have names: memory, disk, a container that is gone, an engine that does not answer, a harness that dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import docker
import pytest

from harness.core.errors import SandboxError, TaskError
from harness.core.machine import Ended, PreparedImage
from sandboxes.docker import create
from sandboxes.docker_channel import Channel
from sandboxes.docker_sandbox import DockerSandbox

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]
HOG = 'python3 -c "b = []\nwhile True: b.append(bytearray(10 << 20))"'


def test_out_of_memory_is_told_from_the_counter(base, order_of) -> None:
    """The kernel's kill is named, the counter and the peak are read, and the next command works."""
    with create().open(order_of(base, memory_mb=128)) as sandbox:
        told = sandbox.shell(f"{HOG}; echo after $?", deadline=60)
        assert told.output.endswith(b"after 137\n")
        assert told.ended is Ended.MEMORY
        readings = sandbox.resources()
        assert readings.memory_kills == 1
        assert readings.memory_limit == 128 << 20
        assert readings.memory_peak is not None
        assert readings.memory_peak > 100 << 20
        told = sandbox.shell("kill -9 $$", deadline=20)
        assert (told.exit_code, told.ended) == (137, Ended.EXITED), "a kill of its own is not the kernel's"
        assert sandbox.shell("echo well", deadline=20).output == b"well\n"


def test_a_file_over_the_limit_is_named(base, order_of) -> None:
    """The longest file is bounded; what wrote it ends with `disk`, and so does the harness's own write, as an OSError."""
    with create(file_mb=1).open(order_of(base)) as sandbox:
        told = sandbox.shell("head -c 3000000 /dev/zero > f", deadline=20)
        assert told.ended is Ended.DISK
        assert sandbox.shell("stat -c %s f", deadline=20).output == b"1048576\n"
        with pytest.raises(OSError, match="File too large"):
            sandbox.write(PurePosixPath("g"), bytes(3_000_000))
        assert sandbox.shell("ls -A", deadline=20).output == b"f\n"


def test_a_full_disk_ends_the_command(base, order_of) -> None:
    """A command that grows the container over its limit is ended long before its deadline, with all it started."""
    with create(disk_mb=20).open(order_of(base)) as sandbox:
        told = sandbox.shell(
            "for i in $(seq 200); do head -c 1000000 /dev/zero > f$i; sleep 0.05; done; sleep 500", deadline=300
        )
        assert (told.ended, told.exit_code, told.state_kept) == (Ended.DISK, 137, False)
        assert sandbox.changes().alive == 0
        assert sandbox.shell("rm f*; echo well", deadline=20).output == b"well\n"


def test_a_removed_container_is_named(client: docker.DockerClient, base, order_of) -> None:
    """Removed under us, in the middle of a command or before one: a SandboxError that says so, and the context still closes."""
    with create().open(order_of(base)) as sandbox:
        rm = f"sleep 0.5; docker rm -f {sandbox.facts.container}"
        remover = subprocess.Popen(("sh", "-c", rm), stdout=subprocess.DEVNULL)
        with pytest.raises(SandboxError, match="container gone"):
            sandbox.shell("sleep 100", deadline=100)
        for call in (
            lambda: sandbox.shell("true", deadline=5),
            sandbox.changes,
            lambda: sandbox.read(PurePosixPath("/etc/passwd")),
        ):
            with pytest.raises(SandboxError, match="container gone"):
                call()
        with pytest.raises(SandboxError):
            sandbox.harvest(PurePosixPath("/workspace"))
        remover.wait()


def test_no_engine_is_named(base, order_of) -> None:
    """An engine that is not there is a SandboxError that says what was being done."""
    with (
        pytest.raises(SandboxError, match="no Docker Engine answers at tcp"),
        create(base_url="tcp://127.0.0.1:9").open(order_of(base)),
    ):
        pass


def test_a_missing_image_and_one_without_warden_are_named(base, order_of) -> None:
    """What can't be started is a SandboxError in the engine's words, and leaves no container."""
    missing = PreparedImage("longhaul/none:1", "", "", "amd64", "/workspace")
    bare = PreparedImage("longhaul/base:bookworm-1", "", "", "amd64", "/")
    for image in (missing, bare):
        with pytest.raises(SandboxError), create().open(order_of(image)):
            pass


def test_a_lost_connection_is_named_and_ends_the_container(client: docker.DockerClient, base, order_of) -> None:
    """A broken attach is a SandboxError; the container, whose stdin it was, is gone by itself."""
    with create().open(order_of(base)) as sandbox:
        sandbox._channel._stream.shutdown(socket.SHUT_RDWR)
        with pytest.raises(SandboxError, match="container gone"):
            sandbox.shell("true", deadline=5)
        assert wait_gone(client, sandbox.facts.container)


HARNESS = """
import sys, time
sys.path[:0] = [{root!r}]
from harness.core.machine import PreparedImage
from harness.core.ports import Order
from harness.core.task import ImageTag, Place
from sandboxes.docker import create
image = PreparedImage({reference!r}, "", "", "amd64", "/workspace")
with create().open(Order(image, Place(ImageTag(""), memory_mb=256))) as sandbox:
    print(sandbox.facts.container, flush=True)
    sandbox.shell("(setsid sleep 1000 &); sleep 1000", deadline=1000)
"""


def test_a_killed_harness_takes_its_container_along(client: docker.DockerClient, base: PreparedImage) -> None:
    """`kill -9` of the harness in the middle of a command: the container exits and disappears without any sweep."""
    code = HARNESS.format(root=str(ROOT), reference=base.reference)
    harness = subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, text=True)
    assert harness.stdout is not None
    container = harness.stdout.readline().strip()
    assert client.containers.get(container).status == "running"
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait()
    harness.stdout.close()
    assert wait_gone(client, container)


def wait_gone(client: docker.DockerClient, container: str) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            client.api.inspect_container(container)
        except docker.errors.NotFound:
            return True
        time.sleep(0.05)
    return False


class FakeStream:
    """An engine's stream that says what it is told to say, in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.sent = list(pieces), b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        if not self.pieces:
            raise TimeoutError
        return self.pieces.pop(0)

    def settimeout(self, seconds: float | None) -> None:
        pass

    def close(self) -> None:
        self.pieces.clear()


def engine(data: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    ("pieces", "says"),
    [((b"",), "its stream ended"), ((engine(b"no memory", 2), b""), "it last said: no memory"), ((), "stopped answering"),
     ((b"\x07\0\0\0\0\0\0\1x",), "not understood"), ((engine(b"\xff" * 9),), "not understood"),
     ((engine(b"\1\0\0\0X\0\0\0\0?"),), "greeting")],
)  # fmt: skip
def test_a_stream_that_makes_no_sense_is_named(pieces: tuple[bytes, ...], says: str) -> None:
    """An end, a word on stderr, silence, another protocol and a wrong first frame are SandboxErrors that say which."""
    with pytest.raises(SandboxError, match=says):
        Channel(FakeStream(*pieces)).hello(0.05)


def test_frames_may_come_in_any_pieces() -> None:
    """One byte at a time, header and all, is the same as all at once."""
    frame = b"\3\0\0\0H\0\0\0\0abc"
    whole = engine(frame[:4]) + engine(b"noise", 2) + engine(frame[4:])
    assert Channel(FakeStream(*(bytes([byte]) for byte in whole))).hello(5) == b"abc"
    assert Channel(FakeStream(whole)).hello(5) == b"abc"


def test_an_unconfined_container_is_refused(base, order_of, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that did not do what it was asked is found out from inside and outside, and no agent enters."""
    import sandboxes.docker as module

    real = module.settings

    def loose(*args: object) -> dict[str, object]:
        body = real(*args)
        body["HostConfig"] |= {
            "SecurityOpt": ["seccomp=unconfined"],
            "CapAdd": ["SYS_PTRACE", "KILL", "SETUID", "SETGID"],
            "Binds": ["/tmp:/mnt"],
        }
        return body

    monkeypatch.setattr(module, "settings", loose)
    with pytest.raises(SandboxError, match="not confined") as caught, create().open(order_of(base)):
        pass
    for hole in (
        "may gain privileges",
        "no system call filter",
        "mounts /mnt",
        "capabilities added KILL, SETGID, SETUID, SYS_PTRACE",
        "unconfined",
    ):
        assert hole in str(caught.value)


def test_an_image_without_a_shell_is_refused_by_name(client: docker.DockerClient, order_of, derive_from) -> None:
    """Nothing can be done where there is no shell: a TaskError that names image, finding and wish."""
    client.api.import_image_from_data(b"\0" * 1024, repository="longhaul/test-empty", tag="1")
    image = derive_from("longhaul/test-empty:1")
    with (
        pytest.raises(TaskError, match="found no shell, expected /bin/bash or /bin/sh"),
        create().open(order_of(image)),
    ):
        pass
    client.images.remove("longhaul/test-empty:1", force=True)


def test_the_zero_capability_fallback_works_and_is_labelled(base, order_of) -> None:
    """Where no container may have uid 0 the same warden serves as the agent's uid: commands, kills, looks, and the label."""
    with create(confinement="zero-capability").open(order_of(base)) as sandbox:
        proof = sandbox.facts.confinement
        assert (proof.mode, proof.uid, proof.cap_add, proof.cap_eff.strip("0")) == ("zero-capability", 1000, (), "")
        sandbox.shell("sleep 1234 &", deadline=20)
        told = sandbox.shell("trap '' TERM; (setsid sleep 1000 &); sleep 1000", deadline=0.5)
        assert told.ended is Ended.DEADLINE
        assert sandbox.changes().alive == 1
        told = sandbox.shell("(setsid sleep 1000 &); kill -9 $PPID; sleep 1000", deadline=20)
        assert told.exit_code == 137
        assert sandbox.changes().alive == 1
        sandbox.write(PurePosixPath("f"), b"x")
        assert sandbox.shell("kill -9 -1; cat f", deadline=20).exit_code in (0, 137)
        assert sandbox.harvest(PurePosixPath("/workspace"))
        assert sandbox.shell("id -u; cat /proc/1/environ", deadline=20).output.startswith(
            b"1000\ncat: /proc/1/environ: Permission denied"
        )


def test_the_proof_is_on_record(sandbox: DockerSandbox) -> None:
    """From inside and outside, as the facts of the sandbox."""
    proof = sandbox.facts.confinement
    assert (proof.mode, proof.uid, proof.cap_eff, proof.no_new_privs, proof.seccomp) == (
        "full",
        1000,
        "0" * 16,
        True,
        2,
    )
    assert (proof.routes, proof.mounts, proof.network, proof.privileged) == (0, (), "none", False)
    assert (proof.cap_add, proof.cap_drop) == (("KILL", "SETGID", "SETUID"), ("ALL",))
    facts = sandbox.facts
    assert (facts.cpus, facts.memory, facts.pids, facts.shell) == (1.0, 512 << 20, 256, "/bin/bash")
