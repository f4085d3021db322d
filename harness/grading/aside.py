"""A run beside another one: in a thread with a container of its own, which waits to be told on what, and hands over its record when asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from types import TracebackType
from typing import Generic, TypeVar

from harness.core.blob import Blob
from harness.core.events import Event
from harness.core.ports import Blobs, Record

Given = TypeVar("Given")
Made = TypeVar("Made")


class OneAtATime:
    """Blobs that two threads may put into."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs, self._lock = blobs, Lock()

    def put(self, data: bytes) -> Blob:
        with self._lock:
            return self._blobs.put(data)

    def get(self, blob: Blob) -> bytes:
        with self._lock:
            return self._blobs.get(blob)


class Aside(Generic[Given, Made]):
    """`work` is called with a way to wait for what it shall do (None: nothing) and a record of its own. Leaving the context ends the wait."""

    def __init__(self, work: Callable[[Callable[[], Given | None], Record], Made]) -> None:
        self._given: Future[Given | None] = Future()
        self._events: list[Event] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._done = self._pool.submit(work, self._given.result, self._events.append)

    def __enter__(self) -> Aside[Given, Made]:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.give(None)
        self._pool.shutdown()

    def give(self, given: Given | None) -> None:
        """Once; what is given later is not looked at."""
        if not self._given.done():
            self._given.set_result(given)

    def wait(self) -> bool:
        """Until it has ended, where it was given anything: whether there was something to wait for."""
        given = self._given.done() and self._given.result() is not None
        if given:
            wait((self._done,))
        return given

    def ended(self, record: Record) -> Made:
        """Wait for its end and put its events on record, in their order. Raises what it raised."""
        made = self._done.result()
        for event in self._events:
            record(event)
        return made
