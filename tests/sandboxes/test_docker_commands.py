"""Commands: what a shell keeps, what a result says, whatever the output is made of."""

from __future__ import annotations

import hashlib

import pytest

from harness.core.machine import Ended
from sandboxes.docker_sandbox import DockerSandbox

pytestmark = pytest.mark.docker


def test_the_shell_keeps_directory_and_exports(sandbox: DockerSandbox) -> None:
    """Directory and exported variables live on, whatever bytes they hold; unexported ones do not."""
    first = sandbox.shell("export A=$'line\\nquote\"\\xff' B=; C=3; mkdir -p \"d 'x\"; cd d*", deadline=20)
    assert (first.state_kept, first.exit_code, first.cwd) == (True, 0, "/workspace/d 'x")
    told = sandbox.shell('printf "%s|%s|%s|" "$A" "${B-unset}" "${C-unset}"; cd -', deadline=20)
    assert told.output == b'line\nquote"\xff||unset|/workspace\n'


@pytest.mark.parametrize(
    "ending", ["exit 3", "set -e; cd /tmp; (exit 3); echo no", "cd /tmp; (exit 3)", "cd /tmp; exit 3"]
)
def test_the_state_outlives_a_failing_command(sandbox: DockerSandbox, ending: str) -> None:
    """However a shell ends by itself, its status and its state arrive."""
    told = sandbox.shell(ending, deadline=20)
    assert (told.exit_code, told.state_kept) == (3, True)


@pytest.mark.parametrize(("signal", "code"), [("TERM", 143), ("SEGV", 139), ("KILL", 137), ("HUP", 129)])
def test_a_shell_that_dies_of_a_signal_says_so(sandbox: DockerSandbox, signal: str, code: int) -> None:
    """A signal to the shell itself is its status, as a plain `bash -c` would tell it."""
    assert sandbox.shell(f"true; kill -{signal} $$; sleep 5", deadline=20).exit_code == code


def test_traps_of_the_commands_own_still_run(sandbox: DockerSandbox) -> None:
    """An EXIT trap set by the command runs and keeps the status; the state is then the one from before."""
    told = sandbox.shell("trap 'echo bye' EXIT; cd /tmp; (exit 4)", deadline=20)
    assert (told.output, told.exit_code, told.state_kept) == (b"bye\n", 4, False)


def test_after_a_kill_the_state_is_the_one_before(sandbox: DockerSandbox) -> None:
    """A command over its deadline leaves directory and variables as they were, and says so."""
    sandbox.shell("cd /tmp; export A=1", deadline=20)
    told = sandbox.shell("cd /; export A=2; sleep 100", deadline=0.3)
    assert (told.ended, told.state_kept, told.cwd) == (Ended.DEADLINE, False, "/tmp")
    assert sandbox.shell("pwd; echo $A", deadline=20).output == b"/tmp\n1\n"


def test_a_removed_directory_is_said(sandbox: DockerSandbox) -> None:
    """A working directory that is gone brings the next command to the task's own, with a word about it."""
    sandbox.shell("mkdir gone; cd gone; rmdir ../gone", deadline=20)
    told = sandbox.shell("pwd", deadline=20)
    assert told.output.endswith(b"/workspace\n")
    assert b"running in the working directory" in told.output


def test_the_environment_is_the_agents(sandbox: DockerSandbox) -> None:
    """HOME, USER, LOGNAME and SHELL are the agent's, no variable of the engine's host comes along, and exec adds its own."""
    told = sandbox.exec(("sh", "-c", "echo $HOME $USER $LOGNAME $SHELL $X"), deadline=20, environment={"X": "1"})
    assert told.stdout == b"/home/agent agent agent /bin/bash 1\n"
    assert sandbox.exec(("sh", "-c", "echo $X; whoami; pwd"), deadline=20).stdout == b"\nagent\n/workspace\n"


@pytest.mark.parametrize(
    "data", [b"", b"no final newline", bytes(range(256)) * 9, b"\0" * 70_000, b"\xed\xa0\x80\xff\xfe"]
)
def test_output_is_exact(sandbox: DockerSandbox, data: bytes) -> None:
    """NUL, invalid UTF-8, no final newline: every byte comes back, on both streams, and stdin arrives whole."""
    told = sandbox.exec(("sh", "-c", "tee /dev/stderr"), deadline=20, stdin=data)
    assert (told.stdout, told.stderr) == (data, data)
    assert (told.stdout_total, told.stderr_total, told.exit_code) == (len(data), len(data), 0)


def test_a_hundred_megabytes_are_counted_and_kept_at_both_ends(sandbox: DockerSandbox) -> None:
    """Sixteen MiB cross, eight of each end, and the total is exact."""
    lines = b"".join(b"%09d\n" % number for number in range(10_000_000))
    told = sandbox.shell(
        "python3 -c \"import sys\nfor n in range(100): sys.stdout.write(''.join('%09d\\n' % i for i in range(n*100000, n*100000+100000)))\"",
        deadline=120,
    )
    assert told.total == len(lines) == 100_000_000
    half = 8 << 20
    assert told.output == lines[:half] + lines[-half:]
    assert told.ended is Ended.EXITED


def test_stdin_of_a_shell_is_empty(sandbox: DockerSandbox) -> None:
    """A command that reads finds the end at once; one that does not read its input is not held up by it."""
    assert sandbox.shell("cat; read x; echo $?", deadline=20).output == b"1\n"
    big = b"x" * (8 << 20)
    assert sandbox.exec(("true",), deadline=20, stdin=big).exit_code == 0
    told = sandbox.exec(("sha256sum",), deadline=20, stdin=big)
    assert told.stdout.split()[0] == hashlib.sha256(big).hexdigest().encode()


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("nonesuch",), 127, b"No such file"),
        (("/etc/hostname",), 126, b"Permission denied"),
        (("sh", "a\0b"), 126, b"NUL"),
    ],
)
def test_what_cannot_run_is_data(sandbox: DockerSandbox, argv: tuple[str, ...], code: int, says: bytes) -> None:
    """A program that is missing, is none, or can't be named is a result and no fault."""
    told = sandbox.exec(argv, deadline=20)
    assert told.exit_code == code
    assert says in told.stderr


def test_hostile_command_texts_are_data(sandbox: DockerSandbox) -> None:
    """NUL, a lone surrogate, a text too long for the kernel and a syntax error each give a result."""
    assert sandbox.shell("echo \0", deadline=20).exit_code == 126
    assert sandbox.shell("echo '\ud800'", deadline=20).output == b"\xed\xa0\x80\n"
    assert sandbox.shell(f": {'x' * 200_000}", deadline=20).exit_code == 126
    assert sandbox.shell("if", deadline=20).exit_code == 2
    assert sandbox.shell('echo "$1$#"', deadline=20).output == b"0\n"


def test_the_signal_dispositions_are_clean(sandbox: DockerSandbox) -> None:
    """Commands do not inherit what PID 1 ignores: a closed pipe ends its writer."""
    assert sandbox.shell("yes | head -1 > /dev/null; echo ${PIPESTATUS[0]}", deadline=20).output == b"141\n"
