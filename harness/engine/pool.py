"""Runs trials in worker processes, also when one runs at a time: each free worker gets the next in line whose model may be asked."""

from __future__ import annotations

import selectors
import signal
from collections.abc import Callable
from typing import TypeAlias

from harness.engine.lineup import Lineup
from harness.engine.workers import Line, Start, Worker

Hear: TypeAlias = Callable[[Line], None]
Again: TypeAlias = Callable[[str], bool]


class Pool:
    """Runs trials in up to `size` workers until none is left or `stop` is asked for. It can be given a further line once it is through with one."""

    _selector: selectors.BaseSelector

    def __init__(self, start: Start, size: int) -> None:
        self._start, self._size = start, size
        self._workers: list[Worker] = []
        self._stopping = self._draining = False

    def stop(self) -> None:
        """No new trials; those in hand end soon as interrupted. Asked again: workers are killed."""
        for worker in self._workers:
            worker.process.signal(signal.SIGKILL if self._stopping else signal.SIGTERM)
        self._stopping = True

    def drain(self) -> None:
        """No new trials; those in hand go on to their end."""
        self._draining = True

    @property
    def _open(self) -> bool:
        return not (self._stopping or self._draining)

    def run(self, lineup: Lineup, hear: Hear, again: Again) -> None:
        """`again` says whether a trial whose worker died is to be given out once more."""
        with selectors.DefaultSelector() as self._selector:
            while self._workers or (len(lineup) and self._open):
                self._give_out(lineup)
                for key, _ in self._selector.select(timeout=0.2):
                    self._heard(key.data, lineup, hear, again)

    def _give_out(self, lineup: Lineup) -> None:
        idle = [worker for worker in self._workers if not worker.trial and not worker.stdin.closed]
        while self._open and (idle or len(self._workers) < self._size) and (short := lineup.lease()) is not None:
            (idle.pop() if idle else self._started()).give(short)
        if not (self._open and len(lineup)):
            for worker in idle:
                worker.dismiss()

    def _started(self) -> Worker:
        worker = self._start()
        self._workers.append(worker)
        if self._stopping:  # asked for while the process was being made, when `stop` did not know it yet
            worker.process.signal(signal.SIGTERM)
        self._selector.register(worker.stdout, selectors.EVENT_READ, worker)
        return worker

    def _heard(self, worker: Worker, lineup: Lineup, hear: Hear, again: Again) -> None:
        lines = worker.lines()
        if lines is None:
            self._gone(worker, lineup, hear, again)
            return
        for line in lines:
            if line.event == "ModelGone":
                lineup.shut(line.trial)
            if line.event in ("Settled", "ModelGone") or (line.event == "Interrupted" and self._stopping):
                lineup.done(line.trial)
                worker.trial = ""
            hear(line)

    def _gone(self, worker: Worker, lineup: Lineup, hear: Hear, again: Again) -> None:
        """A worker that was interrupted although nobody asked for it has died, too: its trial is taken up again."""
        self._selector.unregister(worker.stdout)
        self._workers.remove(worker)
        code = worker.gone()
        if not worker.trial:
            return
        hear(Line(worker.trial, "Died", text=f"the worker process ended with {code}"))
        if not self._stopping and again(worker.trial):
            lineup.again(worker.trial)
        else:
            lineup.done(worker.trial)
