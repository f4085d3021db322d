"""Open things that are lent, given back, and closed when nobody wants them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sluice.clock import Clock
from sluice.errors import LinkTimeout, PoolClosed
from sluice.transport.deadlines import Deadline


class Closable(Protocol):
    """What a pool holds: a link, or a session over one."""

    @property
    def closed(self) -> bool: ...

    def close(self) -> None: ...


T = TypeVar("T", bound=Closable)


@dataclass
class _Idle(Generic[T]):
    key: Hashable
    item: T
    since: float


class Pool(Generic[T]):
    """At most ``most`` things are open at a time, lent ones and idle ones together.

    Who asks first is served first. A thing comes back to the pool when its block ends well or with one of the
    ``harmless`` exceptions; after anything else its state is unknown, and it is closed.
    """

    def __init__(
        self,
        opener: Callable[[Hashable, float], T],
        clock: Clock,
        most: int = 8,
        idle: float = 60.0,
        harmless: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._opener = opener
        self._clock = clock
        self._most = most
        self._idle_seconds = idle
        self._harmless = harmless
        self._idle: list[_Idle[T]] = []
        self._lent = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()
        self._closed = False

    @property
    def lent(self) -> int:
        return self._lent

    @property
    def idle(self) -> int:
        return len(self._idle)

    @contextmanager
    def lend(self, key: Hashable, timeout: float) -> Iterator[T]:
        """Something open for a key; ``timeout`` is for waiting and, again, for opening.

        Raises LinkTimeout when no room comes free in time, PoolClosed, and whatever the opener raises.
        """
        item = self._take(key, timeout)
        try:
            yield item
        except self._harmless:
            self._give_back(key, item)
            raise
        except BaseException:
            self._discard(item)
            raise
        self._give_back(key, item)

    def close_idle(self) -> int:
        """Close what nobody has wanted for a while; how many."""
        now = self._clock.monotonic()
        with self._changed:
            old = [entry for entry in self._idle if now - entry.since >= self._idle_seconds]
            self._idle = [entry for entry in self._idle if entry not in old]
            self._changed.notify_all()
        for entry in old:
            entry.item.close()
        return len(old)

    def forget(self, key: Hashable) -> None:
        """Close what is idle under a key."""
        with self._changed:
            mine = [entry for entry in self._idle if entry.key == key]
            self._idle = [entry for entry in self._idle if entry.key != key]
            self._changed.notify_all()
        for entry in mine:
            entry.item.close()

    def close(self) -> None:
        """Close what is idle, and lend nothing any more; lent things are closed when they come back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for entry in idle:
            entry.item.close()

    def _take(self, key: Hashable, timeout: float) -> T:
        kept = self._wait_for_room(key, Deadline(timeout))
        if kept is not None:
            return kept
        try:
            return self._opener(key, timeout)
        except BaseException:
            self._free_room()
            raise

    def _wait_for_room(self, key: Hashable, deadline: Deadline) -> T | None:
        """Room for one more; an idle thing of the key comes with it."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while not self._closed and not (self._queue[0] is ticket and self._lent < self._most):
                    left = deadline.left()
                    if left == 0.0:
                        raise LinkTimeout(f"no link came free in {deadline.seconds:g} s")
                    self._changed.wait(left)
                if self._closed:
                    raise PoolClosed("links are not lent any more")
                self._lent += 1
                return self._reuse(key)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _reuse(self, key: Hashable) -> T | None:
        for entry in reversed(self._idle):
            if entry.key == key:
                self._idle.remove(entry)
                if not entry.item.closed:
                    return entry.item
        if self._lent + len(self._idle) > self._most:
            self._idle.pop(0).item.close()
        return None

    def _give_back(self, key: Hashable, item: T) -> None:
        with self._changed:
            self._lent -= 1
            keep = not self._closed and not item.closed
            if keep:
                self._idle.append(_Idle(key, item, self._clock.monotonic()))
            self._changed.notify_all()
        if not keep:
            item.close()

    def _discard(self, item: T) -> None:
        item.close()
        self._free_room()

    def _free_room(self) -> None:
        with self._changed:
            self._lent -= 1
            self._changed.notify_all()
