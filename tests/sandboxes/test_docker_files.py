"""Files by the agent's rights: exact, atomic, and with the errors that a local call would raise."""

from __future__ import annotations

from pathlib import PurePosixPath as Path

import pytest

from sandboxes.docker_sandbox import DockerSandbox

pytestmark = pytest.mark.docker


def test_what_is_written_is_read(sandbox: DockerSandbox) -> None:
    """Bytes, parent folders, relative and absolute paths, five megabytes and none."""
    for path, data in (
        ("a/b/c", bytes(range(256))),
        ("/workspace/empty", b""),
        ("big", b"\xff\0" * 2_500_000),
        ("o\nd'd \xff", b"x"),
    ):
        sandbox.write(Path(path), data)
        assert sandbox.read(Path(path)) == data
    assert sandbox.shell("stat -c '%u %a' a a/b/c", deadline=20).output == b"1000 755\n1000 644\n"


def test_a_mode_is_kept_or_given(sandbox: DockerSandbox) -> None:
    """An existing file keeps its mode unless told; links are written through; no temporary file stays."""
    sandbox.shell("echo x > f; chmod 751 f; ln -s f l", deadline=20)
    sandbox.write(Path("l"), b"new")
    assert (
        sandbox.shell("stat -c '%a %F' f l; cat f", deadline=20).output == b"751 regular file\n777 symbolic link\nnew"
    )
    sandbox.write(Path("f"), b"", mode=0o600)
    assert sandbox.shell("stat -c %a f; ls -A", deadline=20).output == b"600\nf\nl\n"


@pytest.mark.parametrize(
    ("path", "error"),
    [("none", FileNotFoundError), ("/workspace", IsADirectoryError), ("/etc/shadow", PermissionError), ("fifo", PermissionError),
     ("/dev/zero", PermissionError), ("/proc/self/maps", PermissionError), ("/proc/1/environ", PermissionError),
     ("file/x", NotADirectoryError), ("x" * 300, OSError), ("a\0b", OSError), ("loop", OSError), ("sparse", OSError)],
)  # fmt: skip
def test_reading_fails_like_a_local_call(sandbox: DockerSandbox, path: str, error: type[OSError]) -> None:
    """Missing, folders, others' files, FIFOs, devices, the warden's own /proc and files over the limit are OSErrors by kind."""
    sandbox.shell("mkfifo fifo; echo > file; ln -s loop loop; truncate -s 1G sparse; touch /etc/shadow", deadline=20)
    with pytest.raises(error):
        sandbox.read(Path(path))


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/etc/new", PermissionError),
        ("/workspace", IsADirectoryError),
        ("file/x", OSError),
        ("fifo", OSError),
        ("/proc/self/mem", OSError),
    ],
)
def test_writing_fails_like_a_local_call(sandbox: DockerSandbox, path: str, error: type[OSError]) -> None:
    """Where the agent may not write, neither may the harness in its name; nothing is left behind."""
    sandbox.shell("mkfifo fifo; echo > file", deadline=20)
    with pytest.raises(error):
        sandbox.write(Path(path), b"x")
    assert sandbox.shell("ls -A", deadline=20).output == b"fifo\nfile\n"


def test_removing(sandbox: DockerSandbox) -> None:
    """A file, a link (not its target), a folder with all in it; a missing path is fine; another's file is not ours."""
    sandbox.shell("mkdir -p d/e t; echo > d/e/f; echo > t/kept; ln -s ../t d/l; ln -s t link; echo > file", deadline=20)
    for path in ("d", "link", "file", "none"):
        sandbox.remove(Path(path))
    assert sandbox.shell("ls -A; ls t", deadline=20).output == b"t\nkept\n"
    with pytest.raises(PermissionError):
        sandbox.remove(Path("/etc/passwd"))
