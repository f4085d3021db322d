"""Frames, policy and proof are pure, so properties and tables say what they do."""

from __future__ import annotations

import errno
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import SandboxError
from harness.core.machine import PreparedImage, User
from harness.core.task import ImageTag, Place
from sandboxes.docker_confinement import find_holes, read_proof
from sandboxes.docker_frames import (
    decode_error,
    decode_hello,
    decode_items,
    decode_state,
    encode,
    engine_chunks,
    frames,
    text,
)
from sandboxes.docker_policy import Options, settings
from sandboxes.docker_readings import read_resources, split_shown

IMAGE = PreparedImage("ref", "sha256:a", "sha256:b", "amd64", "/work")


@given(
    st.lists(st.tuples(st.sampled_from("HOEXIZ"), st.integers(0, 2**32 - 1), st.binary(max_size=300))),
    st.integers(1, 50),
)
def test_frames_survive_any_cut(sent: list[tuple[str, int, bytes]], piece: int) -> None:
    """However the stream is cut, the same frames come out, and nothing is left."""
    stream = b"".join(encode(kind, number, payload) for kind, number, payload in sent)
    buffer, heard = bytearray(), []
    for at in range(0, len(stream), piece):
        buffer += stream[at : at + piece]
        heard += [(frame.kind, frame.id, frame.payload) for frame in frames(buffer)]
    assert heard == sent
    assert not buffer


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parsers(data: bytes) -> None:
    """Random bytes are incomplete, are frames, or are a SandboxError; never another exception."""
    for parse in (engine_chunks, frames):
        try:
            list(parse(bytearray(data)))  # type: ignore[operator]
        except SandboxError:
            continue


@given(
    st.lists(
        st.binary(min_size=1, max_size=30).filter(
            lambda row: b"\0" not in row and not row.startswith((b"_=", b"SHLVL=", b"BASH_FUNC"))
        )
    )
)
def test_a_state_told_whole_is_kept(rows: list[bytes]) -> None:
    """Directory and variables come back byte for byte; one byte less and nothing is kept."""
    told = b"".join(row + b"\0" for row in (b"/x", *rows)) + b"\0"
    assert decode_state(told) == (b"/x", tuple(rows))
    assert decode_state(told[:-1]) is None or told[:-1].endswith(b"\0\0")


@pytest.mark.parametrize("told", [b"", b"\0\0", b"x\0\0", b"/x", b"/x\0A=1\0"])
def test_a_broken_state_is_none(told: bytes) -> None:
    """Cut, empty and relative states are not taken."""
    assert decode_state(told) is None


def test_another_version_is_named() -> None:
    """An image derived by another longhaul is refused with what to do."""
    hello = (9).to_bytes(4, "little") + bytes(4) + text(b"/bin/sh")
    with pytest.raises(SandboxError, match="derive the image anew"):
        decode_hello(hello)


def test_linux_errors_are_this_machines() -> None:
    """Numbers that differ between systems are translated."""
    assert decode_error((40).to_bytes(4, "little")) == errno.ELOOP
    assert decode_error((2).to_bytes(4, "little")) == errno.ENOENT


def test_items_are_decoded() -> None:
    """A file with content, a folder and a removal."""
    file = b"f" + (0o100644).to_bytes(4, "little") + (2).to_bytes(8, "little") + text(b"a\xff") + (2).to_bytes(4, "little") + b"hi"
    gone = b"r" + bytes(12) + text(b"b") + b"\xff" * 4
    first, second = decode_items(file + gone)
    assert first.entry is not None
    assert (first.entry.path, first.entry.kind, first.entry.mode, first.entry.data) == (b"a\xff", "file", 0o644, b"hi")
    assert first.entry.sha256 == hashlib.sha256(b"hi").hexdigest()
    assert (second.entry, second.removed) == (None, b"b")


def test_the_settings_confine() -> None:
    """No network, no mounts, three capabilities, no new privileges, limits as the place says, and our labels."""
    place = Place(ImageTag("x"), cpus=1.5, memory_mb=100, pids=7, environment=(("A", "1"),))
    body = settings(IMAGE, place, Options(), {"longhaul.run": "r"})
    host = body["HostConfig"]
    assert (host["NetworkMode"], host["CapDrop"], host["CapAdd"]) == ("none", ["ALL"], ["KILL", "SETGID", "SETUID"])
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (
        100 << 20,
        100 << 20,
        1_500_000_000,
        7,
    )
    assert not {"Binds", "Mounts", "VolumesFrom", "Devices"} & set(host)
    assert (body["User"], body["Tty"], body["StdinOnce"], body["NetworkDisabled"]) == ("0:0", False, True, True)
    assert "A=1" in body["Env"]
    fallback = settings(IMAGE, place, Options("zero-capability"), {})
    assert (fallback["User"], fallback["HostConfig"]["CapAdd"]) == ("1000:1000", [])


