"""Getting readings to the collector."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sluice.clients.collector import CollectorClient
from sluice.clients.retry import call_with_retry, is_worth_another_try
from sluice.clock import Clock
from sluice.errors import HttpError, LinkError, SluiceError
from sluice.model.backoff import Backoff
from sluice.model.batches import Batch, split
from sluice.model.readings import Reading
from sluice.services.events import BatchRefused, BatchSent, EventBus
from sluice.stores.spool import Spool


class Forwarder:
    """Spools readings and uploads batches by number, one at a time, however many callers ask for it.

    A batch leaves the spool after the collector has it; one that the collector will never take is laid aside.
    """

    def __init__(
        self,
        spool: Spool,
        collector: CollectorClient,
        bus: EventBus,
        clock: Clock,
        policy: Backoff,
        interval: float = 300.0,
        largest: int = 200,
    ) -> None:
        self._spool = spool
        self._collector = collector
        self._bus = bus
        self._clock = clock
        self._policy = policy
        self._interval = interval
        self._largest = largest
        self._uploading = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None
        self.problem: str | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    def enqueue(self, readings: Sequence[Reading]) -> list[int]:
        """Spool readings; the numbers of their batches. A running forwarder begins to upload them."""
        numbers = [self._spool.put(piece).number for piece in split(readings, self._largest)]
        self._wake.set()
        return numbers

    def flush(self) -> int:
        """Upload what waits, the oldest batch first; how many were taken.

        Stops at the first batch that cannot be delivered now, and raises its error: later ones must not overtake it.
        """
        sent = 0
        with self._uploading:
            for number in self._spool.waiting():
                sent += self._deliver(self._spool.load(number))
        return sent

    def start(self) -> None:
        """Upload in the background: when something is enqueued, and at intervals what could not be delivered."""
        if self._thread is None:
            self._ending = False
            self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the work in the background; an upload on its way is finished first."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ending = True
            self._wake.set()
            thread.join()

    def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            try:
                self.flush()
                self.problem = None
            except SluiceError as error:
                self.problem = str(error)
            if not self._ending:
                self._clock.pause(self._wake, self._interval)

    def _deliver(self, batch: Batch) -> bool:
        """Whether the collector has taken a batch; what it refuses for good is laid aside."""
        try:
            call_with_retry(lambda: self._collector.upload(batch), self._policy, self._clock, self._is_worth_waiting)
        except HttpError as error:
            if not error.is_final:
                raise
            self._spool.refuse(batch.number, str(error))
            self._bus.emit(BatchRefused(batch.number, str(error)))
            return False
        self._spool.drop(batch.number)
        self._bus.emit(BatchSent(batch.number, len(batch.readings)))
        return True

    def _is_worth_waiting(self, error: Exception) -> bool:
        return is_worth_another_try(error) and not (self._ending and isinstance(error, LinkError))
