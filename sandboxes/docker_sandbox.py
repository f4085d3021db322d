"""An open container as a Sandbox: commands, files and looks over its channel."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import msgspec

from harness.core.errors import SandboxError, WorkspaceTooLargeError
from harness.core.machine import (
    Ended,
    Exec,
    PreparedImage,
    Resources,
    SandboxFacts,
    ShellKept,
    ShellResult,
    TreeDelta,
    TreeEntry,
)
from sandboxes.docker_archive import LONGEST
from sandboxes.docker_channel import Channel, Outcome, SilenceError
from sandboxes.docker_frames import (
    ADD,
    KEEP_STATE,
    KILLED,
    MAX_FILE,
    MERGE,
    Command,
    decode_error,
    decode_state,
    encode_write,
    text,
)
from sandboxes.docker_outside import FIND, MODIFIED, outside, tars, younger
from sandboxes.docker_policy import ROOT, WARDEN
from sandboxes.docker_readings import read_resources
from sandboxes.docker_tree import WALK_PATIENCE_S, TreeWatch, read_counters, read_whole

# The shell's last act is to let the warden tell directory and environment on a descriptor of its own: no file, no parsing. At the
# plain end the shell becomes the warden, which spares a fork; an `exit` or a signal must have the shell's own end, so there it is a child.
SCRIPT: Final = (
    f"trap '${{__done:+exec}} {WARDEN} state \"$?\"' EXIT; __command=$1; shift; "
    'eval "$__command"; __status=$? __done=1; exit $__status'
).encode()
NOT_STARTED: Final = 126
# A process over the longest-file limit dies of SIGXFSZ.
FILE_TOO_LONG: Final = 128 + 25
KILL_ALL_TRIES: Final = 3
FIND_LIMIT_S: Final = 60.0


class Hands(msgspec.Struct, frozen=True):
    """What only the engine can do for a container.

    `take` a folder out; `disk_full`: its disk is; `lay` a tar over the root; `changed`: paths that differ from the image's (path, kind);
    `keep`: the container as an image with this remark, its id.
    """

    take: Callable[[str], bytes]
    disk_full: Callable[[], bool]
    lay: Callable[[bytes], None]
    changed: Callable[[], Sequence[tuple[str, int]]]
    keep: Callable[[str], str]


class DockerSandbox:
    """Alive as long as its context; the keeping shell's state is here, where no process of the agent can reach it."""

    def __init__(self, channel: Channel, facts: SandboxFacts, image: PreparedImage, hands: Hands) -> None:
        self._channel, self._facts, self._hands = channel, facts, hands
        self._workdir, self._user = image.workdir, image.user
        self._cwd, self._environment = os.fsencode(image.workdir), ()  # type: tuple[bytes, tuple[bytes, ...]]
        self._tree = TreeWatch(channel, os.fsencode(image.workdir))

    @property
    def facts(self) -> SandboxFacts:
        return self._facts

    def shell(self, command: str, *, deadline: float) -> ShellResult:
        """Both streams in one, as written; where `total` is more than was kept, the first and last halves of what was kept."""
        if "\0" in command:
            return self._not_started("the command holds a NUL byte")
        shell = self._facts.shell.encode()
        argv = (shell, b"-c", SCRIPT, shell.rpartition(b"/")[2], as_bytes(command))
        flags = KEEP_STATE | MERGE | (0 if self._environment else ADD)
        outcome, full = self._run(Command(argv, deadline, flags, cwd=self._cwd, environment=self._environment))
        if outcome.exit is None:
            return self._not_started(os.strerror(decode_error(outcome.error.to_bytes(4, "little"))))
        state = decode_state(outcome.state)
        if state is not None:
            self._cwd, self._environment = state
        told = outcome.exit
        return ShellResult(
            output=outcome.stdout,
            total=told.stdout_total,
            exit_code=told.code,
            ended=ended(outcome, disk_full=full),
            seconds=told.wall_s,
            cwd=self._cwd.decode(errors="replace"),
            state_kept=state is not None,
            killed=told.ended,
        )

    def exec(
        self,
        argv: tuple[str, ...],
        *,
        deadline: float,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Exec:
        if any("\0" in word for word in argv):
            return refused("an argument holds a NUL byte")
        added = tuple(as_bytes(f"{name}={value}") for name, value in (environment or {}).items())
        words = tuple(as_bytes(word) for word in argv)
        home = os.fsencode(self._workdir)
        outcome, full = self._run(Command(words, deadline, ADD, cwd=home, environment=added, stdin=stdin))
        told = outcome.exit
        if told is None:
            return refused(os.strerror(decode_error(outcome.error.to_bytes(4, "little"))))
        return Exec(
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            stdout_total=told.stdout_total,
            stderr_total=told.stderr_total,
            exit_code=told.code,
            ended=ended(outcome, disk_full=full),
            seconds=told.wall_s,
            killed=told.ended,
        )

    def read(self, path: PurePosixPath) -> bytes:
        """Up to 64 MiB; more is an OSError (EFBIG)."""
        whole = self._place(path)
        try:
            return read_whole(self._channel, whole, MAX_FILE)
        except OSError as fault:
            raise OSError(fault.errno, fault.strerror, str(path)) from None

    def write(self, path: PurePosixPath, data: bytes, *, mode: int | None = None) -> None:
        if len(data) > MAX_FILE:
            complain(errno.EFBIG, path)
        self._do("W", encode_write(self._place(path), mode or 0, data), path)

    def remove(self, path: PurePosixPath) -> None:
        self._do("D", text(self._place(path)), path)

    def prime(self) -> TreeDelta:
        return self._tree.look(content=False)

    def changes(self) -> TreeDelta:
        return self._tree.look(content=True)

    def lay(self, entries: Iterable[TreeEntry]) -> None:
        """By the engine's hand, so that modes come as they are and no command's limits bind."""
        for tar in tars(entries, self._workdir, self._user):
            self._hands.lay(tar)

    def kept(self) -> ShellKept:
        return ShellKept(self._cwd, self._environment)

    def restore(self, kept: ShellKept) -> None:
        self._cwd, self._environment = kept.cwd, kept.environment

    def outside(self) -> tuple[str, ...] | None:
        # The engine would compare whole file systems, which takes it a second where a walk takes a tenth; it is asked only where
        # the image's own find does not know enough, or where the agent may have put another in its place.
        if self._user.uid == ROOT:
            return outside([(path, MODIFIED) for path, _ in self._hands.changed()], self._workdir)
        found = self.exec(FIND, deadline=FIND_LIMIT_S)
        whole = found.ended is Ended.EXITED and found.stdout_total == len(found.stdout)
        seen = younger(found.stdout) if whole else None
        return outside(self._hands.changed() if seen is None else seen, self._workdir)

    def keep(self, words: str) -> str:
        return self._hands.keep(words)

    def resources(self) -> Resources:
        """Read by PID 1 itself: a process of the agent's uid could be stopped or rewritten by the agent's others."""
        return read_resources(dict(read_counters(self._channel)))

    def harvest(self, path: PurePosixPath) -> bytes:
        """Member names begin with the folder's last name. Ends every process of the agent first; the last look is over then."""
        self.quiesce()
        held = sum(entry.size for entry in self.prime().entries)
        if held > LONGEST:
            raise WorkspaceTooLargeError(f"the workspace holds {held >> 20} MiB, more than the {LONGEST >> 20} MiB that can be taken out")
        return self._hands.take(str(PurePosixPath(self._workdir) / path))

    def quiesce(self) -> None:
        """End every process but PID 1. Raises SandboxError when one stays."""
        left = 1
        for _ in range(KILL_ALL_TRIES):
            left = int.from_bytes(self._channel.ask("K").payload, "little")
            if not left:
                return
        raise SandboxError(f"{left} processes could not be ended")

    def _run(self, command: Command) -> tuple[Outcome, bool]:
        full = False

        def watch() -> bool:
            nonlocal full
            full = full or self._hands.disk_full()
            return full

        try:
            return self._channel.run(command, watch), full
        except SilenceError:
            # Second rung of the ladder: end everything; the third, removal, is the open context's.
            self.quiesce()
            raise

    def _do(self, kind: str, payload: bytes, path: PurePosixPath) -> None:
        frame = self._channel.ask(kind, payload, patience_s=WALK_PATIENCE_S)
        complain(decode_error(frame.payload) if frame.kind == "F" else 0, path)

    def _place(self, path: PurePosixPath) -> bytes:
        whole = as_bytes(str(PurePosixPath(self._workdir) / path))
        if b"\0" in whole:
            complain(errno.EINVAL, path)
        return whole

    def _not_started(self, why: str) -> ShellResult:
        words = f"longhaul: {why}\n".encode()
        cwd = self._cwd.decode(errors="replace")
        return ShellResult(words, len(words), NOT_STARTED, Ended.EXITED, 0.0, cwd, state_kept=False)


def ended(outcome: Outcome, *, disk_full: bool) -> Ended:
    """Which of several true things is said: a full disk, then the deadline, then memory."""
    told = outcome.exit
    if told is None:
        return Ended.EXITED
    if disk_full or told.code == FILE_TOO_LONG:
        return Ended.DISK
    if told.flags & KILLED:
        return Ended.DEADLINE
    return Ended.MEMORY if told.memory_kills else Ended.EXITED


def refused(why: str) -> Exec:
    """The result of a command that could not be started."""
    words = f"longhaul: {why}\n".encode()
    return Exec(b"", words, 0, len(words), NOT_STARTED, Ended.EXITED, 0.0)


def complain(number: int, path: PurePosixPath) -> None:
    """Raises the OSError that a local call would have raised; nothing for 0."""
    if number:
        raise OSError(number, os.strerror(number), str(path))


def as_bytes(word: str) -> bytes:
    """A model may write lone surrogates: undecodable bytes come back as they were, any other passes as it is."""
    try:
        return word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return word.encode("utf-8", "surrogatepass")
