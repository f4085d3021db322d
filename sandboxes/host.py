"""A temporary folder on this machine, without any isolation: for corpora of our own scripts, never for an agent."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import stat
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from harness.core.errors import SandboxError
from harness.core.machine import (
    Confinement,
    Ended,
    Exec,
    Resources,
    SandboxFacts,
    ShellKept,
    ShellResult,
    TreeDelta,
    TreeEntry,
)
from harness.core.ports import Order

SCRIPT: Final = 'trap \'{ pwd; env -0; } >"$LONGHAUL_STATE"\' EXIT; __command=$1; shift; eval "$__command"'
NOTHING_PROVEN: Final = Confinement("none", os.getuid(), "unknown", False, 0, 0, (), "host", False, (), ())
STATE: Final = "LONGHAUL_STATE"


def create() -> HostSandboxes:
    """Takes no option: there is nothing to choose where nothing is confined."""
    return HostSandboxes()


class HostSandboxes:
    """Opens folders; the image of an order is not looked at, its upload is."""

    @contextmanager
    def open(self, order: Order) -> Iterator[HostSandbox]:
        """Raises SandboxError when no folder can be made."""
        try:
            folder = Path(tempfile.mkdtemp(prefix="longhaul-host-"))
        except OSError as fault:
            raise SandboxError(f"no temporary folder: {fault}") from fault
        try:
            work = folder / "workspace"
            work.mkdir()
            if order.place.upload:
                shutil.copytree(order.place.upload, work, symlinks=True, dirs_exist_ok=True)
            if order.upload:
                with tarfile.open(fileobj=io.BytesIO(order.upload)) as tar:
                    tar.extractall(work, filter="data")
            yield HostSandbox(work.resolve(), folder / "state", dict(order.place.environment))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class HostSandbox:
    """The port over plain subprocesses; commands keep their process group until the deadline, and only the group is killed."""

    def __init__(self, work: Path, state: Path, environment: dict[str, str]) -> None:
        self._work, self._state = work, state
        self._cwd = work
        self._home = {"PATH": os.defpath, "HOME": str(work), "LANG": "C.UTF-8"} | environment
        self._environment = dict(self._home)
        self._seen: dict[bytes, tuple[int, ...]] = {}

    @property
    def facts(self) -> SandboxFacts:
        return SandboxFacts("host", "", "", "host", "/bin/bash", NOTHING_PROVEN, float(os.cpu_count() or 1), 0, 0)

    def shell(self, command: str, *, deadline: float) -> ShellResult:
        self._state.unlink(missing_ok=True)
        argv = ("bash", "-c", SCRIPT, "bash", command)
        environment = self._environment | {STATE: str(self._state)}
        done = run(argv, self._cwd, environment, deadline, merge=True)
        kept = self._take_state()
        return ShellResult(
            done.stdout, done.stdout_total, done.exit_code, done.ended, done.seconds, str(self._cwd), kept, done.killed
        )

    def exec(
        self,
        argv: tuple[str, ...],
        *,
        deadline: float,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Exec:
        return run(argv, self._work, self._home | dict(environment or {}), deadline, stdin=stdin)

    def read(self, path: PurePosixPath) -> bytes:
        return (self._work / path).read_bytes()

    def write(self, path: PurePosixPath, data: bytes, *, mode: int | None = None) -> None:
        target = (self._work / path).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = mode or (target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        part = target.with_name(f".longhaul-{time.monotonic_ns():x}")
        part.write_bytes(data)
        part.chmod(kept)
        part.replace(target)

    def remove(self, path: PurePosixPath) -> None:
        target = self._work / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def prime(self) -> TreeDelta:
        return self._look(content=False)

    def changes(self) -> TreeDelta:
        return self._look(content=True)

    def lay(self, entries: Iterable[TreeEntry]) -> None:
        for entry in entries:
            lay(self._work / os.fsdecode(entry.path), entry)

    def kept(self) -> ShellKept:
        rows = tuple(os.fsencode(f"{name}={value}") for name, value in self._environment.items())
        return ShellKept(os.fsencode(self._cwd), rows)

    def restore(self, kept: ShellKept) -> None:
        """A folder of another opening is gone with it; the shell then goes on from this one's."""
        rows = (os.fsdecode(row).partition("=") for row in kept.environment)
        there = Path(os.fsdecode(kept.cwd))
        self._cwd = there if there.is_dir() else self._work
        self._environment = {name: value for name, _, value in rows} or dict(self._home)

    def outside(self) -> tuple[str, ...] | None:
        """Nobody watches what is not in the folder."""
        return None

    def keep(self, _words: str) -> str:
        return ""

    def resources(self) -> Resources:
        return Resources()

    def harvest(self, path: PurePosixPath) -> bytes:
        out = io.BytesIO()
        target = self._work / path
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.add(target, arcname=target.name)
        return out.getvalue()

    def _take_state(self) -> bool:
        if not self._state.exists():
            return False
        cwd, _, rest = self._state.read_bytes().partition(b"\n")
        rows = (row.partition("=") for row in os.fsdecode(rest).split("\0") if row)
        self._cwd = Path(os.fsdecode(cwd))
        self._environment = {name: value for name, _, value in rows if name not in ("_", "SHLVL", STATE)}
        return True

    def _look(self, *, content: bool) -> TreeDelta:
        now = {os.fsencode(path.relative_to(self._work)): path for path in sorted(self._work.rglob("*"))}
        marks = {name: mark(path) for name, path in now.items()}
        entries = tuple(entry(name, now[name], content=content) for name in now if marks[name] != self._seen.get(name))
        removed = tuple(name for name in self._seen if name not in now)
        self._seen = marks
        return TreeDelta(entries, removed)


