"""One at a time, in the order of asking."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from sluice.errors import LinkTimeout
from sluice.transport.deadlines import Deadline


class Turns:
    """A queue per key: who asked first goes first, and the next one goes when the turn is over."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, deque[object]] = {}
        self._changed = threading.Condition()

    @contextmanager
    def take(self, key: Hashable, timeout: float | None = None) -> Iterator[None]:
        """Hold the turn of a key for the block; raises LinkTimeout when it does not come in time."""
        ticket = object()
        self._enter(key, ticket, timeout)
        try:
            yield
        finally:
            self._leave(key, ticket)

    def waiting(self, key: Hashable) -> int:
        """How many ask for a key, the one whose turn it is among them."""
        with self._changed:
            return len(self._queues.get(key, ()))

    def _enter(self, key: Hashable, ticket: object, timeout: float | None) -> None:
        deadline = None if timeout is None else Deadline(timeout)
        with self._changed:
            queue = self._queues.setdefault(key, deque())
            queue.append(ticket)
            while queue[0] is not ticket:
                left = None if deadline is None else deadline.left()
                if left == 0.0:
                    self._drop(key, ticket)
                    raise LinkTimeout(f"the turn for {key} did not come in {timeout:g} s")
                self._changed.wait(left)

    def _leave(self, key: Hashable, ticket: object) -> None:
        with self._changed:
            self._drop(key, ticket)

    def _drop(self, key: Hashable, ticket: object) -> None:
        queue = self._queues[key]
        queue.remove(ticket)
        if not queue:
            del self._queues[key]
        self._changed.notify_all()
