"""One warm process that forks the workers: what they all have read and imported is in memory once, however many trials run at a time.

Measured with one provider loaded: a worker with an interpreter of its own costs 50 to 100 MB, a forked one a fraction of that.
The nursery has one thread, no open database and no connection, so that a fork of it is safe; it ends with the process that started it,
and workers end with it. Its stdin is a socket: requests with file descriptors come in, the ends of workers go out.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import NoReturn, Self

import msgspec

from harness.engine.workers import Interpreters, Start, Worker

LONGEST = 64
"""Bytes of a message: a word and one or two numbers."""
KEPT = frozenset({signal.SIGTERM, signal.SIGCHLD})


def starting(argv: tuple[str, ...], log: int) -> AbstractContextManager[Start]:
    """How workers are started on this system, with stderr going to the file `log`."""
    # Elsewhere a fork of a process that has looked at the network's settings may hang or be killed by the system's own libraries.
    return Nursery(argv, log) if sys.platform == "linux" else nullcontext(Interpreters(argv, log))


class Nursery:
    """The parent's side: a Start whose workers are forked. `argv` is the command that calls `tend`."""

    def __init__(self, argv: tuple[str, ...], log: int) -> None:
        self._argv, self._log = argv, log
        self._cords: list[_Cord] = []
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for cord in self._cords:
            cord.close()

    def __call__(self) -> Worker:
        """A new worker; a nursery that died is replaced."""
        if not self._cords or self._cords[-1].dead:
            self._cords.append(_Cord(self._argv, self._log))
        self._number += 1
        (inner_in, stdin), (stdout, inner_out) = os.pipe(), os.pipe()
        self._cords[-1].say(f"start {self._number}", inner_in, inner_out)
        os.close(inner_in)
        os.close(inner_out)
        return Worker(_Child(self._cords[-1], self._number), os.fdopen(stdin, "wb", buffering=0), os.fdopen(stdout, "rb", buffering=0))


class _Cord:
    """One nursery process and the socket to it."""

    def __init__(self, argv: tuple[str, ...], log: int) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(argv, stdin=theirs.fileno(), stdout=log, stderr=log, start_new_session=True)
        self._ended: dict[int, int] = {}
        self._silent = False

    @property
    def dead(self) -> bool:
        """A process closes its ends a moment before it can be waited for: one asked in between would take a trial along once more."""
        return self._silent or self._process.poll() is not None

    def say(self, words: str, *files: int) -> None:
        """A nursery that died this moment hears nothing; the ends of its workers' pipes then tell."""
        with suppress(OSError):
            socket.send_fds(self._channel, [words.encode()], files)

    def end_of(self, number: int) -> int:
        """The exit code of a worker; that of a killed one where the nursery died before it could say."""
        while number not in self._ended:
            told = b""
            with suppress(ConnectionResetError):
                told = self._channel.recv(LONGEST)
            if not told:
                self._silent = True
                return -signal.SIGKILL
            gone, code = told.split()
            self._ended[int(gone)] = int(code)
        return self._ended.pop(number)

    def close(self) -> None:
        self._channel.close()
        self._process.wait()


class _Child(msgspec.Struct, frozen=True):
    cord: _Cord
    number: int

    def signal(self, number: int) -> None:
        self.cord.say(f"signal {self.number} {int(number)}")

    def wait(self) -> int:
        return self.cord.end_of(self.number)


def is_nursery() -> bool:
    """Whether this process was started to be one."""
    with suppress(OSError), socket.socket(fileno=os.dup(0)) as channel:
        return channel.family == socket.AF_UNIX
    return False


def tend(work: Callable[[int], None]) -> None:
    """Fork a worker for each request until the other side is gone. `work` runs in each, with our process id, stdin and stdout its own.

    It begins with SIGTERM held back, so that none is lost before it has a handler.
    """
    channel = socket.socket(fileno=os.dup(0))
    alarm, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()  # what is here now is never looked at by a collection of the workers', which would copy its pages
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select((channel.fileno(), alarm), (), ())
        if alarm in ready:
            os.read(alarm, 4096)
            _reap(channel, children)
        if channel.fileno() in ready and not _asked(channel, children, work):
            return


def _reap(channel: socket.socket, children: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            with suppress(OSError):
                channel.send(f"{children.pop(pid)} {os.waitstatus_to_exitcode(status)}".encode())


def _asked(channel: socket.socket, children: dict[int, int], work: Callable[[int], None]) -> bool:
    """One request; False when nobody is there to ask."""
    try:
        data, files, _, _ = socket.recv_fds(channel, LONGEST, 2)
    except ConnectionResetError:
        return False
    match data.decode().split():
        case ["start", number]:
            children[_fork(files, channel, work)] = int(number)
        case ["signal", number, sign]:
            # Only what is not reaped yet is signalled, so that no stranger with a number used again is hit.
            for pid in [pid for pid, own in children.items() if own == int(number)]:
                os.kill(pid, int(sign))
        case _:
            return False
    return True


def _fork(files: list[int], channel: socket.socket, work: Callable[[int], None]) -> int:
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, KEPT)
    pid = os.fork()
    if pid == 0:
        _live(files, channel, work, parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, KEPT)
    for file in files:
        os.close(file)
    return pid


def _live(files: list[int], channel: socket.socket, work: Callable[[int], None], parent: int) -> NoReturn:
    """The worker's whole life; nothing of the nursery's own course is ever run in it."""
    code = 1
    try:
        channel.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.setsid()
        for file, end in zip(files, (0, 1), strict=True):
            os.dup2(file, end)
            os.close(file)
        work(parent)
        code = 0
    except BaseException:  # noqa: BLE001  as an interpreter of its own would end: the traceback to workers.log, and 1
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
