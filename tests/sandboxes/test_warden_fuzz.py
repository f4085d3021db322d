"""The warden under sanitizers, fed frames that no harness would send."""

from __future__ import annotations

import io
import os
import random
import shutil
import struct
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from sandboxes.docker import create
from sandboxes.docker_channel import Channel
from sandboxes.docker_frames import Command, encode, encode_command, encode_get, encode_tree, encode_write, text
from sandboxes.docker_sandbox import DockerSandbox
from sandboxes.warden.build import HERE, sources
from tests.services.toolchain import APT, ToolchainError, run

pytestmark = pytest.mark.docker
SANITIZED = (
    "gcc",
    "-std=c11",
    "-g",
    "-O1",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-static-libasan",
    "-static-libubsan",
)
SEEDS = (
    ("R", encode_command(Command((b"true",), 5.0))),
    ("R", encode_command(Command((b"sh", b"-c", b"head -c 100000 /dev/zero; cat"), 5.0, flags=7, environment=(b"A=1",), stdin=b"xy", head=1000, tail=333))),
    ("T", encode_tree(b"/workspace", items=1000, content=1000, budget=20000)),
    ("T", encode_tree(b"/workspace", items=10, content=0, budget=0)),
    ("G", encode_get(b"/etc/passwd", 1, 100)),
    ("W", encode_write(b"/workspace/a/b", 0o644, b"content")),
    ("D", text(b"/workspace/a")),
    ("K", b""),
    ("C", b""),
)  # fmt: skip
FRAMES = 4000
# Something for the looks to find: files around every cap, links, folders, a FIFO, a name of bytes, an unreadable one.
FURNISH = (
    "mkdir -p d/e/f; for n in 0 1 999 1000 1001 5000 70000 300000; do head -c $n /dev/urandom > f$n; done; ln -s f1 l; mkfifo p; "
    "touch $'\\xff'; touch u; chmod 0 u; ln -s $(printf '%900s' | tr ' ' x) long"
)


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory: pytest.TempPathFactory, client, derive_from, base) -> Iterator[object]:
    """An image whose warden carries its own inspectors."""
    binary = tmp_path_factory.mktemp("sanitized") / "warden"
    try:
        build_sanitized(binary)
    except ToolchainError as fault:
        pytest.fail(str(fault), pytrace=False)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo(".longhaul/warden")
        member.size, member.mode = binary.stat().st_size, 0o755
        tar.addfile(member, io.BytesIO(binary.read_bytes()))
    return derive_from(base.reference, out.getvalue())


def build_sanitized(binary: Path) -> None:
    """With the compiler and libraries of the distribution, brought where they may be; raises ToolchainError, for a skip would hide it."""
    log = binary.parent / "build.log"
    if missing := missing_packages():
        if os.geteuid() != 0 or os.environ.get("NO_INSTALL", "") not in {"", "0"} or shutil.which("apt-get") is None:
            raise ToolchainError(f"the warden under ASan and UBSan needs: apt-get install {' '.join(missing)}")
        for argv in ((*APT, "update"), (*APT, "install", *missing)):
            run(argv, log, {"DEBIAN_FRONTEND": "noninteractive"})
    run((*SANITIZED, "-o", str(binary), *sources()), log, cwd=HERE)


def missing_packages() -> tuple[str, ...]:
    """The Debian packages that are missing; a compiler that can't link a sanitized program lacks the libraries, which come with it."""
    if shutil.which("gcc") is None:
        return ("gcc", "libc6-dev")
    argv = (*SANITIZED, "-x", "c", "-o", "/dev/null", "-")
    tried = subprocess.run(argv, input=b"#include <stdio.h>\nint main(void) { return 0; }\n", capture_output=True, check=False)
    if tried.returncode == 0:
        return ()
    major = subprocess.run(("gcc", "-dumpversion"), capture_output=True, text=True, check=True).stdout.partition(".")[0].strip()
    return (f"libgcc-{major}-dev", "libc6-dev")


def order_for(image: object, order_of) -> object:
    # Leaks are looked for with ptrace, which nobody has here; the warden lives as long as its container anyway.
    options = (("ASAN_OPTIONS", "detect_leaks=0:allocator_may_return_null=1"),)
    return order_of(image, environment=options, memory_mb=1024)