def mark(path: Path) -> tuple[int, ...]:
    """What a look remembers of a path; a folder's times change with its contents and say nothing."""
    found = path.lstat()
    if stat.S_ISDIR(found.st_mode):
        return (found.st_mode,)
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def entry(name: bytes, path: Path, *, content: bool) -> TreeEntry:
    found = path.lstat()
    mode, size = found.st_mode & 0o7777, found.st_size
    if stat.S_ISDIR(found.st_mode):
        return TreeEntry(name, "dir", mode, 0)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        return TreeEntry(name, "special", found.st_mode, 0)
    kind = "link" if stat.S_ISLNK(found.st_mode) else "file"
    if not content:
        return TreeEntry(name, kind, mode, size)  # type: ignore[arg-type]
    data = os.fsencode(path.readlink()) if kind == "link" else path.read_bytes()
    return TreeEntry(name, kind, mode, len(data), data, hashlib.sha256(data).hexdigest())  # type: ignore[arg-type]


def lay(path: Path, entry: TreeEntry) -> None:
    """One path, as the entry says; what stands there goes first, but for a folder in a folder's place."""
    folder = path.is_dir() and not path.is_symlink()
    if folder and entry.kind != "dir":
        shutil.rmtree(path)
    elif not folder:
        path.unlink(missing_ok=True)
    match entry.kind:
        case "dir":
            path.mkdir(parents=True, exist_ok=True)
        case "link":
            path.symlink_to(os.fsdecode(entry.data or b""))
        case "special":
            os.mkfifo(path)
        case _:
            path.write_bytes(entry.data or b"")
    if entry.kind != "link":
        path.chmod(stat.S_IMODE(entry.mode))


def run(
    argv: tuple[str, ...],
    cwd: Path,
    environment: dict[str, str],
    deadline: float,
    *,
    stdin: bytes = b"",
    merge: bool = False,
) -> Exec:
    """Run to the end or the deadline, in a process group of its own."""
    began = time.monotonic()
    err = subprocess.STDOUT if merge else subprocess.PIPE
    try:
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=err,
            start_new_session=True,
        )
    except OSError as fault:
        words = f"longhaul: {fault}\n".encode()
        return Exec(b"", words, 0, len(words), 127, Ended.EXITED, 0.0)
    end = Ended.EXITED
    try:
        out, errors = child.communicate(stdin, timeout=deadline)
    except subprocess.TimeoutExpired:
        end = Ended.DEADLINE
        os.killpg(child.pid, signal.SIGKILL)
        out, errors = child.communicate()
    code = child.returncode if child.returncode >= 0 else 128 - child.returncode
    killed = 1 if end is Ended.DEADLINE else 0
    errors = errors or b""
    return Exec(out, errors, len(out), len(errors), code, end, time.monotonic() - began, killed)
