"""What an agent does to wear out PID 1: its memory, its descriptors, its priority, the processes it might lean on."""

from __future__ import annotations

import time
from pathlib import PurePosixPath as Path

import pytest

from harness.core.machine import Ended
from sandboxes.docker import create
from sandboxes.docker_frames import Command, decode_error, encode, encode_command
from sandboxes.docker_sandbox import DockerSandbox

pytestmark = pytest.mark.docker
# As many files as would need 240 MB of paths, since their folder alone has one of 4,000 bytes.
LONG_PATHS = (
    "python3 -c \"import os\nfor _ in range(20):\n    os.mkdir('d' * 199); os.chdir('d' * 199)\n"
    'for n in range(60000): os.close(os.open(str(n), os.O_CREAT))"'
)
RENICE = (
    "python3 -c \"import os\nwhile True:\n    try:\n        os.setpriority(os.PRIO_PROCESS, 1, 19); open('done', 'w')\n"
    '    except OSError: pass" > /dev/null 2>&1 &'
)

# Takes every process that there is, and any that is freed later.
FILL = (
    '(python3 -c "import os, time\nwhile True:\n    try:\n        if not os.fork(): time.sleep(1000)\n'
    "    except OSError: open('full', 'w')\" > /dev/null 2>&1 &); until [ -e full ]; do :; done"
)


def test_no_tree_drives_the_warden_out_of_memory(base, order_of) -> None:
    """A tree whose paths alone are more than the container's memory is seen in part, and said to be."""
    with create().open(order_of(base, memory_mb=192)) as sandbox:
        assert sandbox.shell(LONG_PATHS, deadline=300).exit_code == 0
        for _ in range(2):
            assert sandbox.changes().truncated
        assert sandbox.shell("rm -rf d*; echo x > f; echo well", deadline=300).output == b"well\n"
        delta = sandbox.changes()
        assert (delta.truncated, [entry.path for entry in delta.entries]) == (False, [b"f"])


def test_a_file_near_the_memory_limit_is_read(base, order_of) -> None:
    """A long file crosses in pieces: PID 1 never holds more than one."""
    with create().open(order_of(base, memory_mb=48)) as sandbox:
        sandbox.shell("head -c 60000000 /dev/zero > f", deadline=60)
        assert len(sandbox.read(Path("f"))) == 60_000_000


def test_readings_need_no_process(base, order_of) -> None:
    """With no process left to be started, and nothing the agent could stop or rewrite, the counters are read all the same."""
    with create().open(order_of(base, pids=24)) as sandbox:
        assert sandbox.shell(FILL, deadline=60).exit_code == 0
        readings = sandbox.resources()
        assert (readings.memory_kills, readings.memory_limit) == (0, 512 << 20)
        assert readings.host_load is not None


def test_the_state_is_kept_whatever_the_descriptors(base, order_of) -> None:
    """As many jobs left running as make the warden's descriptors pass the one on which a shell tells its state."""
    with create().open(order_of(base, pids=1000)) as sandbox:
        for _ in range(75):
            assert sandbox.exec(("sh", "-c", "sleep 1000 &"), deadline=20).exit_code == 0
        assert all(sandbox.shell("sleep 1000 &", deadline=20).state_kept for _ in range(45))
        assert sandbox.changes().alive == 120


def test_the_wardens_priority_stays_its_own(sandbox: DockerSandbox) -> None:
    """PID 1 never takes the agent's uid, not for the moment of a kill: a process that waits for it to renice it waits in vain."""
    sandbox.shell(RENICE, deadline=20)
    for _ in range(40):
        assert sandbox.shell("sleep 100", deadline=0.02).ended is Ended.DEADLINE
    assert sandbox.shell("ls done; cut -d' ' -f19 /proc/1/stat", deadline=20).output.endswith(b"\n0\n")


def test_a_second_command_is_refused_while_one_runs(sandbox: DockerSandbox) -> None:
    """One at a time: a harness that lost count hears so instead of being served twice."""
    channel = sandbox._channel
    first = channel._say("R", encode_command(Command((b"/bin/sleep", b"100"), 100.0)))
    frame = channel.ask("R", encode_command(Command((b"/bin/true",), 5.0)))
    assert (frame.kind, decode_error(frame.payload)) == ("F", 16)
    channel._send(encode("C", first))
    until = time.monotonic() + 20
    while channel._hear(until).kind != "X":
        pass
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"