STATUS = "Name:\tx\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
SOUND = {
    "Config": {"Volumes": None},
    "HostConfig": {"NetworkMode": "none", "Privileged": False, "CapAdd": ["CAP_KILL", "CAP_SETGID", "CAP_SETUID"], "CapDrop": ["ALL"],
                   "SecurityOpt": ["no-new-privileges"], "IpcMode": "private", "PidMode": "", "Binds": None},
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "host", "hole"),
    [
        ({}, {}, ""),
        ({"1000\t1000\t1000\t1000": "0\t0\t0\t0"}, {}, "uid 0"),
        ({"0000000000000000": "0000000000000020"}, {}, "hold capabilities"),
        ({"NoNewPrivs:\t1": "NoNewPrivs:\t0"}, {}, "gain privileges"),
        ({"Seccomp:\t2": "Seccomp:\t0"}, {}, "system call filter"),
        ({}, {"Privileged": True}, "privileged"),
        ({}, {"CapAdd": ["CAP_KILL"]}, "capabilities added"),
        ({}, {"CapDrop": None}, "dropped none"),
        ({}, {"Binds": ["/:/host"]}, "bound folders"),
        ({}, {"NetworkMode": "bridge"}, "network bridge"),
        ({}, {"IpcMode": "host"}, "shared namespaces"),
        ({}, {"SecurityOpt": ["seccomp=unconfined"]}, "unconfined"),
    ],
)
def test_each_hole_is_found_by_name(status: dict[str, str], host: dict[str, object], hole: str) -> None:
    """One loosened setting is one named hole; a sound container has none."""
    words = STATUS
    for old, new in status.items():
        words = words.replace(old, new)
    inspected = {**SOUND, "HostConfig": SOUND["HostConfig"] | host}  # type: ignore[operator]
    proof = read_proof({"/proc/self/status": words}, inspected, "full", User())
    holes = list(find_holes(proof, inspected, Place(ImageTag("x")), User()))
    assert len(holes) == (1 if hole else 0)
    assert not hole or hole in holes[0]


def test_foreign_mounts_and_routes_are_seen() -> None:
    """What the runtime mounts itself is no hole; anything else, and any route beyond lo, is counted."""
    shown = split_shown(
        b"==> /proc/self/mountinfo\n1 2 0:1 / / rw - overlay\n1 2 0:1 / /proc/bus ro - proc\n1 2 0:1 /f /etc/hosts rw - ext4\n1 2 0:1 /f /data rw - ext4\n"
        b"==> /proc/net/route\nIface\tDestination\neth0\t0000\n==> /proc/net/ipv6_route\n00 00 lo\n"
    )
    proof = read_proof(shown, SOUND, "full", User())
    assert (proof.mounts, proof.routes) == (("/data",), 1)


def test_counters_of_both_generations() -> None:
    """Version 1 and version 2 say the same in other files; what a kernel does not tell is None."""
    v2 = {"/sys/fs/cgroup/memory.peak": "5\n", "/sys/fs/cgroup/memory.max": "max\n", "/sys/fs/cgroup/memory.events": "oom 9\noom_kill 3\n",
          "/sys/fs/cgroup/cpu.stat": "throttled_usec 1500000\n", "/proc/loadavg": "0.5 1 1\n"}  # fmt: skip
    v1 = {"/sys/fs/cgroup/memory/memory.max_usage_in_bytes": "5\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
          "/sys/fs/cgroup/memory/memory.oom_control": "under_oom 0\noom_kill 3\n", "/sys/fs/cgroup/cpu/cpu.stat": "throttled_time 1500000000\n",
          "/proc/loadavg": "0.5 1 1\n"}  # fmt: skip
    shown = "".join(f"==> {name}\n{content}" for name, content in v2.items())
    assert split_shown(shown.encode()) == v2
    one, two, none = read_resources(v1), read_resources(v2), read_resources({})
    assert one == two
    assert (two.memory_peak, two.memory_limit, two.memory_kills, two.throttled_s, two.host_load) == (
        5,
        None,
        3,
        1.5,
        0.5,
    )
    assert (none.memory_peak, none.memory_kills, none.throttled_s) == (None, None, None)