def mutate(payload: bytes, chance: random.Random) -> bytes:
    """Bits flipped, pieces cut, doubled or thrown in, whole numbers made extreme."""
    data = bytearray(payload)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.randrange(9)]
            case 2:
                data[at:at] = data[at : at + 8]
            case 3:
                data[at:at] = chance.randbytes(chance.randrange(20))
            case _:
                data[at : at + 4] = struct.pack(
                    "<I", chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 20))
                )
    return bytes(data)


def throw(channel: Channel, chance: random.Random) -> None:
    kind, payload = chance.choice(SEEDS)
    if chance.random() < 0.1:
        kind, payload = chr(chance.randrange(256)), chance.randbytes(chance.randrange(200))
    channel._send(
        encode(kind, chance.choice((0, 1, 7, 0xFFFFFFFF, chance.randrange(1 << 32))), mutate(payload, chance))
    )


def settle(channel: Channel, number: int) -> None:
    """Hear everything up to the refusal of a frame that does not exist."""
    channel._send(encode("?", number))
    until = time.monotonic() + 60
    while True:
        frame = channel._hear(until)
        if (frame.kind, frame.id) == ("F", number):
            return


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_frame_harms_the_warden(sanitized, order_of, seed: int) -> None:
    """Thousands of random and mutated frames: every one is answered or refused, no sanitizer speaks, and work goes on."""
    chance = random.Random(seed)
    with create().open(order_for(sanitized, order_of)) as sandbox:
        channel = sandbox._channel
        sandbox.shell(FURNISH, deadline=60)
        for number in range(FRAMES):
            throw(channel, chance)
            if number % 20 == 0:
                settle(channel, 0xABCD0000 + number)
        channel.ask("K")
        settle(channel, 0xABCDFFFF)
        assert channel._words == b""
        check_works(sandbox)


def check_works(sandbox: DockerSandbox) -> None:
    sandbox._channel._number = 1 << 30
    assert sandbox.exec(("echo", "well"), deadline=60).stdout == b"well\n"


def test_a_frame_that_cannot_be_one_ends_the_warden(sanitized, order_of) -> None:
    """A length over the limit means that the stream is lost: the container ends rather than guess."""
    with create().open(order_for(sanitized, order_of)) as sandbox:
        sandbox._channel._send(b"\xff\xff\xff\xff\x00\x00\x00\x00\x00")
        with pytest.raises(SandboxError, match="container gone"):
            sandbox.shell("true", deadline=5)


def test_a_day_of_work_under_sanitizers(sanitized, order_of) -> None:
    """The same binary does what the shipped one does: output at both ends, kills, looks, state, with no sanitizer's word."""
    with create().open(order_for(sanitized, order_of)) as sandbox:
        for number in range(30):
            assert (
                sandbox.shell(
                    f"echo {number} > f{number}; ln -s x l{number}; mkdir d{number}; cd d{number}; cd ..", deadline=60
                ).exit_code
                == 0
            )
            assert len(sandbox.changes().entries) == 3
        sandbox.shell(
            "for n in 1 65536 65537 8388608 8388609 20000000; do head -c $n /dev/urandom > big$n; done", deadline=60
        )
        digests = {entry.path: entry.sha256 for entry in sandbox.changes().entries}
        told = sandbox.exec(("sh", "-c", "sha256sum big*"), deadline=60).stdout.split()
        assert digests == {told[at + 1]: told[at].decode() for at in range(0, len(told), 2)}
        assert sandbox.shell("head -c 40000000 /dev/zero", deadline=100).total == 40_000_000
        told = sandbox.shell("for i in 1 2 3; do (setsid sleep 100 &) done; yes", deadline=0.5)
        assert told.exit_code == 137
        sandbox.shell("rm -rf *", deadline=60)
        assert len(sandbox.changes().removed) == 96
        assert sandbox._channel._words == b""


def test_the_folder_of_sources_is_complete() -> None:
    """What is built here is what is shipped."""
    assert {Path(name).suffix for name in sources()} == {".c"}
