"""An agent that attacks its sandbox harms at most its own command."""

from __future__ import annotations

import importlib.util
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

from harness.core.machine import Ended
from sandboxes.docker_sandbox import DockerSandbox

pytestmark = pytest.mark.docker
WORK = PurePosixPath("/workspace")


def load_attacks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("attacks", Path(__file__).with_name("attacks.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENDLESS: dict[str, str] = load_attacks().ENDLESS


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_a_deadline_leaves_no_survivor(sandbox: DockerSandbox, name: str) -> None:
    """Whatever a command started is gone after its deadline, what an earlier one left running is not, and the next one answers."""
    assert sandbox.shell("sleep 1234 & echo started", deadline=20).output == b"started\n"
    told = sandbox.shell(ENDLESS[name], deadline=0.5)
    assert told.ended is Ended.DEADLINE
    assert told.exit_code == 137
    assert not told.state_kept
    # A killed process takes a moment to die where 500 others want the processor; a survivor would still be there at the last look.
    assert any(sandbox.changes().alive == 1 for _ in range(200)), "only the earlier sleeper"
    assert sandbox.shell("pgrep -xf 'sleep 1234' | wc -l", deadline=20).output == b"1\n"
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"


@pytest.mark.parametrize(
    ("attack", "says"),
    [
        ("kill -9 1", b"not permitted"),
        ("kill -STOP 1", b"not permitted"),
        ("kill -9 $PPID", b"not permitted"),
        ("kill -TERM $PPID", b"not permitted"),
        ("prlimit --pid 1 --nofile=3", b"not permitted"),
        ("prlimit --pid $PPID --cpu=1", b"not permitted"),
        ("renice -n 19 -p 1", b"not permitted"),
        ("taskset -p 1 1", b"not permitted"),
        ("ls -l /proc/1/fd", b"Permission denied"),
        ("cat /proc/1/environ", b"Permission denied"),
        ("cat /proc/1/maps", b"Permission denied"),
        ("head -c 1 /proc/1/mem", b"Permission denied"),
        ("echo x > /proc/1/fd/1", b"Permission denied"),
        ("cat < /proc/1/fd/0", b"Permission denied"),
        ("echo 1000 > /proc/1/oom_score_adj", b"Permission denied"),
        ("unshare -U true", b"not permitted"),
        ("mount -t tmpfs none /tmp", b"must be superuser"),
        ("echo x > /.longhaul/warden", b"denied"),
        ("mv /.longhaul /tmp", b"denied"),
        ("/.longhaul/warden", b"PID 1"),
    ],
)
def test_pid_1_cannot_be_touched(sandbox: DockerSandbox, attack: str, says: bytes) -> None:
    """Signals, limits, priority, memory, descriptors and file of the warden and of supervisors are out of the agent's reach."""
    told = sandbox.shell(f"export LC_ALL=C; {attack}; echo still here", deadline=20)
    assert says in told.output.lower() or says in told.output
    assert told.output.endswith(b"still here\n")
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"


def test_killing_everything_kills_only_the_agents_own(sandbox: DockerSandbox) -> None:
    """`kill -9 -1` ends the agent's processes, the shell that says it too, and no more."""
    sandbox.shell("sleep 1000 & sleep 1000 &", deadline=20)
    told = sandbox.exec(("python3", "-c", "import os; os.kill(-1, 9); print('alone')"), deadline=20)
    assert told.stdout == b"alone\n"
    assert sandbox.changes().alive == 0
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"


def test_status_cannot_be_forged(sandbox: DockerSandbox) -> None:
    """Redefined builtins of an earlier command, written frames and a killed shell do not change what wait tells."""
    functions = "".join(
        f"{name}() {{ builtin exit 0; }}; export -f {name}; " for name in ("printf", "eval", "shift", "trap", "exit")
    )
    sandbox.shell(functions, deadline=20)
    told = sandbox.shell("(builtin exit 7)", deadline=20)
    assert told.exit_code == 7
    frame = "import struct,sys; sys.stdout.buffer.write(struct.pack('<IBI', 44, 88, 3) + bytes(44))"
    told = sandbox.shell(f'python3 -c "{frame}"; false', deadline=20)
    assert (told.exit_code, told.total) == (1, 53)
    told = sandbox.shell("kill -KILL $$", deadline=20)
    assert (told.exit_code, told.ended, told.state_kept) == (137, Ended.EXITED, False)


def test_a_hidden_state_descriptor_fools_only_its_owner(sandbox: DockerSandbox) -> None:
    """An agent that writes its own shell state gets that state, or the one from before, and nothing else happens."""
    told = sandbox.shell("head -c 9000000 /dev/zero >&200; cd /tmp", deadline=20)
    assert not told.state_kept
    assert sandbox.shell("pwd", deadline=20).output == b"/workspace\n"
    sandbox.shell("printf '/usr\\0A=1\\0\\0' >&200; exec true", deadline=20)
    assert sandbox.shell("pwd; echo $A", deadline=20).output == b"/usr\n1\n"
    told = sandbox.shell("printf '/gone\\0A=1\\0\\0' >&200; exec true", deadline=20)
    assert b"running in the working directory" in sandbox.shell("pwd", deadline=20).output


def test_an_earlier_bomb_is_ended_before_the_harvest(sandbox: DockerSandbox) -> None:
    """A bomb left running in the background refuses new commands with a named result, and nothing of it outlives the harvest."""
    sandbox.shell(f"({ENDLESS['spinning forkers']}) > /dev/null 2>&1 &", deadline=20)
    told = sandbox.shell("true", deadline=20)
    assert told.exit_code in (0, 126, 254)
    assert len(sandbox.harvest(WORK)) > 0
    assert sandbox.changes().alive == 0
    assert sandbox.shell("echo well", deadline=20).output == b"well\n"


def test_background_writers_do_not_delay_or_die(sandbox: DockerSandbox) -> None:
    """A flood in the background neither holds up the answer nor gets a broken pipe."""
    told = sandbox.shell("(yes & echo $! > pid); true", deadline=20)
    assert told.ended is Ended.EXITED
    assert sandbox.shell("kill -0 $(cat pid) && echo alive", deadline=20).output == b"alive\n"
