"""Worker processes, also when one trial runs at a time: they get short ids on stdin and say on stdout what happens, a JSON object a line."""

from __future__ import annotations

import selectors
import signal
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeAlias

import msgspec

Hear: TypeAlias = Callable[["Line"], None]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a worker says. `event` names an event of a trial; "Settled", "Interrupted", "StoreFailed" and "Died" are about the trial as a whole."""

    trial: str
    event: str
    turn: int = 0
    tool: str = ""
    tokens: int = 0
    cost_usd: float | None = None
    text: str = ""


_DECODER = msgspec.json.Decoder(Line)


class Worker:
    """One process and the trial it has in hand."""

    def __init__(self, argv: tuple[str, ...], log: int) -> None:
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True, bufsize=0
        )
        self.trial = ""
        self._rest = b""

    def give(self, trial: str) -> None:
        """One that died a moment ago takes nothing; the end of its stdout, soon seen, then says so of this trial too."""
        self.trial = trial
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(trial.encode() + b"\n")

    def lines(self, data: bytes) -> list[Line]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [_DECODER.decode(line) for line in whole if line.startswith(b"{")]


class Pool:
    """Runs trials in up to `size` workers until none is left or `stop` is asked for."""

    def __init__(self, argv: tuple[str, ...], size: int, log: int) -> None:
        self._argv, self._size, self._log = argv, size, log
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._stopping = self._draining = False

    def stop(self) -> None:
        """No new trials; those in hand end soon as interrupted. Asked again: workers are killed."""
        for worker in self._workers:
            worker.process.send_signal(signal.SIGKILL if self._stopping else signal.SIGTERM)
        self._stopping = True

    @property
    def _open(self) -> bool:
        return not (self._stopping or self._draining)

    def drain(self) -> None:
        """No new trials; those in hand go on to their end."""
        self._draining = True

    def run(self, trials: Iterable[str], hear: Hear, again: Callable[[str], bool]) -> None:
        """`again` says whether a trial whose worker died is to be given out once more."""
        waiting = list(trials)[::-1]
        while self._workers or (waiting and self._open):
            while waiting and self._open and len(self._workers) < self._size:
                self._start(waiting.pop())
            for key, _ in self._selector.select(timeout=0.2):
                self._heard(key.data, waiting, hear, again)
        self._selector.close()

    def _start(self, trial: str) -> None:
        worker = Worker(self._argv, self._log)
        self._workers.append(worker)
        if self._stopping:  # asked for while the process was being made, when `stop` did not know it yet
            worker.process.send_signal(signal.SIGTERM)
        assert worker.process.stdout
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        worker.give(trial)

    def _heard(self, worker: Worker, waiting: list[str], hear: Hear, again: Callable[[str], bool]) -> None:
        assert worker.process.stdout
        data = worker.process.stdout.read(65536)
        if not data:
            self._gone(worker, waiting, hear, again)
            return
        for line in worker.lines(data):
            if line.event in ("Settled", "Interrupted"):
                worker.trial = ""
            hear(line)
        if not worker.trial:
            self._next(worker, waiting)

    def _next(self, worker: Worker, waiting: list[str]) -> None:
        if waiting and self._open:
            worker.give(waiting.pop())
        elif worker.process.stdin and not worker.process.stdin.closed:
            worker.process.stdin.close()

    def _gone(self, worker: Worker, waiting: list[str], hear: Hear, again: Callable[[str], bool]) -> None:
        assert worker.process.stdout
        self._selector.unregister(worker.process.stdout)
        self._workers.remove(worker)
        code = worker.process.wait()
        worker.process.stdout.close()
        if worker.trial:
            hear(Line(worker.trial, "Died", text=f"the worker process ended with {code}"))
            if not self._stopping and again(worker.trial):
                waiting.append(worker.trial)
