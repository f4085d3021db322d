"""Worker processes as the pool sees them: short ids go in, a JSON line comes out for each thing that happens, and a process can be told to end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Protocol, TypeAlias

import msgspec

from harness.metrics.row import Row


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a worker says. `event` names an event of a trial; "Settled", "Interrupted", "ModelGone", "StoreFull", "StoreFailed" and "Died" are about the trial as a whole.

    `fill`: share of the window that the last prompt and its reply took; `doing`: what the trial is at since.
    """

    trial: str
    event: str
    turn: int = 0
    tool: str = ""
    tokens: int = 0
    cost_usd: float | None = None
    text: str = ""
    row: Row | None = None
    """Of a trial just settled."""
    fill: float | None = None
    doing: str = ""


_DECODER = msgspec.json.Decoder(Line)


class Process(Protocol):
    """What is needed of a process."""

    def signal(self, number: int) -> None: ...

    def wait(self) -> int:
        """Its exit code, negative for the signal that killed it, once it is gone."""
        ...


class Worker:
    """One process and the trial it has in hand. `stdin` and `stdout` are our ends of its pipes."""

    def __init__(self, process: Process, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.process, self.stdin, self.stdout = process, stdin, stdout
        self.trial = ""
        self._rest = b""

    def give(self, trial: str) -> None:
        """One that died a moment ago takes nothing; the end of its stdout, soon seen, then says so of this trial too."""
        self.trial = trial
        with suppress(BrokenPipeError):
            self.stdin.write(trial.encode() + b"\n")

    def dismiss(self) -> None:
        """No more trials for this one: it ends when it has none in hand."""
        self.stdin.close()

    def lines(self) -> list[Line] | None:
        """What it said since; None when it has ended."""
        data = os.read(self.stdout.fileno(), 65536)
        if not data:
            return None
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [_DECODER.decode(line) for line in whole if line.startswith(b"{")]

    def gone(self) -> int:
        """Close our ends and wait; the exit code."""
        self.stdin.close()
        self.stdout.close()
        return self.process.wait()


Start: TypeAlias = Callable[[], Worker]


class Interpreters:
    """Workers each with an interpreter of its own: for systems where a process that runs can't be forked safely."""

    def __init__(self, argv: tuple[str, ...], log: int) -> None:
        self._argv, self._log = argv, log

    def __call__(self) -> Worker:
        pipe = subprocess.PIPE
        process = subprocess.Popen(self._argv, stdin=pipe, stdout=pipe, stderr=self._log, start_new_session=True, bufsize=0)
        assert process.stdin
        assert process.stdout
        return Worker(_Own(process), process.stdin, process.stdout)


class _Own(msgspec.Struct, frozen=True):
    process: subprocess.Popen[bytes]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        return self.process.wait()
